-- case: Bernoulli
SELECT m0.site AS "Value", m0.kind AS "Value", m0."Value", m0."Value0" AS "Value", count(*) AS "Rows", ARRAY[]::double precision[] AS "Numbers"
FROM (
    SELECT m.kind, m.site, m.floor::double precision * 1.0 AS "Value", CASE
        WHEN m.broken THEN 1.0
        ELSE 0.0
    END AS "Value0"
    FROM measurements AS m
) AS m0
GROUP BY m0.site, m0.kind, m0."Value", m0."Value0"

-- case: Binomial
SELECT m0.line AS "Value", m0.site AS "Value", m0."Value", m0."Value0" AS "Value", count(*) AS "Rows", ARRAY[]::double precision[] AS "Numbers"
FROM (
    SELECT m.line, m.site, m.events::double precision * 1.0 AS "Value", m.trials::double precision * 1.0 AS "Value0"
    FROM measurements AS m
) AS m0
GROUP BY m0.line, m0.site, m0."Value", m0."Value0"

-- case: Counts
SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m.floor::double precision * 1.0 >= # AND m.floor::double precision * 1.0 <= #)::double precision,count(*) FILTER (WHERE m.y >= # AND m.y <= #)::double precision,count(*) FILTER (WHERE m.times::double precision * 1.0 >= # AND m.times::double precision * 1.0 <= # AND m.times::double precision * 1.0 >= 1.0 AND m.times::double precision * 1.0 <= 9007199254740992.0 AND floor(m.times::double precision * 1.0) = m.times::double precision * 1.0)::double precision,avg(m.floor::double precision * 1.0),min(m.floor::double precision * 1.0),max(m.floor::double precision * 1.0),avg(m.y),min(m.y),max(m.y)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[COALESCE(sum(m.times::double precision * 1.0), 0.0),COALESCE(sum((m.times::double precision * 1.0) * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum((m.times::double precision * 1.0) * (m.y - @constant1)), 0.0),COALESCE(sum(((m.times::double precision * 1.0) * (m.floor::double precision * 1.0 - @constant)) * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum(((m.times::double precision * 1.0) * (m.y - @constant1)) * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum(((m.times::double precision * 1.0) * (m.y - @constant1)) * (m.y - @constant1)), 0.0)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

-- case: Crossed keys and categories
SELECT m.site AS "Value", m.line AS "Value", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m.y >= # AND m.y <= #)::double precision,avg(m.y),min(m.y),max(m.y)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site, m.line

SELECT m.site AS "Value", m.line AS "Value", m.kind AS "Value", count(*) AS "Rows", ARRAY[]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site, m.line, m.kind

SELECT m.site AS "Value", m.line AS "Value", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m.kind = @Value)::double precision,count(*) FILTER (WHERE m.kind = @Value1)::double precision,count(*) FILTER (WHERE m.kind = @Value2)::double precision,COALESCE(sum(CASE
    WHEN m.kind = @Value3 THEN 1.0
    ELSE 0.0
END - @constant), 0.0),COALESCE(sum(CASE
    WHEN m.kind = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6), 0.0),COALESCE(sum(CASE
    WHEN m.kind = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8), 0.0),COALESCE(sum(m.y - @constant9), 0.0),COALESCE(sum((CASE
    WHEN m.kind = @Value3 THEN 1.0
    ELSE 0.0
END - @constant) * (CASE
    WHEN m.kind = @Value3 THEN 1.0
    ELSE 0.0
END - @constant)), 0.0),COALESCE(sum((CASE
    WHEN m.kind = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6) * (CASE
    WHEN m.kind = @Value3 THEN 1.0
    ELSE 0.0
END - @constant)), 0.0),COALESCE(sum((CASE
    WHEN m.kind = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6) * (CASE
    WHEN m.kind = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6)), 0.0),COALESCE(sum((CASE
    WHEN m.kind = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8) * (CASE
    WHEN m.kind = @Value3 THEN 1.0
    ELSE 0.0
END - @constant)), 0.0),COALESCE(sum((CASE
    WHEN m.kind = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8) * (CASE
    WHEN m.kind = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6)), 0.0),COALESCE(sum((CASE
    WHEN m.kind = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8) * (CASE
    WHEN m.kind = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8)), 0.0),COALESCE(sum((m.y - @constant9) * (CASE
    WHEN m.kind = @Value3 THEN 1.0
    ELSE 0.0
END - @constant)), 0.0),COALESCE(sum((m.y - @constant9) * (CASE
    WHEN m.kind = @Value5 THEN 1.0
    ELSE 0.0
END - @constant6)), 0.0),COALESCE(sum((m.y - @constant9) * (CASE
    WHEN m.kind = @Value7 THEN 1.0
    ELSE 0.0
END - @constant8)), 0.0),COALESCE(sum((m.y - @constant9) * (m.y - @constant9)), 0.0)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site, m.line

-- case: Far from 0
SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m.far >= # AND m.far <= #)::double precision,count(*) FILTER (WHERE m.y >= # AND m.y <= #)::double precision,avg(m.far),min(m.far),max(m.far),avg(m.y),min(m.y),max(m.y)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[COALESCE(sum(m.far - @constant), 0.0),COALESCE(sum(m.y - @constant1), 0.0),COALESCE(sum((m.far - @constant) * (m.far - @constant)), 0.0),COALESCE(sum((m.y - @constant1) * (m.far - @constant)), 0.0),COALESCE(sum((m.y - @constant1) * (m.y - @constant1)), 0.0)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

-- case: Far from one another
SELECT m.line AS "Value", m.site AS "Value", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m.apart >= # AND m.apart <= #)::double precision,count(*) FILTER (WHERE m.y >= # AND m.y <= #)::double precision,avg(m.apart),min(m.apart),max(m.apart),avg(m.y),min(m.y),max(m.y)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.line, m.site

SELECT m.line AS "Value", m.site AS "Value", count(*) AS "Rows", ARRAY[COALESCE(sum(m.apart - @constant), 0.0),COALESCE(sum(m.y - @constant1), 0.0),COALESCE(sum((m.apart - @constant) * (m.apart - @constant)), 0.0),COALESCE(sum((m.y - @constant1) * (m.apart - @constant)), 0.0),COALESCE(sum((m.y - @constant1) * (m.y - @constant1)), 0.0)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.line, m.site

SELECT m.line AS "Value", m.site AS "Value", count(*) AS "Rows", ARRAY[min(m1."Value1"),min(m1."Value2"),COALESCE(sum(m.apart - m1."Value1"), 0.0),COALESCE(sum(m.y - m1."Value2"), 0.0),COALESCE(sum((m.apart - m1."Value1") * (m.apart - m1."Value1")), 0.0),COALESCE(sum((m.y - m1."Value2") * (m.apart - m1."Value1")), 0.0),COALESCE(sum((m.y - m1."Value2") * (m.y - m1."Value2")), 0.0)]::double precision[] AS "Numbers"
FROM measurements AS m
INNER JOIN (
    SELECT m0.line AS "Value", m0.site AS "Value0", avg(m0.apart) AS "Value1", avg(m0.y) AS "Value2"
    FROM measurements AS m0
    GROUP BY m0.line, m0.site
) AS m1 ON m.line = m1."Value" AND m.site = m1."Value0"
GROUP BY m.line, m.site

-- case: Gamma
SELECT m0.site AS "Value", m0."Value", m0.positive AS "Value", count(*) AS "Rows", ARRAY[]::double precision[] AS "Numbers"
FROM (
    SELECT m.positive, m.site, m.floor::double precision * 1.0 AS "Value"
    FROM measurements AS m
) AS m0
GROUP BY m0.site, m0."Value", m0.positive

-- case: Intercepts and slopes
SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m.floor::double precision * 1.0 >= # AND m.floor::double precision * 1.0 <= #)::double precision,count(*) FILTER (WHERE m.y >= # AND m.y <= #)::double precision,avg(m.floor::double precision * 1.0),min(m.floor::double precision * 1.0),max(m.floor::double precision * 1.0),avg(m.y),min(m.y),max(m.y)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[COALESCE(sum(m.floor::double precision * 1.0 - @constant), 0.0),COALESCE(sum(m.y - @constant1), 0.0),COALESCE(sum((m.floor::double precision * 1.0 - @constant) * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum((m.y - @constant1) * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum((m.y - @constant1) * (m.y - @constant1)), 0.0)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

-- case: Known errors
SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m.y >= # AND m.y <= #)::double precision,count(*) FILTER (WHERE m.weight >= # AND m.weight <= # AND m.weight >= # AND m.weight <= #)::double precision,avg(m.y),min(m.y),max(m.y)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[COALESCE(sum(CASE
    WHEN 1.0 / (m.weight * m.weight) > 0.0 THEN ln(1.0 / (m.weight * m.weight))
    ELSE 0.0
END), 0.0),COALESCE(sum(1.0 / (1.0 / (m.weight * m.weight))), 0.0),COALESCE(sum(1.0 / (m.weight * m.weight)), 0.0),COALESCE(sum((1.0 / (m.weight * m.weight)) * (m.y - @constant)), 0.0),COALESCE(sum(((1.0 / (m.weight * m.weight)) * (m.y - @constant)) * (m.y - @constant)), 0.0),COALESCE(sum(m.y - @constant), 0.0),COALESCE(sum((m.y - @constant) * (m.y - @constant)), 0.0)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

-- case: Logs
SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m.floor::double precision * 1.0 >= # AND m.floor::double precision * 1.0 <= #)::double precision,count(*) FILTER (WHERE m.positive >= # AND m.positive <= # AND m.positive > 0.0)::double precision,avg(m.floor::double precision * 1.0),min(m.floor::double precision * 1.0),max(m.floor::double precision * 1.0),avg(CASE
    WHEN m.positive > 0.0 THEN ln(m.positive)
    ELSE 0.0
END),min(CASE
    WHEN m.positive > 0.0 THEN ln(m.positive)
    ELSE 0.0
END),max(CASE
    WHEN m.positive > 0.0 THEN ln(m.positive)
    ELSE 0.0
END)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[COALESCE(sum(CASE
    WHEN m.positive > 0.0 THEN ln(m.positive)
    ELSE 0.0
END), 0.0),COALESCE(sum(m.floor::double precision * 1.0 - @constant), 0.0),COALESCE(sum(CASE
    WHEN m.positive > 0.0 THEN ln(m.positive)
    ELSE 0.0
END - @constant1), 0.0),COALESCE(sum((m.floor::double precision * 1.0 - @constant) * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum((CASE
    WHEN m.positive > 0.0 THEN ln(m.positive)
    ELSE 0.0
END - @constant1) * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum((CASE
    WHEN m.positive > 0.0 THEN ln(m.positive)
    ELSE 0.0
END - @constant1) * (CASE
    WHEN m.positive > 0.0 THEN ln(m.positive)
    ELSE 0.0
END - @constant1)), 0.0)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

-- case: Missing values
SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m.x >= # AND m.x <= #)::double precision,count(*) FILTER (WHERE m.y >= # AND m.y <= #)::double precision,avg(m.x),min(m.x),max(m.x),avg(m.y),min(m.y),max(m.y)]::double precision[] AS "Numbers"
FROM measurements AS m
WHERE m.x IS NOT NULL
GROUP BY m.site

SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[COALESCE(sum(m.x - @constant), 0.0),COALESCE(sum(m.y - @constant1), 0.0),COALESCE(sum((m.x - @constant) * (m.x - @constant)), 0.0),COALESCE(sum((m.y - @constant1) * (m.x - @constant)), 0.0),COALESCE(sum((m.y - @constant1) * (m.y - @constant1)), 0.0)]::double precision[] AS "Numbers"
FROM measurements AS m
WHERE m.x IS NOT NULL
GROUP BY m.site

-- case: NegativeBinomial
SELECT m0.site AS "Value", m0."Value", m0."Value0" AS "Value", count(*) AS "Rows", ARRAY[]::double precision[] AS "Numbers"
FROM (
    SELECT m.site, m.events::double precision * 1.0 AS "Value", m.trials::double precision * 1.0 AS "Value0"
    FROM measurements AS m
) AS m0
GROUP BY m0.site, m0."Value", m0."Value0"

-- case: Nested keys
SELECT m.site AS "Value", m.line AS "Value", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m.y >= # AND m.y <= #)::double precision,avg(m.y),min(m.y),max(m.y)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site, m.line

SELECT m.site AS "Value", m.line AS "Value", count(*) AS "Rows", ARRAY[COALESCE(sum(m.y - @constant), 0.0),COALESCE(sum((m.y - @constant) * (m.y - @constant)), 0.0)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site, m.line

-- case: Poisson
SELECT m0.site AS "Value", m0."Value", m0."Value0" AS "Value", m0.weight AS "Value", count(*) AS "Rows", ARRAY[]::double precision[] AS "Numbers"
FROM (
    SELECT m.site, m.weight, m.floor::double precision * 1.0 AS "Value", m.events::double precision * 1.0 AS "Value0"
    FROM measurements AS m
) AS m0
GROUP BY m0.site, m0."Value", m0."Value0", m0.weight

-- case: StudentT
SELECT m.site AS "Value", m.y AS "Value", count(*) AS "Rows", ARRAY[]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site, m.y

-- case: Weights and an offset
SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m.floor::double precision * 1.0 >= # AND m.floor::double precision * 1.0 <= #)::double precision,count(*) FILTER (WHERE m.y >= # AND m.y <= #)::double precision,count(*) FILTER (WHERE m.weight >= # AND m.weight <= # AND m.weight > 0.0)::double precision,count(*) FILTER (WHERE m.positive >= # AND m.positive <= #)::double precision,avg(m.floor::double precision * 1.0),min(m.floor::double precision * 1.0),max(m.floor::double precision * 1.0),avg(m.y - m.positive),min(m.y - m.positive),max(m.y - m.positive)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

SELECT m.site AS "Value", count(*) AS "Rows", ARRAY[COALESCE(sum(CASE
    WHEN m.weight > 0.0 THEN ln(m.weight)
    ELSE 0.0
END), 0.0),COALESCE(sum(1.0 / m.weight), 0.0),COALESCE(sum(m.weight), 0.0),COALESCE(sum(m.weight * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum(m.weight * ((m.y - m.positive) - @constant1)), 0.0),COALESCE(sum((m.weight * (m.floor::double precision * 1.0 - @constant)) * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum((m.weight * ((m.y - m.positive) - @constant1)) * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum((m.weight * ((m.y - m.positive) - @constant1)) * ((m.y - m.positive) - @constant1)), 0.0),COALESCE(sum(m.floor::double precision * 1.0 - @constant), 0.0),COALESCE(sum((m.y - m.positive) - @constant1), 0.0),COALESCE(sum((m.floor::double precision * 1.0 - @constant) * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum(((m.y - m.positive) - @constant1) * (m.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum(((m.y - m.positive) - @constant1) * ((m.y - m.positive) - @constant1)), 0.0)]::double precision[] AS "Numbers"
FROM measurements AS m
GROUP BY m.site

-- case: Without groups
SELECT m0."Key", count(*) AS "Rows", ARRAY[count(*) FILTER (WHERE m0.floor::double precision * 1.0 >= # AND m0.floor::double precision * 1.0 <= #)::double precision,count(*) FILTER (WHERE CASE
    WHEN m0.broken THEN 1.0
    ELSE 0.0
END >= # AND CASE
    WHEN m0.broken THEN 1.0
    ELSE 0.0
END <= #)::double precision,count(*) FILTER (WHERE m0.y >= # AND m0.y <= #)::double precision,avg(m0.floor::double precision * 1.0),min(m0.floor::double precision * 1.0),max(m0.floor::double precision * 1.0),avg(CASE
    WHEN m0.broken THEN 1.0
    ELSE 0.0
END),min(CASE
    WHEN m0.broken THEN 1.0
    ELSE 0.0
END),max(CASE
    WHEN m0.broken THEN 1.0
    ELSE 0.0
END),avg(m0.y),min(m0.y),max(m0.y)]::double precision[] AS "Numbers"
FROM (
    SELECT m.broken, m.floor, m.y, 0 AS "Key"
    FROM measurements AS m
) AS m0
GROUP BY m0."Key"

SELECT m0."Key", count(*) AS "Rows", ARRAY[COALESCE(sum(m0.floor::double precision * 1.0 - @constant), 0.0),COALESCE(sum(CASE
    WHEN m0.broken THEN 1.0
    ELSE 0.0
END - @constant1), 0.0),COALESCE(sum(m0.y - @constant2), 0.0),COALESCE(sum((m0.floor::double precision * 1.0 - @constant) * (m0.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum((CASE
    WHEN m0.broken THEN 1.0
    ELSE 0.0
END - @constant1) * (m0.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum((CASE
    WHEN m0.broken THEN 1.0
    ELSE 0.0
END - @constant1) * (CASE
    WHEN m0.broken THEN 1.0
    ELSE 0.0
END - @constant1)), 0.0),COALESCE(sum((m0.y - @constant2) * (m0.floor::double precision * 1.0 - @constant)), 0.0),COALESCE(sum((m0.y - @constant2) * (CASE
    WHEN m0.broken THEN 1.0
    ELSE 0.0
END - @constant1)), 0.0),COALESCE(sum((m0.y - @constant2) * (m0.y - @constant2)), 0.0)]::double precision[] AS "Numbers"
FROM (
    SELECT m.broken, m.floor, m.y, 0 AS "Key"
    FROM measurements AS m
) AS m0
GROUP BY m0."Key"
