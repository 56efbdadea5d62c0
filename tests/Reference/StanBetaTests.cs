using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.Reference;

/// <summary>Models of shares against long runs of Stan (tests/reference/README.md).</summary>
public sealed class StanBetaTests(ITestOutputHelper output)
{
    private const double LeastEss = 1000;

    private static readonly Lazy<ILookup<string,
        ReferenceFile.Row>> Stan = new(() => ReferenceFile.Read("reference/stan_beta.csv").Rows.ToLookup(row => row.Text("model")));

    public static TheoryData<string> Models => [.. StanBetaModels.All.Keys];

    [Theory]
    [MemberData(nameof(Models))]
    public void Means_sds_and_quantiles_agree_with_a_long_run_of_Stan(string model)
    {
        var fit = StanBetaModels.All[model](Engine.Nuts, new() { Seed = 20240816, Draws = 4000, TargetAcceptance = 0.95 });

        Assert.Empty(fit.Warnings);
        Assert.Equal(0, fit.Posterior.Sampler?.DivergenceCount ?? 0);
        var agreement = new Agreement();
        foreach (var row in Stan.Value[model])
        {
            var ours = fit.Find(row.Text("variable"))!;
            agreement.Require(ours, LeastEss);
            agreement.Compare(row, ours);
        }

        output.WriteLine($"{model}: {agreement.Count} comparisons, the worst is {agreement.Worst.Errors:F2} errors ({agreement.Worst.What}).");
        Assert.Empty(agreement.Problems);

        // Every parameter was compared.
        Assert.Equal(fit.Posterior.Population.ParameterCount + fit.Posterior.Scales.ParameterCount + fit.Posterior.Effects[0].ParameterCount,
            Stan.Value[model].Count());
    }

    [Fact]
    public void Every_run_is_long_and_every_model_is_known()
    {
        Assert.Equal(["beta_intercepts", "beta_slopes"], Stan.Value.Select(model => model.Key));
        Assert.All(StanBetaModels.All.Keys, model => Assert.True(Stan.Value.Contains(model)));
        Assert.All(Stan.Value.SelectMany(model => model), row =>
            Assert.True(row.Number("ess_bulk") > 4000 && row.Number("rhat") < 1.005, row.Text("variable")));
    }
}
