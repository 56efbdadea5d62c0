using System.Globalization;

namespace TypedPooling.Tests.DataSources.Recipes;

/// <summary>The visits of the café data, the model of the README, and their data by the plain verb: what every recipe must give, bit by bit.</summary>
internal static class Visits
{
    public static NormalModel<Visit> Model { get; } = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Slope(v => v.Afternoon)
        .Varying(Group.By((Visit v) => v.Cafe), g => g.Intercept().Slope(v => v.Afternoon));

    public static IReadOnlyList<Visit> Rows { get; } =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "cafe.csv")).Skip(1).Select(line => line.Split(',')).Select(fields =>
            new Visit("Café " + fields[0], fields[1] == "1", double.Parse(fields[2], CultureInfo.InvariantCulture))),
    ];

    /// <summary>Asserts that data are those of <see cref="Rows"/>, bit by bit.</summary>
    public static void AreTheRowsOf(ModelData<Visit> data)
    {
        Xunit.Assert.Equal(400, data.RowCount);
        Xunit.Assert.Equal(StoredBytes.Of(Model.Read(Rows)), StoredBytes.Of(data));
    }
}
