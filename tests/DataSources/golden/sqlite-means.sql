SELECT "m"."School", COUNT(*), CAST(COUNT(CASE
    WHEN (CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5 >= -1.7976931348623157E+308 AND (CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5 <= 1.7976931348623157E+308 THEN 1
END) AS REAL), CAST(COUNT(CASE
    WHEN "m"."Y" >= -1.7976931348623157E+308 AND "m"."Y" <= 1.7976931348623157E+308 THEN 1
END) AS REAL), AVG((CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5), MIN((CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5), MAX((CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5), AVG("m"."Y"), MIN("m"."Y"), MAX("m"."Y")
FROM "Measurements" AS "m"
GROUP BY "m"."School"

SELECT "m"."School", COUNT(*), COALESCE(SUM((CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5 - @constant), 0.0), COALESCE(SUM("m"."Y" - @constant1), 0.0), COALESCE(SUM(((CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5 - @constant) * ((CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5 - @constant)), 0.0), COALESCE(SUM(("m"."Y" - @constant1) * ((CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5 - @constant)), 0.0), COALESCE(SUM(("m"."Y" - @constant1) * ("m"."Y" - @constant1)), 0.0)
FROM "Measurements" AS "m"
GROUP BY "m"."School"

SELECT "m"."School", COUNT(*), MIN("m1"."Value0"), MIN("m1"."Value1"), COALESCE(SUM((CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5 - "m1"."Value0"), 0.0), COALESCE(SUM("m"."Y" - "m1"."Value1"), 0.0), COALESCE(SUM(((CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5 - "m1"."Value0") * ((CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5 - "m1"."Value0")), 0.0), COALESCE(SUM(("m"."Y" - "m1"."Value1") * ((CAST("m"."Whole" - 1 AS REAL) * 1.0) / 2.5 - "m1"."Value0")), 0.0), COALESCE(SUM(("m"."Y" - "m1"."Value1") * ("m"."Y" - "m1"."Value1")), 0.0)
FROM "Measurements" AS "m"
INNER JOIN (
    SELECT "m0"."School" AS "Value", AVG((CAST("m0"."Whole" - 1 AS REAL) * 1.0) / 2.5) AS "Value0", AVG("m0"."Y") AS "Value1"
    FROM "Measurements" AS "m0"
    GROUP BY "m0"."School"
) AS "m1" ON "m"."School" = "m1"."Value"
GROUP BY "m"."School"
