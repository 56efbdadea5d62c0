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
	group_1.School,
	COUNT(*),
	MIN(t1.Value_1),
	MIN(t1.Value_2),
	SUM((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5 - t1.Value_1),
	SUM(group_1.Y - t1.Value_2),
	SUM(((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5 - t1.Value_1) * ((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5 - t1.Value_1)),
	SUM((group_1.Y - t1.Value_2) * ((CAST(group_1.Whole - 1 AS DOUBLE) * 1) / 2.5 - t1.Value_1)),
	SUM((group_1.Y - t1.Value_2) * (group_1.Y - t1.Value_2))
FROM
	read_parquet('rows.parquet') group_1
		INNER JOIN (
			SELECT
				AVG((CAST(means.Whole - 1 AS DOUBLE) * 1) / 2.5) as Value_1,
				AVG(means.Y) as Value_2,
				means.School
			FROM
				read_parquet('rows.parquet') means
			GROUP BY
				means.School
		) t1 ON group_1.School = t1.School
GROUP BY
	group_1.School
