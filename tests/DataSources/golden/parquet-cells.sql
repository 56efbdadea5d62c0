SELECT
	group_2.School,
	group_2.Value_1,
	group_2.Value_2,
	group_2.Exposure,
	COUNT(*)
FROM
	(
		SELECT
			group_1.School,
			CASE
				WHEN group_1.Flag THEN 1
				ELSE 0
			END as Value_1,
			CAST(group_1."Events" AS DOUBLE) * 1 as Value_2,
			group_1.Exposure
		FROM
			read_parquet('rows.parquet') group_1
	) group_2
GROUP BY
	group_2.School,
	group_2.Value_1,
	group_2.Value_2,
	group_2.Exposure
