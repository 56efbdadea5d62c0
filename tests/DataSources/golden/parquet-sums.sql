SELECT
	group_1."Class",
	group_1.School,
	COUNT(*),
	COUNT(CASE
		WHEN group_1.X >= -1.7976931348623157E+308 AND group_1.X <= 1.7976931348623157E+308
			THEN 1
		ELSE NULL
	END),
	COUNT(CASE
		WHEN group_1.Y >= -1.7976931348623157E+308 AND group_1.Y <= 1.7976931348623157E+308
			THEN 1
		ELSE NULL
	END),
	AVG(group_1.X),
	MIN(group_1.X),
	MAX(group_1.X),
	AVG(group_1.Y),
	MIN(group_1.Y),
	MAX(group_1.Y)
FROM
	read_parquet('rows.parquet') group_1
WHERE
	group_1.School IS NOT NULL AND group_1.Label IS NOT NULL
GROUP BY
	group_1."Class",
	group_1.School

SELECT
	group_1."Class",
	group_1.School,
	COUNT(*)
FROM
	read_parquet('rows.parquet') group_1
GROUP BY
	group_1."Class",
	group_1.School

SELECT
	group_1."Class",
	group_1.School,
	group_1.Label,
	COUNT(*)
FROM
	read_parquet('rows.parquet') group_1
WHERE
	group_1.School IS NOT NULL AND group_1.Label IS NOT NULL
GROUP BY
	group_1."Class",
	group_1.School,
	group_1.Label

SELECT
	group_1."Class",
	group_1.School,
	COUNT(*),
	COUNT(CASE
		WHEN group_1.Label = $Value THEN 1
		ELSE NULL
	END),
	COUNT(CASE
		WHEN group_1.Label = $Value_1 THEN 1
		ELSE NULL
	END),
	COUNT(CASE
		WHEN group_1.Label = $Value_2 THEN 1
		ELSE NULL
	END),
	COUNT(CASE
		WHEN group_1.Label = $Value_3 THEN 1
		ELSE NULL
	END),
	SUM(group_1.X - $constant),
	SUM(CASE
		WHEN group_1.Label = $Value THEN 1
		ELSE 0
	END - $constant_1),
	SUM(CASE
		WHEN group_1.Label = $Value_1 THEN 1
		ELSE 0
	END - $constant_1),
	SUM(CASE
		WHEN group_1.Label = $Value_2 THEN 1
		ELSE 0
	END - $constant_1),
	SUM(CASE
		WHEN group_1.Label = $Value_3 THEN 1
		ELSE 0
	END - $constant_1),
	SUM(group_1.Y - $constant_2),
	SUM((group_1.X - $constant) * (group_1.X - $constant)),
	SUM((CASE
		WHEN group_1.Label = $Value THEN 1
		ELSE 0
	END - $constant_1) * (group_1.X - $constant)),
	SUM((CASE
		WHEN group_1.Label = $Value THEN 1
		ELSE 0
	END - $constant_1) * (CASE
		WHEN group_1.Label = $Value THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((CASE
		WHEN group_1.Label = $Value_1 THEN 1
		ELSE 0
	END - $constant_1) * (group_1.X - $constant)),
	SUM((CASE
		WHEN group_1.Label = $Value_1 THEN 1
		ELSE 0
	END - $constant_1) * (CASE
		WHEN group_1.Label = $Value THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((CASE
		WHEN group_1.Label = $Value_1 THEN 1
		ELSE 0
	END - $constant_1) * (CASE
		WHEN group_1.Label = $Value_1 THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((CASE
		WHEN group_1.Label = $Value_2 THEN 1
		ELSE 0
	END - $constant_1) * (group_1.X - $constant)),
	SUM((CASE
		WHEN group_1.Label = $Value_2 THEN 1
		ELSE 0
	END - $constant_1) * (CASE
		WHEN group_1.Label = $Value THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((CASE
		WHEN group_1.Label = $Value_2 THEN 1
		ELSE 0
	END - $constant_1) * (CASE
		WHEN group_1.Label = $Value_1 THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((CASE
		WHEN group_1.Label = $Value_2 THEN 1
		ELSE 0
	END - $constant_1) * (CASE
		WHEN group_1.Label = $Value_2 THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((CASE
		WHEN group_1.Label = $Value_3 THEN 1
		ELSE 0
	END - $constant_1) * (group_1.X - $constant)),
	SUM((CASE
		WHEN group_1.Label = $Value_3 THEN 1
		ELSE 0
	END - $constant_1) * (CASE
		WHEN group_1.Label = $Value THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((CASE
		WHEN group_1.Label = $Value_3 THEN 1
		ELSE 0
	END - $constant_1) * (CASE
		WHEN group_1.Label = $Value_1 THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((CASE
		WHEN group_1.Label = $Value_3 THEN 1
		ELSE 0
	END - $constant_1) * (CASE
		WHEN group_1.Label = $Value_2 THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((CASE
		WHEN group_1.Label = $Value_3 THEN 1
		ELSE 0
	END - $constant_1) * (CASE
		WHEN group_1.Label = $Value_3 THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((group_1.Y - $constant_2) * (group_1.X - $constant)),
	SUM((group_1.Y - $constant_2) * (CASE
		WHEN group_1.Label = $Value THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((group_1.Y - $constant_2) * (CASE
		WHEN group_1.Label = $Value_1 THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((group_1.Y - $constant_2) * (CASE
		WHEN group_1.Label = $Value_2 THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((group_1.Y - $constant_2) * (CASE
		WHEN group_1.Label = $Value_3 THEN 1
		ELSE 0
	END - $constant_1)),
	SUM((group_1.Y - $constant_2) * (group_1.Y - $constant_2))
FROM
	read_parquet('rows.parquet') group_1
WHERE
	group_1.School IS NOT NULL AND group_1.Label IS NOT NULL
GROUP BY
	group_1."Class",
	group_1.School
