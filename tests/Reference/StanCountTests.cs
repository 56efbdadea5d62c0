using TypedPooling.Engines;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.Reference;

/// <summary>Models of counts against long runs of Stan (tests/reference/README.md).</summary>
public sealed class StanCountTests(ITestOutputHelper output)
{
    private const double LeastEss = 1000;

    private static readonly Lazy<ILookup<string, ReferenceFile.Row>> Stan = new(
        () => ReferenceFile.Read("reference/stan_counts.csv").Rows.ToLookup(row => row.Text("model")));

    public static TheoryData<string, string> Models
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var model in StanCountModels.All.Keys)
            {
                cases.Add(model, "Nuts");
                cases.Add(model, "Marginal");
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Means_sds_and_quantiles_agree_with_a_long_run_of_Stan(string model, string engine)
    {
        var fit = StanCountModels.All[model](
            (IEngine)EngineCases.Engine(engine), new() { Seed = 20240816, Draws = engine == "Nuts" ? 4000 : 1000, TargetAcceptance = 0.95 });

        Assert.Empty(fit.Warnings);
        Assert.Equal(0, fit.Posterior.Sampler?.DivergenceCount ?? 0);
        var agreement = new Agreement();
        foreach (var row in Stan.Value[model])
        {
            var ours = fit.Find(row.Text("variable"))!;
            agreement.Require(ours, LeastEss);
            agreement.Compare(row, ours);
        }

        output.WriteLine(
            $"{model} by {engine}: {agreement.Count} comparisons, the worst is {agreement.Worst.Errors:F2} errors ({agreement.Worst.What}).");
        Assert.Empty(agreement.Problems);

        // Every parameter was compared.
        Assert.Equal(
            fit.Posterior.Population.ParameterCount + fit.Posterior.Scales.ParameterCount + fit.Posterior.Effects[0].ParameterCount,
            Stan.Value[model].Count());
    }

    [Fact]
    public void Every_run_is_long_and_every_model_is_known()
    {
        Assert.Equal(["poisson", "negative_binomial", "negative_binomial_slopes"], Stan.Value.Select(model => model.Key));
        Assert.All(StanCountModels.All.Keys, model => Assert.True(Stan.Value.Contains(model)));
        Assert.All(
            Stan.Value.SelectMany(model => model),
            row => Assert.True(row.Number("ess_bulk") > 4000 && row.Number("rhat") < 1.005, row.Text("variable")));
    }
}
