using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Reference;

/// <summary>Residuals at the estimates of a likelihood fit beside those of lme4; see tests/reference/README.md.</summary>
public sealed class ResidualReferenceTests
{
    private static readonly IReadOnlyList<Reference> Expected =
        [.. ReferenceFile.Read("reference/residuals.csv").Rows.Select(
            row => new Reference(row.Text("model"), row.Number("response"), row.Number("pearson")))];

    [Fact]
    public void Of_a_Normal_model_with_a_slope()
    {
        var rows = CsvFile.Read(
            "sleepstudy.csv", field => new Night(field("Subject"), CsvFile.Number(field("Days")), CsvFile.Number(field("Reaction"))));
        var subject = Group.By((Night n) => n.Subject);
        var fit = PooledModel.Of<Night>().Normal(n => n.Reaction).Intercept().Slope(n => n.Days)
            .Varying(subject, g => g.Intercept().Slope(n => n.Days).Correlated()).Fit(rows, Engine.MaximumLikelihood);
        Check("sleepstudy", fit.ResidualsInSample(rows), 1e-5);
    }

    [Fact]
    public void Of_a_Binomial_model()
    {
        var rows = CsvFile.Read("cbpp.csv", field => new Herd(
            field("herd"), field("period"), (int)CsvFile.Number(field("incidence")), (int)CsvFile.Number(field("size"))));
        var herd = Group.By((Herd h) => h.Name);
        var fit = PooledModel.Of<Herd>().Binomial(h => h.Incidence, h => h.Size).Intercept().Categorical(h => h.Period, reference: "1")
            .Varying(herd, g => g.Intercept()).Fit(rows, Engine.MaximumLikelihood);
        Check("cbpp", fit.ResidualsInSample(rows), 1e-5);
    }

    private static void Check(string model, ResidualTable residuals, double tolerance)
    {
        var expected = Expected.Where(row => row.Model == model).ToArray();
        Assert.Equal(expected.Length, residuals.Rows.Length);
        foreach (var (one, other) in expected.Zip(residuals.Rows))
        {
            Assert.Equal(one.Response, other.Response, tolerance * (1 + Math.Abs(one.Response)));
            Assert.Equal(one.Pearson, other.Pearson, tolerance * (1 + Math.Abs(one.Pearson)));
        }
    }

    private sealed record Reference(string Model, double Response, double Pearson);

    private sealed record Night(string Subject, double Days, double Reaction);

    private sealed record Herd(string Name, string Period, int Incidence, int Size);
}
