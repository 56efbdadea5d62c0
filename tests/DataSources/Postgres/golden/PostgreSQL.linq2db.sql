-- case: Bernoulli
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_2."Site",
	group_2."Kind",
	group_2."Value_1",
	group_2."Value_2",
	COUNT(*)
FROM
	(
		SELECT
			group_1.site as "Site",
			group_1.kind as "Kind",
			group_1.floor::Float * 1 as "Value_1",
			CASE
				WHEN group_1.broken THEN 1
				ELSE 0
			END as "Value_2"
		FROM
			measurements group_1
	) group_2
GROUP BY
	group_2."Site",
	group_2."Kind",
	group_2."Value_1",
	group_2."Value_2"

-- case: Binomial
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_2."Line",
	group_2."Site",
	group_2."Value_1",
	group_2."Value_2",
	COUNT(*)
FROM
	(
		SELECT
			group_1.line as "Line",
			group_1.site as "Site",
			group_1.events::Float * 1 as "Value_1",
			group_1.trials::Float * 1 as "Value_2"
		FROM
			measurements group_1
	) group_2
GROUP BY
	group_2."Line",
	group_2."Site",
	group_2."Value_1",
	group_2."Value_2"

-- case: Counts
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.floor::Float * 1 >= # AND group_1.floor::Float * 1 <= #),
	COUNT(*) FILTER (WHERE group_1.y >= # AND group_1.y <= #),
	COUNT(*) FILTER (WHERE group_1.times::Float * 1 >= # AND group_1.times::Float * 1 <= # AND group_1.times::Float * 1 >= 1 AND group_1.times::Float * 1 <= 9007199254740992 AND Floor(group_1.times::Float * 1) = group_1.times::Float * 1),
	AVG(group_1.floor::Float * 1),
	MIN(group_1.floor::Float * 1),
	MAX(group_1.floor::Float * 1),
	AVG(group_1.y),
	MIN(group_1.y),
	MAX(group_1.y)
FROM
	measurements group_1
GROUP BY
	group_1.site

-- PostgreSQL.15 PostgreSQL12
DECLARE @constant Double
SET     @constant = 1.5
DECLARE @constant_1 Double
SET     @constant_1 = #

SELECT
	group_1.site,
	COUNT(*),
	SUM(group_1.times::Float * 1),
	SUM((group_1.times::Float * 1) * (group_1.floor::Float * 1 - :constant)),
	SUM((group_1.times::Float * 1) * (group_1.y - :constant_1)),
	SUM(((group_1.times::Float * 1) * (group_1.floor::Float * 1 - :constant)) * (group_1.floor::Float * 1 - :constant)),
	SUM(((group_1.times::Float * 1) * (group_1.y - :constant_1)) * (group_1.floor::Float * 1 - :constant)),
	SUM(((group_1.times::Float * 1) * (group_1.y - :constant_1)) * (group_1.y - :constant_1))
FROM
	measurements group_1
GROUP BY
	group_1.site

-- case: Crossed keys and categories
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	group_1.line,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.y >= # AND group_1.y <= #),
	AVG(group_1.y),
	MIN(group_1.y),
	MAX(group_1.y)
FROM
	measurements group_1
GROUP BY
	group_1.site,
	group_1.line

-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	group_1.line,
	group_1.kind,
	COUNT(*)
FROM
	measurements group_1
GROUP BY
	group_1.site,
	group_1.line,
	group_1.kind

-- PostgreSQL.15 PostgreSQL12
DECLARE @Value Text(6) -- String
SET     @Value = 'coarse'
DECLARE @Value_1 Text(4) -- String
SET     @Value_1 = 'fine'
DECLARE @Value_2 Text(5) -- String
SET     @Value_2 = 'plain'
DECLARE @constant Double
SET     @constant = 0
DECLARE @constant_1 Double
SET     @constant_1 = #

SELECT
	group_1.site,
	group_1.line,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.kind = :Value),
	COUNT(*) FILTER (WHERE group_1.kind = :Value_1),
	COUNT(*) FILTER (WHERE group_1.kind = :Value_2),
	SUM(CASE
		WHEN group_1.kind = :Value THEN 1
		ELSE 0
	END - :constant),
	SUM(CASE
		WHEN group_1.kind = :Value_1 THEN 1
		ELSE 0
	END - :constant),
	SUM(CASE
		WHEN group_1.kind = :Value_2 THEN 1
		ELSE 0
	END - :constant),
	SUM(group_1.y - :constant_1),
	SUM((CASE
		WHEN group_1.kind = :Value THEN 1
		ELSE 0
	END - :constant) * (CASE
		WHEN group_1.kind = :Value THEN 1
		ELSE 0
	END - :constant)),
	SUM((CASE
		WHEN group_1.kind = :Value_1 THEN 1
		ELSE 0
	END - :constant) * (CASE
		WHEN group_1.kind = :Value THEN 1
		ELSE 0
	END - :constant)),
	SUM((CASE
		WHEN group_1.kind = :Value_1 THEN 1
		ELSE 0
	END - :constant) * (CASE
		WHEN group_1.kind = :Value_1 THEN 1
		ELSE 0
	END - :constant)),
	SUM((CASE
		WHEN group_1.kind = :Value_2 THEN 1
		ELSE 0
	END - :constant) * (CASE
		WHEN group_1.kind = :Value THEN 1
		ELSE 0
	END - :constant)),
	SUM((CASE
		WHEN group_1.kind = :Value_2 THEN 1
		ELSE 0
	END - :constant) * (CASE
		WHEN group_1.kind = :Value_1 THEN 1
		ELSE 0
	END - :constant)),
	SUM((CASE
		WHEN group_1.kind = :Value_2 THEN 1
		ELSE 0
	END - :constant) * (CASE
		WHEN group_1.kind = :Value_2 THEN 1
		ELSE 0
	END - :constant)),
	SUM((group_1.y - :constant_1) * (CASE
		WHEN group_1.kind = :Value THEN 1
		ELSE 0
	END - :constant)),
	SUM((group_1.y - :constant_1) * (CASE
		WHEN group_1.kind = :Value_1 THEN 1
		ELSE 0
	END - :constant)),
	SUM((group_1.y - :constant_1) * (CASE
		WHEN group_1.kind = :Value_2 THEN 1
		ELSE 0
	END - :constant)),
	SUM((group_1.y - :constant_1) * (group_1.y - :constant_1))
FROM
	measurements group_1
GROUP BY
	group_1.site,
	group_1.line

-- case: Far from 0
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.far >= # AND group_1.far <= #),
	COUNT(*) FILTER (WHERE group_1.y >= # AND group_1.y <= #),
	AVG(group_1.far),
	MIN(group_1.far),
	MAX(group_1.far),
	AVG(group_1.y),
	MIN(group_1.y),
	MAX(group_1.y)
FROM
	measurements group_1
GROUP BY
	group_1.site

-- PostgreSQL.15 PostgreSQL12
DECLARE @constant Double
SET     @constant = #
DECLARE @constant_1 Double
SET     @constant_1 = #

SELECT
	group_1.site,
	COUNT(*),
	SUM(group_1.far - :constant),
	SUM(group_1.y - :constant_1),
	SUM((group_1.far - :constant) * (group_1.far - :constant)),
	SUM((group_1.y - :constant_1) * (group_1.far - :constant)),
	SUM((group_1.y - :constant_1) * (group_1.y - :constant_1))
FROM
	measurements group_1
GROUP BY
	group_1.site

-- case: Far from one another
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.line,
	group_1.site,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.apart >= # AND group_1.apart <= #),
	COUNT(*) FILTER (WHERE group_1.y >= # AND group_1.y <= #),
	AVG(group_1.apart),
	MIN(group_1.apart),
	MAX(group_1.apart),
	AVG(group_1.y),
	MIN(group_1.y),
	MAX(group_1.y)
FROM
	measurements group_1
GROUP BY
	group_1.line,
	group_1.site

-- PostgreSQL.15 PostgreSQL12
DECLARE @constant Double
SET     @constant = 295000000000
DECLARE @constant_1 Double
SET     @constant_1 = #

SELECT
	group_1.line,
	group_1.site,
	COUNT(*),
	SUM(group_1.apart - :constant),
	SUM(group_1.y - :constant_1),
	SUM((group_1.apart - :constant) * (group_1.apart - :constant)),
	SUM((group_1.y - :constant_1) * (group_1.apart - :constant)),
	SUM((group_1.y - :constant_1) * (group_1.y - :constant_1))
FROM
	measurements group_1
GROUP BY
	group_1.line,
	group_1.site

-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.line,
	group_1.site,
	COUNT(*),
	MIN(t1."Value_1"),
	MIN(t1."Value_2"),
	SUM(group_1.apart - t1."Value_1"),
	SUM(group_1.y - t1."Value_2"),
	SUM((group_1.apart - t1."Value_1") * (group_1.apart - t1."Value_1")),
	SUM((group_1.y - t1."Value_2") * (group_1.apart - t1."Value_1")),
	SUM((group_1.y - t1."Value_2") * (group_1.y - t1."Value_2"))
FROM
	measurements group_1
		INNER JOIN (
			SELECT
				AVG(means.apart) as "Value_1",
				AVG(means.y) as "Value_2",
				means.line,
				means.site
			FROM
				measurements means
			GROUP BY
				means.line,
				means.site
		) t1 ON group_1.line = t1.line AND (group_1.site = t1.site OR group_1.site IS NULL AND t1.site IS NULL)
GROUP BY
	group_1.line,
	group_1.site

-- case: Gamma
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_2."Site",
	group_2."Value_1",
	group_2."Positive_1",
	COUNT(*)
FROM
	(
		SELECT
			group_1.site as "Site",
			group_1.floor::Float * 1 as "Value_1",
			group_1.positive as "Positive_1"
		FROM
			measurements group_1
	) group_2
GROUP BY
	group_2."Site",
	group_2."Value_1",
	group_2."Positive_1"

-- case: Intercepts and slopes
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.floor::Float * 1 >= # AND group_1.floor::Float * 1 <= #),
	COUNT(*) FILTER (WHERE group_1.y >= # AND group_1.y <= #),
	AVG(group_1.floor::Float * 1),
	MIN(group_1.floor::Float * 1),
	MAX(group_1.floor::Float * 1),
	AVG(group_1.y),
	MIN(group_1.y),
	MAX(group_1.y)
FROM
	measurements group_1
GROUP BY
	group_1.site

-- PostgreSQL.15 PostgreSQL12
DECLARE @constant Double
SET     @constant = 1.5
DECLARE @constant_1 Double
SET     @constant_1 = #

SELECT
	group_1.site,
	COUNT(*),
	SUM(group_1.floor::Float * 1 - :constant),
	SUM(group_1.y - :constant_1),
	SUM((group_1.floor::Float * 1 - :constant) * (group_1.floor::Float * 1 - :constant)),
	SUM((group_1.y - :constant_1) * (group_1.floor::Float * 1 - :constant)),
	SUM((group_1.y - :constant_1) * (group_1.y - :constant_1))
FROM
	measurements group_1
GROUP BY
	group_1.site

-- case: Known errors
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.y >= # AND group_1.y <= #),
	COUNT(*) FILTER (WHERE group_1.weight >= # AND group_1.weight <= # AND group_1.weight >= # AND group_1.weight <= #),
	AVG(group_1.y),
	MIN(group_1.y),
	MAX(group_1.y)
FROM
	measurements group_1
GROUP BY
	group_1.site

-- PostgreSQL.15 PostgreSQL12
DECLARE @constant Double
SET     @constant = #

SELECT
	group_1.site,
	COUNT(*),
	SUM(CASE
		WHEN 1 / (group_1.weight * group_1.weight) > 0 THEN Ln(1 / (group_1.weight * group_1.weight))
		ELSE 0
	END),
	SUM(1 / (1 / (group_1.weight * group_1.weight))),
	SUM(1 / (group_1.weight * group_1.weight)),
	SUM((1 / (group_1.weight * group_1.weight)) * (group_1.y - :constant)),
	SUM(((1 / (group_1.weight * group_1.weight)) * (group_1.y - :constant)) * (group_1.y - :constant)),
	SUM(group_1.y - :constant),
	SUM((group_1.y - :constant) * (group_1.y - :constant))
FROM
	measurements group_1
GROUP BY
	group_1.site

-- case: Logs
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.floor::Float * 1 >= # AND group_1.floor::Float * 1 <= #),
	COUNT(*) FILTER (WHERE group_1.positive >= # AND group_1.positive <= # AND group_1.positive > 0),
	AVG(group_1.floor::Float * 1),
	MIN(group_1.floor::Float * 1),
	MAX(group_1.floor::Float * 1),
	AVG(CASE
		WHEN group_1.positive > 0 THEN Ln(group_1.positive)
		ELSE 0
	END),
	MIN(CASE
		WHEN group_1.positive > 0 THEN Ln(group_1.positive)
		ELSE 0
	END),
	MAX(CASE
		WHEN group_1.positive > 0 THEN Ln(group_1.positive)
		ELSE 0
	END)
FROM
	measurements group_1
GROUP BY
	group_1.site

-- PostgreSQL.15 PostgreSQL12
DECLARE @constant Double
SET     @constant = 1.5
DECLARE @constant_1 Double
SET     @constant_1 = #

SELECT
	group_1.site,
	COUNT(*),
	SUM(CASE
		WHEN group_1.positive > 0 THEN Ln(group_1.positive)
		ELSE 0
	END),
	SUM(group_1.floor::Float * 1 - :constant),
	SUM(CASE
		WHEN group_1.positive > 0 THEN Ln(group_1.positive)
		ELSE 0
	END - :constant_1),
	SUM((group_1.floor::Float * 1 - :constant) * (group_1.floor::Float * 1 - :constant)),
	SUM((CASE
		WHEN group_1.positive > 0 THEN Ln(group_1.positive)
		ELSE 0
	END - :constant_1) * (group_1.floor::Float * 1 - :constant)),
	SUM((CASE
		WHEN group_1.positive > 0 THEN Ln(group_1.positive)
		ELSE 0
	END - :constant_1) * (CASE
		WHEN group_1.positive > 0 THEN Ln(group_1.positive)
		ELSE 0
	END - :constant_1))
FROM
	measurements group_1
GROUP BY
	group_1.site

-- case: Missing values
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.x >= # AND group_1.x <= #),
	COUNT(*) FILTER (WHERE group_1.y >= # AND group_1.y <= #),
	AVG(group_1.x),
	MIN(group_1.x),
	MAX(group_1.x),
	AVG(group_1.y),
	MIN(group_1.y),
	MAX(group_1.y)
FROM
	measurements group_1
WHERE
	group_1.x IS NOT NULL AND group_1.site IS NOT NULL
GROUP BY
	group_1.site

-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	COUNT(*)
FROM
	measurements group_1
GROUP BY
	group_1.site

-- PostgreSQL.15 PostgreSQL12
DECLARE @constant Double
SET     @constant = #
DECLARE @constant_1 Double
SET     @constant_1 = #

SELECT
	group_1.site,
	COUNT(*),
	SUM(group_1.x - :constant),
	SUM(group_1.y - :constant_1),
	SUM((group_1.x - :constant) * (group_1.x - :constant)),
	SUM((group_1.y - :constant_1) * (group_1.x - :constant)),
	SUM((group_1.y - :constant_1) * (group_1.y - :constant_1))
FROM
	measurements group_1
WHERE
	group_1.x IS NOT NULL AND group_1.site IS NOT NULL
GROUP BY
	group_1.site

-- case: NegativeBinomial
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_2."Site",
	group_2."Value_1",
	group_2."Value_2",
	COUNT(*)
FROM
	(
		SELECT
			group_1.site as "Site",
			group_1.events::Float * 1 as "Value_1",
			group_1.trials::Float * 1 as "Value_2"
		FROM
			measurements group_1
	) group_2
GROUP BY
	group_2."Site",
	group_2."Value_1",
	group_2."Value_2"

-- case: Nested keys
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	group_1.line,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.y >= # AND group_1.y <= #),
	AVG(group_1.y),
	MIN(group_1.y),
	MAX(group_1.y)
FROM
	measurements group_1
GROUP BY
	group_1.site,
	group_1.line

-- PostgreSQL.15 PostgreSQL12
DECLARE @constant Double
SET     @constant = #

SELECT
	group_1.site,
	group_1.line,
	COUNT(*),
	SUM(group_1.y - :constant),
	SUM((group_1.y - :constant) * (group_1.y - :constant))
FROM
	measurements group_1
GROUP BY
	group_1.site,
	group_1.line

-- case: Poisson
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_2."Site",
	group_2."Value_1",
	group_2."Value_2",
	group_2."Weight",
	COUNT(*)
FROM
	(
		SELECT
			group_1.site as "Site",
			group_1.floor::Float * 1 as "Value_1",
			group_1.events::Float * 1 as "Value_2",
			group_1.weight as "Weight"
		FROM
			measurements group_1
	) group_2
GROUP BY
	group_2."Site",
	group_2."Value_1",
	group_2."Value_2",
	group_2."Weight"

-- case: StudentT
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	group_1.y,
	COUNT(*)
FROM
	measurements group_1
GROUP BY
	group_1.site,
	group_1.y

-- case: Weights and an offset
-- PostgreSQL.15 PostgreSQL12
SELECT
	group_1.site,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.floor::Float * 1 >= # AND group_1.floor::Float * 1 <= #),
	COUNT(*) FILTER (WHERE group_1.y >= # AND group_1.y <= #),
	COUNT(*) FILTER (WHERE group_1.weight >= # AND group_1.weight <= # AND group_1.weight > 0),
	COUNT(*) FILTER (WHERE group_1.positive >= # AND group_1.positive <= #),
	AVG(group_1.floor::Float * 1),
	MIN(group_1.floor::Float * 1),
	MAX(group_1.floor::Float * 1),
	AVG(group_1.y - group_1.positive),
	MIN(group_1.y - group_1.positive),
	MAX(group_1.y - group_1.positive)
FROM
	measurements group_1
GROUP BY
	group_1.site

-- PostgreSQL.15 PostgreSQL12
DECLARE @constant Double
SET     @constant = 1.5
DECLARE @constant_1 Double
SET     @constant_1 = #

SELECT
	group_1.site,
	COUNT(*),
	SUM(CASE
		WHEN group_1.weight > 0 THEN Ln(group_1.weight)
		ELSE 0
	END),
	SUM(1 / group_1.weight),
	SUM(group_1.weight),
	SUM(group_1.weight * (group_1.floor::Float * 1 - :constant)),
	SUM(group_1.weight * ((group_1.y - group_1.positive) - :constant_1)),
	SUM((group_1.weight * (group_1.floor::Float * 1 - :constant)) * (group_1.floor::Float * 1 - :constant)),
	SUM((group_1.weight * ((group_1.y - group_1.positive) - :constant_1)) * (group_1.floor::Float * 1 - :constant)),
	SUM((group_1.weight * ((group_1.y - group_1.positive) - :constant_1)) * ((group_1.y - group_1.positive) - :constant_1)),
	SUM(group_1.floor::Float * 1 - :constant),
	SUM((group_1.y - group_1.positive) - :constant_1),
	SUM((group_1.floor::Float * 1 - :constant) * (group_1.floor::Float * 1 - :constant)),
	SUM(((group_1.y - group_1.positive) - :constant_1) * (group_1.floor::Float * 1 - :constant)),
	SUM(((group_1.y - group_1.positive) - :constant_1) * ((group_1.y - group_1.positive) - :constant_1))
FROM
	measurements group_1
GROUP BY
	group_1.site

-- case: Without groups
-- PostgreSQL.15 PostgreSQL12
SELECT
	0,
	COUNT(*),
	COUNT(*) FILTER (WHERE group_1.floor::Float * 1 >= # AND group_1.floor::Float * 1 <= #),
	COUNT(*) FILTER (WHERE 1 = 1),
	COUNT(*) FILTER (WHERE group_1.y >= # AND group_1.y <= #),
	AVG(group_1.floor::Float * 1),
	MIN(group_1.floor::Float * 1),
	MAX(group_1.floor::Float * 1),
	AVG(CASE
		WHEN group_1.broken THEN 1
		ELSE 0
	END),
	MIN(CASE
		WHEN group_1.broken THEN 1
		ELSE 0
	END),
	MAX(CASE
		WHEN group_1.broken THEN 1
		ELSE 0
	END),
	AVG(group_1.y),
	MIN(group_1.y),
	MAX(group_1.y)
FROM
	measurements group_1

-- PostgreSQL.15 PostgreSQL12
DECLARE @constant Double
SET     @constant = 1.5
DECLARE @constant_1 Double
SET     @constant_1 = #
DECLARE @constant_2 Double
SET     @constant_2 = #

SELECT
	0,
	COUNT(*),
	SUM(group_1.floor::Float * 1 - :constant),
	SUM(CASE
		WHEN group_1.broken THEN 1
		ELSE 0
	END - :constant_1),
	SUM(group_1.y - :constant_2),
	SUM((group_1.floor::Float * 1 - :constant) * (group_1.floor::Float * 1 - :constant)),
	SUM((CASE
		WHEN group_1.broken THEN 1
		ELSE 0
	END - :constant_1) * (group_1.floor::Float * 1 - :constant)),
	SUM((CASE
		WHEN group_1.broken THEN 1
		ELSE 0
	END - :constant_1) * (CASE
		WHEN group_1.broken THEN 1
		ELSE 0
	END - :constant_1)),
	SUM((group_1.y - :constant_2) * (group_1.floor::Float * 1 - :constant)),
	SUM((group_1.y - :constant_2) * (CASE
		WHEN group_1.broken THEN 1
		ELSE 0
	END - :constant_1)),
	SUM((group_1.y - :constant_2) * (group_1.y - :constant_2))
FROM
	measurements group_1
