SELECT "m0"."School" AS "Value", "m0"."Value", "m0"."Value0" AS "Value", "m0"."Exposure" AS "Value", COUNT(*) AS "Rows", '[]' AS "Numbers"
FROM (
    SELECT "m"."Exposure", "m"."School", CASE
        WHEN "m"."Flag" THEN 1.0
        ELSE 0.0
    END AS "Value", CAST("m"."Events" AS REAL) * 1.0 AS "Value0"
    FROM "Measurements" AS "m"
) AS "m0"
GROUP BY "m0"."School", "m0"."Value", "m0"."Value0", "m0"."Exposure"
