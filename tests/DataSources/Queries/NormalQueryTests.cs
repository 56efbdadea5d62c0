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
        ["crossed"] = Of().Slope(m => m.X * m.X).Varying(BySchool, g => g.Intercept()).Varying(Group.By((Measurement m) => m.Class), g => g.Intercept()),
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
        ["standardised"] = Of().Standardized().Slope(m => m.X).Varying(BySchool, g => g.Intercept()),
    };

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

    private static NormalModel<Measurement> Of() => PooledModel.Of<Measurement>().Normal(m => m.Y).Intercept();
}
