using TypedPooling.Engines;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.Reference;

/// <summary>Whole fits of crossed and nested factors against long runs of Stan (tests/reference/README.md).</summary>
public sealed class CrossedRunTests(ITestOutputHelper output)
{
    private const double LeastEss = 1000;

    private static readonly RunOptions LongRun = new() { Seed = 20240702, Draws = 3000 };

    private static readonly Lazy<ILookup<string, ReferenceFile.Row>> Stan = new(
        () => ReferenceFile.Read("reference/crossed_runs.csv").Rows.ToLookup(row => row.Text("model")));

    // An engine is one line here; models that it does not support are left out.
    private static readonly string[] Engines =
    [
        "Gibbs",
        "Marginal",
    ];

    /// <summary>Every engine with every model that it supports.</summary>
    public static TheoryData<string, string> Models
    {
        get
        {
            var models = new TheoryData<string, string>();
            foreach (var engine in Engines)
            {
                foreach (var (name, model) in CrossedModels.All)
                {
                    if (EngineCases.Engine(engine).Supports(model.Spec).IsSupported)
                        models.Add(name, engine);
                }
            }

            return models;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Means_sds_and_quantiles_agree_with_a_long_run_of_Stan(string model, string engine)
    {
        var fit = CrossedModels.All[model].Fit(EngineCases.Engine(engine), LongRun);

        Assert.Empty(fit.Warnings);
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

        // Population effects, scales and the effects of the first ten levels of each factor, each of them.
        var compared = fit.Posterior.Population.ParameterCount + fit.Posterior.Scales.ParameterCount + fit.Posterior.Effects.Sum(
            block => Math.Min(10, block.LevelCount) * block.TermCount);
        Assert.Equal(compared, Stan.Value[model].Count());
    }

    [Fact]
    public void Every_model_of_the_file_is_fitted_by_an_engine_and_every_run_is_long()
    {
        Assert.Equal(Stan.Value.Select(model => model.Key), CrossedModels.All.Keys);
        Assert.All(CrossedModels.All.Keys, model => Assert.Contains(Models, row => (string)row[0] == model));
        Assert.All(
            Stan.Value.SelectMany(model => model),
            row => Assert.True(row.Number("ess_bulk") > 8000 && row.Number("ess_tail") > 8000 && row.Number("rhat") < 1.005, row.Text("variable")));
    }
}
