SELECT "m"."Class", "m"."School", COUNT(*), CAST(COUNT(CASE
    WHEN "m"."X" >= -1.7976931348623157E+308 AND "m"."X" <= 1.7976931348623157E+308 THEN 1
END) AS REAL), CAST(COUNT(CASE
    WHEN "m"."Y" >= -1.7976931348623157E+308 AND "m"."Y" <= 1.7976931348623157E+308 THEN 1
END) AS REAL), AVG("m"."X"), MIN("m"."X"), MAX("m"."X"), AVG("m"."Y"), MIN("m"."Y"), MAX("m"."Y")
FROM "Measurements" AS "m"
WHERE "m"."Label" IS NOT NULL
GROUP BY "m"."Class", "m"."School"

SELECT "m"."Class" AS "Value", "m"."School" AS "Value", COUNT(*) AS "Rows", '[]' AS "Numbers"
FROM "Measurements" AS "m"
GROUP BY "m"."Class", "m"."School"

SELECT "m"."Class" AS "Value", "m"."School" AS "Value", "m"."Label" AS "Value", COUNT(*) AS "Rows", '[]' AS "Numbers"
FROM "Measurements" AS "m"
WHERE "m"."Label" IS NOT NULL
GROUP BY "m"."Class", "m"."School", "m"."Label"

SELECT "m"."Class", "m"."School", COUNT(*), CAST(COUNT(CASE
    WHEN "m"."Label" = @Value THEN 1
END) AS REAL), CAST(COUNT(CASE
    WHEN "m"."Label" = @Value1 THEN 1
END) AS REAL), CAST(COUNT(CASE
    WHEN "m"."Label" = @Value2 THEN 1
END) AS REAL), CAST(COUNT(CASE
    WHEN "m"."Label" = @Value3 THEN 1
END) AS REAL), COALESCE(SUM("m"."X" - @constant), 0.0), COALESCE(SUM(CASE
    WHEN "m"."Label" = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6), 0.0), COALESCE(SUM(CASE
    WHEN "m"."Label" = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8), 0.0), COALESCE(SUM(CASE
    WHEN "m"."Label" = @Value9 THEN 1.0
    ELSE 0.0
END - @constant10), 0.0), COALESCE(SUM(CASE
    WHEN "m"."Label" = @Value11 THEN 1.0
    ELSE 0.0
END - @constant12), 0.0), COALESCE(SUM("m"."Y" - @constant13), 0.0), COALESCE(SUM(("m"."X" - @constant) * ("m"."X" - @constant)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6) * ("m"."X" - @constant)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6) * (CASE
    WHEN "m"."Label" = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8) * ("m"."X" - @constant)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8) * (CASE
    WHEN "m"."Label" = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8) * (CASE
    WHEN "m"."Label" = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value9 THEN 1.0
    ELSE 0.0
END - @constant10) * ("m"."X" - @constant)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value9 THEN 1.0
    ELSE 0.0
END - @constant10) * (CASE
    WHEN "m"."Label" = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value9 THEN 1.0
    ELSE 0.0
END - @constant10) * (CASE
    WHEN "m"."Label" = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value9 THEN 1.0
    ELSE 0.0
END - @constant10) * (CASE
    WHEN "m"."Label" = @Value9 THEN 1.0
    ELSE 0.0
END - @constant10)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value11 THEN 1.0
    ELSE 0.0
END - @constant12) * ("m"."X" - @constant)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value11 THEN 1.0
    ELSE 0.0
END - @constant12) * (CASE
    WHEN "m"."Label" = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value11 THEN 1.0
    ELSE 0.0
END - @constant12) * (CASE
    WHEN "m"."Label" = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value11 THEN 1.0
    ELSE 0.0
END - @constant12) * (CASE
    WHEN "m"."Label" = @Value9 THEN 1.0
    ELSE 0.0
END - @constant10)), 0.0), COALESCE(SUM((CASE
    WHEN "m"."Label" = @Value11 THEN 1.0
    ELSE 0.0
END - @constant12) * (CASE
    WHEN "m"."Label" = @Value11 THEN 1.0
    ELSE 0.0
END - @constant12)), 0.0), COALESCE(SUM(("m"."Y" - @constant13) * ("m"."X" - @constant)), 0.0), COALESCE(SUM(("m"."Y" - @constant13) * (CASE
    WHEN "m"."Label" = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6)), 0.0), COALESCE(SUM(("m"."Y" - @constant13) * (CASE
    WHEN "m"."Label" = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8)), 0.0), COALESCE(SUM(("m"."Y" - @constant13) * (CASE
    WHEN "m"."Label" = @Value9 THEN 1.0
    ELSE 0.0
END - @constant10)), 0.0), COALESCE(SUM(("m"."Y" - @constant13) * (CASE
    WHEN "m"."Label" = @Value11 THEN 1.0
    ELSE 0.0
END - @constant12)), 0.0), COALESCE(SUM(("m"."Y" - @constant13) * ("m"."Y" - @constant13)), 0.0)
FROM "Measurements" AS "m"
WHERE "m"."Label" IS NOT NULL
GROUP BY "m"."Class", "m"."School"
