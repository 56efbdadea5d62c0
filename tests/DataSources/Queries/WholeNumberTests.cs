using Xunit;

namespace TypedPooling.Tests.DataSources.Queries;

/// <summary>Columns that are no doubles: a provider may give a constant beside one the type of the column, and with it another value.</summary>
public sealed class WholeNumberTests
{
    public static TheoryData<string> Sources => [.. Source.Names];

    [Theory]
    [MemberData(nameof(Sources))]
    public void Whole_numbers_are_summed_as_doubles(string name)
    {
        var rows = Measurement.Some();
        using var source = Source.Of(name, rows);
        var model = PooledModel.Of<Measurement>().Normal(m => m.Events).Intercept().Slope(m => m.Whole).Slope(m => m.Number * 0.5 - 1.25)
            .Slope(m => (m.Class - 0.3) * m.X, name: "product").Offset(m => m.Trials - 0.7)
            .Varying(Group.By((Measurement m) => m.School), g => g.Intercept());

        SameData.Assert(model.Bind(rows), model.Bind(model.Query(source.Rows)));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Whole_numbers_of_cells_are_doubles(string name)
    {
        var rows = Measurement.Some();
        using var source = Source.Of(name, rows);
        var model = PooledModel.Of<Measurement>().Binomial(m => m.Successes, m => m.Trials).Intercept().Slope(m => m.Whole - 0.5)
            .Offset(m => m.Number / 4.0).Varying(Group.By((Measurement m) => m.School), g => g.Intercept());

        SameData.Assert(model.Bind(rows), model.Bind(model.Query(source.Rows)));
    }
}
