using TypedPooling.Data;
using Xunit;

namespace TypedPooling.Tests.DataSources.Queries;

/// <summary>Cells by a database against the same rows read one by one, for every family that has cells.</summary>
public sealed class CellQueryTests
{
    private static readonly Group<Measurement, string> BySchool = Group.By((Measurement m) => m.School);

    private static readonly Dictionary<string, Both> Models = new()
    {
        ["Bernoulli"] = Of(PooledModel.Of<Measurement>().Bernoulli(m => m.Flag).Intercept().Slope(m => m.Whole)
            .Varying(BySchool, g => g.Intercept())),
        ["Binomial"] = Of(PooledModel.Of<Measurement>().Binomial(m => m.Successes, m => m.Trials).Intercept().Slope(m => m.X)
            .Varying(BySchool.Nested(m => m.Class), g => g.Intercept())),
        ["Poisson"] = Of(PooledModel.Of<Measurement>().Poisson(m => m.Events, exposure: m => m.Exposure).Intercept().Categorical(m => m.Label)
            .Varying(BySchool, g => g.Intercept()).Varying(Group.By((Measurement m) => m.Class), g => g.Intercept())),
        ["Poisson with offset"] = Of(PooledModel.Of<Measurement>().Poisson(m => m.Events).Intercept().Offset(m => m.OfSchool).Offset(m => m.Whole)
            .Varying(BySchool, g => g.Intercept())),
        ["Poisson with count"] = Of(PooledModel.Of<Measurement>().Poisson(m => m.Events).Count(m => m.Number).Intercept().Categorical(m => m.Kind)
            .Varying(BySchool, g => g.Intercept())),
        ["NegativeBinomial"] = Of(PooledModel.Of<Measurement>().NegativeBinomial(m => m.Events, exposure: m => m.Exposure).Intercept()
            .Slope(m => m.Flag).Varying(BySchool, g => g.Intercept())),
        ["Gamma"] = Of(PooledModel.Of<Measurement>().Gamma(m => m.Positive).Intercept().Slope(m => m.X).Varying(BySchool, g => g.Intercept())),
        ["Beta"] = Of(PooledModel.Of<Measurement>().Beta(m => m.Share).Intercept().Slope(m => m.X).Varying(BySchool, g => g.Intercept())),
        ["StudentT"] = Of(PooledModel.Of<Measurement>().StudentT(m => m.Y).Intercept().Slope(m => m.X).Varying(BySchool, g => g.Intercept())),
        ["no factor"] = Of(PooledModel.Of<Measurement>().Poisson(m => m.Events).Intercept().Slope(m => m.Whole)),
    };

    private sealed record Both(Func<IEnumerable<Measurement>, CellBoundModel> Read, Func<IQueryable<Measurement>, CellBoundModel> Query);

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
    public void Cells_of_a_query_are_those_of_the_rows_read(string name, string model)
    {
        var rows = Measurement.Some();
        using var source = Source.Of(name, rows);
        SameData.Assert(Models[model].Read(rows), Models[model].Query(source.Rows));

        // Labels are not ASCII, so only the database knows which of them are equal.
        Assert.Equal(model == "Poisson" ? 2 : 1, source.Sent.Count);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public void Rows_with_missing_values_are_dropped(string name)
    {
        var rows = Measurement.Some(gaps: true);
        var model = PooledModel.Of<Measurement>().Poisson(m => m.Events).DropRowsWithMissingValues().Intercept().Slope(m => m.Maybe)
            .Categorical(m => m.Label).Varying(Group.By((Measurement m) => m.Teacher), g => g.Intercept());
        using var source = Source.Of(name, rows);
        var data = model.Query(source.Rows);
        Assert.InRange(data.DroppedRowCount, 30, 60);
        SameData.Assert(model.Bind(rows), model.Bind(data));
    }

    private static Both Of<TSelf, TFit, TLikelihoodFit>(CellsModel<Measurement, TSelf, TFit, TLikelihoodFit> model)
        where TSelf : CellsModel<Measurement, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<Measurement>
        where TLikelihoodFit : Fit<Measurement>, ILikelihoodFit<Measurement> =>
        new(model.Bind, rows => model.Bind(model.Query(rows)));
}
