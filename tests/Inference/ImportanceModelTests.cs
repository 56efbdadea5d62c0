using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Marginal;
using TypedPooling.Inference.Sampling.Hamiltonian;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Model;
using TypedPooling.Tests.Reference;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.Inference;

/// <summary>Marginal densities of real models by importance sampling, against NUTS on the same density and long runs of Stan. radon_slopes is the
/// trap: a single t passed k-hat there and was wrong.</summary>
public sealed class ImportanceModelTests(ITestOutputHelper output)
{
    private static readonly Lazy<ILookup<string, ReferenceFile.Row>> Stan = new(
        () => ReferenceFile.Read("reference/stan_lmm.csv").Rows.ToLookup(row => row.Text("model")));

    [Theory]
    [InlineData("cafe")]
    [InlineData("sleepstudy")]
    [InlineData("radon_uranium")]
    [InlineData("radon_slopes")]
    [InlineData("seattle_slopes")]
    public void Scales_agree_with_a_long_run_of_Stan(string name)
    {
        var (model, columns) = Model(name);
        var density = MarginalDensity.Of(model);
        var run = Run(model, new RunOptions { Seed = 31 });

        output.WriteLine(
            $"{name}: k-hat {run.ParetoK:F2}, ESS {run.WeightEss:F0} of {run.ProposalCount}, "
                + $"halves {run.HalvesDifference:F1}, {run.DensityEvaluations} evaluations.");
        Assert.Empty(run.Refusals);
        var agreement = new Agreement();
        var byProposal = Report(density, run.ProposalCount, i => run.Position(i));
        var draws = run.Resample(4000);
        for (var p = 0; p < columns.Length; p++)
        {
            var row = Stan.Value[name].Single(r => r.Text("variable") == columns[p]);
            Compare(agreement, $"{columns[p]} of proposals", row, run.Weights, byProposal[p]);
            Compare(agreement, $"{columns[p]} of draws", row, draws.Weights, [.. draws.Proposals.ToArray().Select(i => byProposal[p][i])]);
        }

        output.WriteLine($"{agreement.Count} comparisons, the worst is {agreement.Worst.Errors:F2} errors ({agreement.Worst.What}).");
        Assert.Empty(agreement.Problems);
    }

    [Theory]
    [InlineData("cafe")]
    [InlineData("radon_slopes")]
    public void Scales_agree_with_NUTS_on_the_same_density(string name)
    {
        var (model, columns) = Model(name);
        var density = MarginalDensity.Of(model);
        var run = Run(model, new RunOptions { Seed = 32 });
        var nuts = NutsSampler.Run(_ => MarginalDensity.Of(model), Starts(density.Dimension), new RunOptions { Seed = 33, Warmup = 500 });

        Assert.Empty(run.Refusals);
        var agreement = new Agreement();
        var ours = Report(density, run.ProposalCount, i => run.Position(i));
        var theirs = Report(density, nuts.DrawCount, i => nuts.Position(i));
        for (var p = 0; p < columns.Length; p++)
        {
            Assert.True(Diagnostics.EssBulk(theirs[p], 4) >= 800);
            agreement.Compare(
                $"{columns[p]} mean",
                run.Weights.Mean(ours[p]),
                run.Weights.McseMean(ours[p]),
                Diagnostics.Mean(theirs[p]),
                Diagnostics.McseMean(theirs[p], 4));
            agreement.Compare(
                $"{columns[p]} sd",
                run.Weights.Sd(ours[p]),
                run.Weights.McseSd(ours[p]),
                Diagnostics.Sd(theirs[p]),
                Diagnostics.McseSd(theirs[p], 4));
            foreach (var q in new[] { 0.055, 0.5, 0.945 })
            {
                agreement.Compare(
                    $"{columns[p]} quantile {q}",
                    run.Weights.Quantile(ours[p], q),
                    run.Weights.McseQuantile(ours[p], q),
                    Diagnostics.Quantile(theirs[p], q),
                    Diagnostics.McseQuantile(theirs[p], 4, q));
            }
        }

        output.WriteLine($"{name}: {agreement.Count} comparisons, the worst is {agreement.Worst.Errors:F2} errors ({agreement.Worst.What}).");
        Assert.Empty(agreement.Problems);
    }

    [Fact]
    public void The_cafe_model_is_accepted_at_every_seed_and_its_evidence_is_the_same()
    {
        var (model, _) = Model("cafe");
        var runs = Enumerable.Range(0, 30).Select(seed => Run(model, new RunOptions { Seed = (ulong)seed, Draws = 500 })).ToArray();
        Assert.All(runs, run => Assert.True(run.IsAccepted && run.WeightEss > 0.6 * run.ProposalCount && run.ParetoK < 0.5));
        var mean = runs.Average(run => run.LogNormalizer);
        var squares = runs.Average(run => Math.Pow((run.LogNormalizer - mean) / run.LogNormalizerError, 2));

        // 29/30 times a mean of squares of about 29 standard normal numbers: sd sqrt(2/29) = 0.26.
        Assert.InRange(squares, 0.2, 2.3);
    }

    private static void Compare(Agreement agreement, string what, ReferenceFile.Row row, DrawWeights weights, double[] values)
    {
        agreement.Compare($"{what}, mean", weights.Mean(values), weights.McseMean(values), row.Number("mean"), row.Number("mcse_mean"));
        agreement.Compare($"{what}, sd", weights.Sd(values), weights.McseSd(values), row.Number("sd"), row.Number("mcse_sd"));
        foreach (var (column, p) in new[] { ("q5.5", 0.055), ("q25", 0.25), ("q50", 0.5), ("q75", 0.75), ("q94.5", 0.945) })
        {
            var quantile = row.Number(column);
            double[] below = [.. values.Select(value => value <= quantile ? 1.0 : 0.0)];

            // As in StanTests: the smaller of bulk ESS and what the error of the sd says.
            var ess = Math.Min(row.Number("ess_bulk"), 0.5 * Math.Pow(row.Number("sd") / row.Number("mcse_sd"), 2));
            agreement.Compare($"{what}, share below {column}", weights.Mean(below), weights.McseMean(below), p, Math.Sqrt(p * (1 - p) / ess));
        }
    }

    private static ImportanceRun Run(NormalBoundModel model, RunOptions options)
    {
        var q = model.Spec.Factors[0].Terms.Length;
        var settings = new ImportanceSettings { LogSds = [.. Enumerable.Range(1, q)] };
        return ImportanceSampler.Run(_ => MarginalDensity.Of(model), Starts(MarginalDensity.Of(model).Dimension), options, settings);
    }

    private static double[][] Starts(int dimension) =>
        [.. new[] { 0.0, -1, 1, 0.5 }.Select(start => Enumerable.Range(0, dimension).Select(i => i == 3 ? start / 2 : start).ToArray())];

    private static double[][] Report(MarginalDensity density, int count, CoefficientDraws.PositionOf position)
    {
        var point = density.Coordinates.NewPoint();
        var values = new double[density.Coordinates.Parameters.Length];
        var columns = values.Select(_ => new double[count]).ToArray();
        for (var i = 0; i < count; i++)
        {
            density.Coordinates.Constrain(position(i), point);
            density.Coordinates.Report(point, values);
            for (var p = 0; p < values.Length; p++)
                columns[p][i] = values[p];
        }

        return columns;
    }

    // The models of tests/reference/README.md, by hand: the first q columns vary, the intercept first.
    private static (NormalBoundModel Model, string[] Columns) Model(string name) => name switch
    {
        "cafe" => Bind("cafe.csv", "cafe", r => r.Number("wait"), [r => r.Number("afternoon")], [(5, 2), (-1, 0.5)], 2, 1),
        "sleepstudy" => Bind("sleepstudy.csv", "Subject", r => r.Number("Reaction"), [r => r.Number("Days")], [(250, 50), (10, 10)], 2, 1 / 25.0),
        "radon_uranium" => Bind(
            "radon.csv",
            "county",
            r => r.Number("log_radon"),
            [r => r.Number("floor"), r => r.Number("log_uranium")],
            [(0, 5), (0, 5), (0, 5)],
            1,
            1),
        "radon_slopes" => Bind(
            "radon.csv",
            "county",
            r => r.Number("log_radon"),
            [r => r.Number("floor"), r => r.Number("log_uranium"), r => r.Number("floor") * r.Number("log_uranium")],
            [(0, 5), (0, 5), (0, 5), (0, 5)],
            2,
            1),
        _ => SeattleSlopes(),
    };

    private static (NormalBoundModel Model, string[] Columns) SeattleSlopes()
    {
        var feet = ReferenceFile.Read("data/seattle_housing.csv").Numbers("sqft_living");
        var (mean, sd) = (Diagnostics.Mean(feet), Diagnostics.Sd(feet));
        return Bind(
            "seattle_housing.csv",
            "zipcode",
            r => r.Number("price") / 100_000,
            [r => (r.Number("sqft_living") - mean) / sd],
            [(6, 5), (3, 5)],
            2,
            1 / 3.0);
    }

    private static (NormalBoundModel Model, string[] Columns) Bind(
        string file,
        string group,
        Func<ReferenceFile.Row, double> response,
        Func<ReferenceFile.Row, double>[] columns,
        (double Mean, double Sd)[] priors,
        int q,
        double rate)
    {
        var levels = new Dictionary<string, int>();
        var rows = ReferenceFile.Read("data/" + file).Rows.Select(row =>
        {
            var key = row.Text(group);
            if (!levels.TryGetValue(key, out var level))
                levels.Add(key, level = levels.Count);
            return (level, columns.Select(column => column(row)).ToArray(), response(row));
        }).ToList();
        PopulationTerm[] population = [
            .. priors.Select((prior, i) => new PopulationTerm($"b{i}", i == 0 ? ModelSpec.Ones : i - 1, new NormalPrior(prior.Mean, prior.Sd)))];
        VaryingTerm[] varying = [
            .. Enumerable.Range(0, q).Select(a => new VaryingTerm($"t{a}", a == 0 ? ModelSpec.Ones : a - 1, new ExponentialPrior(rate)))];
        var spec = Systems.Spec(columns.Length, population, varying, new LkjPrior(2), new ExponentialPrior(rate));
        return (Systems.Bind(spec, rows), q == 1 ? ["sigma", "tau[1]"] : ["sigma", "tau[1]", "tau[2]", "R[2,1]"]);
    }
}
