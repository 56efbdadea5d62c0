SELECT
	group_1.School,
	COUNT(*),
	COUNT(CASE
		WHEN (CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5 >= -1.7976931348623157E+308 AND (CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5 <= 1.7976931348623157E+308
			THEN 1
		ELSE NULL
	END),
	COUNT(CASE
		WHEN group_1.Y >= -1.7976931348623157E+308 AND group_1.Y <= 1.7976931348623157E+308
			THEN 1
		ELSE NULL
	END),
	AVG((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5),
	MIN((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5),
	MAX((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5),
	AVG(group_1.Y),
	MIN(group_1.Y),
	MAX(group_1.Y)
FROM
	read_parquet('rows.parquet') group_1
GROUP BY
	group_1.School

SELECT
	group_1.School,
	COUNT(*),
	SUM((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5 - $constant),
	SUM(group_1.Y - $constant_1),
	SUM(((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5 - $constant) * ((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5 - $constant)),
	SUM((group_1.Y - $constant_1) * ((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5 - $constant)),
	SUM((group_1.Y - $constant_1) * (group_1.Y - $constant_1))
FROM
	read_parquet('rows.parquet') group_1
GROUP BY
	group_1.School

SELECT
	group_2.School,
	COUNT(*),
	MIN(means.Value_1),
	MIN(means.Value_2),
	SUM((CAST(group_2.Whole - 1 AS DOUBLE) * 1) / 2.5 - means.Value_1),
	SUM(group_2.Y - means.Value_2),
	SUM(((CAST(group_2.Whole - 1 AS DOUBLE) * 1) / 2.5 - means.Value_1) * ((CAST(group_2.Whole - 1 AS DOUBLE) * 1) / 2.5 - means.Value_1)),
	SUM((group_2.Y - means.Value_2) * ((CAST(group_2.Whole - 1 AS DOUBLE) * 1) / 2.5 - means.Value_1)),
	SUM((group_2.Y - means.Value_2) * (group_2.Y - means.Value_2))
FROM
	read_parquet('rows.parquet') group_2
		INNER JOIN (
			SELECT
				group_1.School,
				AVG((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5) as Value_1,
				AVG(group_1.Y) as Value_2
			FROM
				read_parquet('rows.parquet') group_1
			GROUP BY
				group_1.School
		) means ON group_2.School = means.School OR group_2.School IS NULL AND means.School IS NULL
GROUP BY
	group_2.School
