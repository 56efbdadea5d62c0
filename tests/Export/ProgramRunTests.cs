using TypedPooling.Tests.Reference;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.Export;

/// <summary>What Stan, JAGS and brms said when they ran the programs of a model (tests/reference/README.md) is what a fit of the model says.</summary>
public sealed class ProgramRunTests(ITestOutputHelper output)
{
    private const double LeastEss = 400;

    private static readonly string[] StanRuns = ["cafe", "costs", "counts", "gasoline", "rats", "shares", "ticks", "trials"];

    private static readonly string[] JagsRuns = [
        "cbpp", "dyestuff", "frogs", "gasoline", "pastes", "penicillin", "schools", "sleepstudy"];

    private static readonly string[] BrmsRuns = ["cafe", "cbpp", "dyestuff", "frogs", "schools", "sleepstudy", "ticks", "trials"];

    private static readonly Lazy<ILookup<(string Model, string Tool), ReferenceFile.Row>> Runs = new(
        () => ReferenceFile.Read("reference/export.csv").Rows.ToLookup(row => (row.Text("model"), row.Text("tool"))));

    // Of ticks an sd is near 0 in part of the draws, where our chains mix too slowly for a comparison (docs/check-us.md).
    public static TheoryData<string> Names => [.. StanRuns.Union(JagsRuns).Union(BrmsRuns).Except(["counts", "ticks"])];

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_agrees_with_the_programs(string name) => Agrees(name);

    // Three correlated effects of many groups take a minute.
    [NightlyTheory]
    [InlineData("counts")]
    public void Long_fit_agrees_with_the_programs(string name) => Agrees(name);

    [Fact]
    public void Every_run_is_long_and_its_chains_agree() => Assert.All(
        Runs.Value.SelectMany(run => run),
        row => Assert.True(row.Number("ess_bulk") > 150 && row.Number("rhat") < 1.03, $"{row.Text("model")} {row.Text("variable")}"));

    [Fact]
    public void Runs_are_those_that_the_documents_name()
    {
        Assert.Equal(StanRuns, Runs.Value.Where(run => run.Key.Tool == "stan").Select(run => run.Key.Model));
        Assert.Equal(BrmsRuns, Runs.Value.Where(run => run.Key.Tool == "brms").Select(run => run.Key.Model));
        Assert.Equal(JagsRuns, Runs.Value.Where(run => run.Key.Tool == "jags").Select(run => run.Key.Model));
    }

    [Fact]
    public void Models_cover_every_family_and_every_prior_of_a_number()
    {
        var specs = ExportCases.All.Select(@case => @case.Model.Spec).ToArray();
        Assert.Equal(
            TypedPooling.Tests.Conventions.FamilyTypes.All.Select(type => type.Name).Order(StringComparer.Ordinal),
            specs.Select(spec => spec.Response.Family.GetType().Name).Distinct().Order(StringComparer.Ordinal));

        var used = specs.SelectMany(spec => spec.Population.Select(term => (IPrior?)term.Prior)
            .Concat(spec.Factors.SelectMany(factor => factor.Terms.Select(term => (IPrior?)term.Sd)))
            .Concat(spec.Factors.Select(factor => (IPrior?)factor.Covariance))
            .Concat(spec.Factors.Select(factor => (IPrior?)factor.Correlation))
            .Append(spec.Response.Sigma)
            .Append(spec.Response.Shape ?? spec.Response.Family.Shape?.Default))
            .Where(prior => prior is not null)
            .Select(prior => prior!.GetType())
            .ToHashSet();
        Assert.Empty(TypedPooling.Tests.Conventions.PriorTypes.All.Where(type => !used.Contains(type)).Select(type => type.Name));
    }

    private void Agrees(string name)
    {
        var @case = ExportCases.Of(name);
        var fit = @case.Fit(new() { Seed = 20261128, Draws = 1000 });
        var agreement = new Agreement();
        foreach (var run in Runs.Value.Where(run => run.Key.Model == name))
        {
            foreach (var row in run)
            {
                var ours = ExportVariables.Of(fit, @case.Model, row.Text("variable"));
                agreement.Require(ours, LeastEss);
                agreement.Compare(row, ours);
            }
        }

        output.WriteLine($"{name}: {agreement.Count} comparisons, the worst is {agreement.Worst.Errors:F2} errors ({agreement.Worst.What}).");
        Assert.True(agreement.Count > 0, "No tool ran this model.");
        Assert.Empty(agreement.Problems);
    }
}
