using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Reference;

/// <summary>Shares of variance of fits by maximum likelihood against the formulas written out in R for fits by glmer
/// (tests/reference/README.md).</summary>
public sealed class VarianceShareReferenceTests
{
    private static readonly Group<Line, string> ByGroup = Group.By((Line l) => l.Group, "group");

    [Theory]
    [InlineData("cbpp", 6)]
    [InlineData("counts", 12)]
    public void Shares_are_those_of_the_formulas_at_glmers_estimates(string name, int count)
    {
        Fit<Line> fit = name == "cbpp"
            ? PooledModel.Of<Line>().Binomial(l => l.Y, l => l.Size).Intercept().Categorical(l => l.Period).Varying(ByGroup, g => g.Intercept())
                .Fit(Rows("cbpp", "herd", "incidence", "size", "period"), Engine.MaximumLikelihood)
            : PooledModel.Of<Line>().Poisson(l => l.Y).Offset(l => Math.Log(l.Size)).Intercept().Slope(l => l.X).Varying(ByGroup, g => g.Intercept())
                .Fit(Rows("counts", "group", "y", "exposure", null), Engine.MaximumLikelihood);
        var rows = ReferenceFile.Read("reference/variance_shares.csv").Rows.Where(row => row.Text("case") == name).ToArray();

        Assert.Equal(count, rows.Length);
        foreach (var row in rows)
        {
            var parts = row.Text("quantity").Split(' ');
            var scale = Enum.Parse<VarianceScale>(parts[0]);
            var ours = parts[1] switch
            {
                "marginal" => fit.MarginalRSquaredOn(scale),
                "conditional" => fit.ConditionalRSquaredOn(scale),
                _ => fit.Icc(ByGroup, scale),
            };
            Assert.Equal(row.Number("value"), ours.Mean, 1e-5);
        }
    }

    private static Line[] Rows(string file, string group, string y, string size, string? period) =>
        [.. ReferenceFile.Read($"data/{file}.csv").Rows.Select(row => new Line(
            row.Text(group),
            period is null ? string.Empty : row.Text(period),
            period is null ? row.Number("x") : 0,
            row.Number(y),
            row.Number(size)))];

    private sealed record Line(string Group, string Period, double X, double Y, double Size);
}
