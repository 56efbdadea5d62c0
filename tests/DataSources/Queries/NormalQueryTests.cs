using Xunit;

namespace TypedPooling.Tests.DataSources.Queries;

/// <summary>Sums by a database against the same rows read one by one.</summary>
public sealed class NormalQueryTests
{
    private static readonly Group<Measurement, string> BySchool = Group.By((Measurement m) => m.School);

    private static readonly Dictionary<string, NormalModel<Measurement>> Models = new()
    {
        ["intercept"] = Of().Varying(BySchool, g => g.Intercept()),
        ["no factor"] = Of().Slope(m => m.X).Slope(m => m.Flag),
        ["slopes"] = Of().Slope(m => m.X).Slope(m => (m.Whole - 1) / 2.5).Varying(BySchool, g => g.Intercept().Slope(m => m.X).Slope(m => m.Flag)),
        ["crossed"] = Of().Slope(m => m.X * m.X)
            .Varying(BySchool, g => g.Intercept()).Varying(Group.By((Measurement m) => m.Class), g => g.Intercept()),
        ["nested"] = Of().Slope(m => Math.Pow(m.X, 2), name: "square").Varying(BySchool, g => g.Intercept())
            .Varying(BySchool.Nested(m => m.Class), g => g.Intercept()),
        ["composite key"] = Of().Varying(Group.By((Measurement m) => new { m.School, m.Class }, "both"), g => g.Intercept()),
        ["enum key"] = Of().Varying(Group.By((Measurement m) => m.Kind), g => g.Intercept()),
        ["group level"] = Of().Varying(BySchool, g => g.Intercept().PredictedBy(m => m.OfSchool).Slope(m => m.X).PredictedBy(m => m.OfSchool)),
        ["categories"] = Of().Categorical(m => m.Label).Categorical(m => m.Kind).Slope(m => m.X).Varying(BySchool, g => g.Intercept()),
        ["reference"] = Of().Categorical(m => m.Label, reference: "b").Varying(Group.By((Measurement m) => m.Class), g => g.Intercept()),
        ["precision"] = Of().PrecisionWeight(m => m.Weight).Slope(m => m.X).Varying(BySchool, g => g.Intercept()),
        ["count"] = Of().Count(m => m.Number).Slope(m => m.X).Varying(BySchool, g => g.Intercept()),
        ["offset"] = Of().Offset(m => m.X).Offset(m => m.Whole).Varying(BySchool, g => g.Intercept()),
        ["known sd"] = PooledModel.Of<Measurement>().Normal(m => m.Y, knownSd: m => m.Sd).Intercept().Varying(BySchool, g => g.Intercept()),
        ["composite record"] = Of().Varying(Group.By((Measurement m) => new Place(m.School, m.Class), "place"), g => g.Intercept()),
        ["two keys of one column"] = Of().Varying(BySchool, g => g.Intercept())
            .Varying(BySchool.Nested(m => m.Kind).Nested(m => m.Class), g => g.Intercept()),
        ["arithmetic key"] = Of().Varying(Group.By((Measurement m) => m.Whole * 10 + m.Class, "cell"), g => g.Intercept()),
        ["category that is a key"] = Of().Categorical(m => m.School).Varying(BySchool, g => g.Slope(m => m.X)),
        ["precision, categories"] = Of().PrecisionWeight(m => m.Weight).Categorical(m => m.Label).Varying(BySchool, g => g.Intercept()),
        ["standardised"] = Of().Standardized().Slope(m => m.X).Varying(BySchool, g => g.Intercept()),
    };

    public sealed record Place(string School, int Class);

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var source in Source.Names)
        {
            foreach (var model in Models.Keys)
                cases.Add(source, model);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sums_of_queries_are_those_of_the_rows_read(string name, string model)
    {
        var rows = Measurement.Some();
        using var source = Source.Of(name, rows);
        SameData.Assert(Models[model].Bind(rows), Models[model].Bind(Models[model].Query(source.Rows)));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    [InlineData("csv")]
    public void Rows_with_missing_values_are_dropped_by_the_database(string name)
    {
        var rows = Measurement.Some(gaps: true);
        var model = Of().DropRowsWithMissingValues().Slope(m => m.Maybe).Categorical(m => m.Label)
            .Varying(Group.By((Measurement m) => m.Teacher), g => g.Intercept());
        using var source = Source.Of(name, rows);
        var data = model.Query(source.Rows);
        Assert.InRange(data.DroppedRowCount, 30, 60);
        SameData.Assert(model.Bind(rows), model.Bind(data));
    }

    [Theory]
    [InlineData("sqlite", "none")]
    [InlineData("parquet", "none")]
    [InlineData("sqlite", "count")]
    [InlineData("parquet", "count")]
    public void The_log_of_a_response_is_taken_by_the_database(string name, string weight)
    {
        var rows = Measurement.Some();
        var model = PooledModel.Of<Measurement>().LogNormal(m => m.Positive).Intercept().Slope(m => m.X).Offset(m => m.OfSchool)
            .Varying(BySchool, g => g.Intercept());
        if (weight == "count")
            model = model.Count(m => m.Number);
        using var source = Source.Of(name, rows);

        // Logarithms of two libraries differ in their last digit.
        SameData.Assert(model.Bind(rows), model.Bind(model.Query(source.Rows)));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public void Digits_are_kept_at_an_offset_of_1e10_sds(string name)
    {
        var rows = Measurement.Some(offset: 1e10);
        var model = Models["slopes"];
        using var source = Source.Of(name, rows);
        SameData.Assert(model.Bind(rows), model.Bind(model.Query(source.Rows)), 1e-9);
    }

    [Theory]
    [InlineData("sqlite", "slopes")]
    [InlineData("parquet", "slopes")]
    [InlineData("sqlite", "precision")]
    [InlineData("parquet", "precision")]
    [InlineData("sqlite", "composite key")]
    [InlineData("parquet", "composite key")]
    [InlineData("sqlite", "categories")]
    [InlineData("parquet", "categories")]
    public void Digits_are_kept_where_groups_lie_1e10_sds_apart(string name, string model)
    {
        var rows = Measurement.Some();
        foreach (var row in rows)
        {
            row.X += Origin(row);
            row.Y -= Origin(row);
        }

        using var source = Source.Of(name, rows);
        var queried = Models[model].Bind(Models[model].Query(source.Rows));

        // The same rows about 0, to the last bit: products about means do not know origins.
        foreach (var row in rows)
        {
            row.X -= Origin(row);
            row.Y += Origin(row);
        }

        SameData.Assert(Models[model].Bind(rows), queried, 1e-9, comparesMeans: false);
        Assert.Contains(source.Sent, sql => sql.Contains("AVG", StringComparison.Ordinal) && sql.Contains("JOIN", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sqlite", "none")]
    [InlineData("parquet", "none")]
    [InlineData("sqlite", "schools")]
    [InlineData("parquet", "schools")]
    public void Digits_are_kept_where_one_row_weighs_1e9_times_the_others(string name, string group)
    {
        var rows = Measurement.Some();
        foreach (var row in rows.Take(11))
            (row.Weight, row.X) = (1e9, row.X + 20);
        var model = Of().PrecisionWeight(m => m.Weight).Slope(m => m.X);
        if (group == "none")
            rows.Skip(1).Take(10).ToList().ForEach(row => row.Weight = 1);
        else
            model = model.Varying(BySchool, g => g.Intercept());
        using var source = Source.Of(name, rows);

        SameData.Assert(model.Bind(rows), model.Bind(model.Query(source.Rows)), 1e-11);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public void A_query_asks_for_at_most_500_numbers(string name)
    {
        var rows = Measurement.Some(60);
        var model = Of().Varying(BySchool, g => g.Intercept());
        for (var k = 1; k <= 40; k++)
        {
            var scale = k;
            model = model.Slope(m => m.X * scale + m.Whole * m.OfSchool, name: "x" + k);
        }

        using var source = Source.Of(name, rows);
        SameData.Assert(model.Bind(rows), model.Bind(model.Query(source.Rows)));

        // 42 products of 41 columns over 2 and 41 sums are 902.
        int[] sums = [.. source.Sent.Select(sql => sql.Split("SUM(").Length - 1)];
        Assert.Equal(902, sums.Sum());
        Assert.Equal(499, sums.Max());
    }

    [Fact]
    public void Constants_that_are_equal_once_are_not_taken_for_equal_again()
    {
        // A provider that keeps the plans of queries has X and Y with one mean first.
        var model = Models["slopes"];
        foreach (var shift in (double[])[0, 3, 0])
        {
            var rows = Measurement.Some();
            foreach (var row in rows)
            {
                row.X = row.Whole + shift;
                row.Y = (row.Whole - 1) / 2.5 + row.Id % 3 - shift;
                row.Flag = row.Whole > 0;
            }

            using var source = Source.Of("parquet", rows);
            SameData.Assert(model.Bind(rows), model.Bind(model.Query(source.Rows)));
        }
    }

    [Fact]
    public void Objects_in_memory_are_a_source_too()
    {
        var rows = Measurement.Some();
        SameData.Assert(Models["slopes"].Bind(rows), Models["slopes"].Bind(Models["slopes"].Query(rows.AsQueryable())));
    }

    [Fact]
    public void No_row_is_no_fault_of_the_query()
    {
        using var source = Source.Of("sqlite", []);
        var data = Models["slopes"].Query(source.Rows);
        Assert.Equal(0, data.RowCount);
        Assert.Equal(ProblemCode.NoRows, Assert.Throws<ModelException>(() => Models["slopes"].Bind(data)).Code);
    }

    private static double Origin(Measurement row) => 1e10 * (row.School[^1] - 'F');

    // The prior of sigma has a floor: groups that lie far apart leave next to no residual.
    private static NormalModel<Measurement> Of() => PooledModel.Of<Measurement>().Normal(m => m.Y, sigma: Prior.Uniform(0.01, 5)).Intercept();
}
