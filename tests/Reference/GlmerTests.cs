using System.Text.RegularExpressions;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Reference;

/// <summary>Maximum likelihood of binomial models against the polished optima of glmer and glm (lme4.csv): log likelihood to 1e-7, estimates to 1e-4
/// of a standard error or relative.</summary>
public sealed class GlmerTests
{
    private static readonly FlatPrior Flat = new();

    private static readonly Lazy<ILookup<string, ReferenceFile.Row>> Numbers = new(() =>
        ReferenceFile.Read("reference/lme4.csv").Rows.ToLookup(row => $"{row.Text("dataset")}/{row.Text("model")}"));

    public static TheoryData<string> Models => [.. ReferenceFile.Read("reference/lme4_models.csv").Rows
        .Where(row => row.Text("family").StartsWith("binomial", StringComparison.Ordinal))
        .Select(row => $"{row.Text("dataset")}/{row.Text("model")}")];

    [Theory]
    [MemberData(nameof(Models))]
    public void Finds_the_maximum_that_glmer_reports(string name)
    {
        var at = name.Split('/');
        var record = ReferenceFile.Read("reference/lme4_models.csv").Rows.Single(row => row.Text("dataset") == at[0] && row.Text("model") == at[1]);
        var isQuadrature = record.Text("method").Contains("25 points", StringComparison.Ordinal);
        var model = Bind(record.Text("file"), record.Text("formula"));
        var posterior = new MaximumLikelihoodEngine { QuadraturePoints = isQuadrature ? 25 : 1 }.Run(model, RunOptions.Default);
        var point = posterior.Point!;
        var compared = 0;
        foreach (var row in Numbers.Value[name])
        {
            var expected = row.Number("value");
            var (ours, tolerance) = Ours(row, expected);
            if (double.IsNaN(tolerance))
                continue;
            compared++;
            Assert.True(
                (double.IsNaN(ours) && double.IsNaN(expected)) || Math.Abs(ours - expected) <= tolerance,
                $"{name}: {row.Text("quantity")} {row.Text("term")} {row.Text("group")} is {ours:R}, lme4's {expected:R}.");
        }

        Assert.True(compared >= (model.Spec.Factors.IsEmpty ? 3 : 20), $"Only {compared} numbers were compared.");

        (double Ours, double Tolerance) Ours(ReferenceFile.Row row, double expected)
        {
            var term = row.Text("term");
            var group = row.Text("group");
            return row.Text("quantity") switch
            {
                "npar" => (point.ParameterCount, 0),
                "fixef" => (point.Population[Term(term)], 1e-4 * Se(term)),
                "se" => (Se(term), 1e-3 * expected),
                "sd" => (Scale(ParameterKind.VaryingSd, group, term, null), 1e-4 * Math.Max(0.1, expected)),
                "cor" => (Scale(ParameterKind.VaryingCorrelation, group, term.Split(';')[0], term.Split(';')[1]), 1e-3),
                "loglik" => (point.LogLikelihood, isQuadrature ? double.NaN : 1e-7 * Math.Abs(expected)),
                "ranef" => (Mode(group, term).Mean, 1e-3 * Math.Max(0.1, Mode(group, term).Sd)),
                "ranef_sd" => (Mode(group, term).Sd, 1e-3 * Math.Max(0.1, expected)),
                "singular" => (point.Boundary.IsEmpty ? 0 : 1, 0),
                "deviance" => (point.Deviance, 1e-6 * expected),
                _ => (double.NaN, double.NaN),
            };

            NormalMoments Mode(string levelOfFactor, string of)
            {
                var parts = levelOfFactor.Split('=', 2);
                var factor = model.Spec.Factors.Select((f, k) => (f, k)).Single(pair => pair.f.Name == parts[0]).k;
                var level = Enumerable.Range(0, model.Levels[factor].Count).Single(j => model.Levels[factor].Text(j) == parts[1]);
                var weights = model.Spec.Factors[factor].Terms.Select(t => t.Name == Named(of) ? 1.0 : 0).ToArray();
                return point.Moments.GivenPopulation(factor, level, weights);
            }
        }

        int Term(string term) => model.Spec.Population.Select((t, i) => (t, i)).Single(pair => pair.t.Name == Named(term)).i;

        double Se(string term) => Math.Sqrt(point.PopulationCovariance[Term(term) * model.Spec.Population.Length + Term(term)]);

        double Scale(ParameterKind kind, string factor, string term, string? other)
        {
            for (var i = 0; i < posterior.Scales.ParameterCount; i++)
            {
                var parameter = posterior.Scales.Parameter(i);
                if (parameter.Kind == kind && parameter.Factor == factor && parameter.Term == Named(term)
                    && parameter.OtherTerm == (other is null ? null : Named(other)))
                    return point.Scales[i];
            }

            throw new InvalidOperationException($"{kind} {factor} {term} {other}");
        }
    }

    private static string Named(string term) => term == "(Intercept)" ? "Intercept" : term;

    // Categories by treatment coding, the first level (or "big" of size) the baseline.
    private static CellBoundModel Bind(string file, string formula)
    {
        var sides = formula.Split('~');
        var bars =
            Regex.Matches(sides[1], @"\(([^|()]+)\|([^()]+)\)").Select(
                match => (Terms: Terms(match.Groups[1].Value), Factor: match.Groups[2].Value.Trim())).ToArray();
        var records = ReferenceFile.Read($"data/{file}").Rows;
        var feet = file == "seattle_housing.csv" ? records.Select(row => row.Number("sqft_living")).ToArray() : [0.0, 1];
        var mean = feet.Average();
        var sd = Math.Sqrt(feet.Sum(foot => (foot - mean) * (foot - mean)) / (feet.Length - 1));
        var columns = new List<(string Name, Func<ReferenceFile.Row, double> Value)>();
        foreach (var term in Terms(Regex.Replace(sides[1], @"\([^()]*\)", "1")).Where(term => term != "1"))
        {
            if (term is "period")
                columns.AddRange(
                    new[] { "2", "3", "4" }.Select(
                        level => ($"period{level}", (Func<ReferenceFile.Row, double>)(row => row.Text("period") == level ? 1 : 0))));
            else if (term is "pred")
                columns.Add(("predpred", row => row.Text("pred") == "pred" ? 1 : 0));
            else if (term is "size")
                columns.Add(("sizesmall", row => row.Text("size") == "small" ? 1 : 0));
            else if (term is "scale_sqft")
                columns.Add((term, row => (row.Number("sqft_living") - mean) / sd));
            else
                columns.Add((term, row => row.Number(term)));
        }

        var response = Regex.Match(sides[0], @"cbind\((\w+), (\w+) - \1\)");
        var builder = new ResponseCellsBuilder(columns.Count, bars.Length);
        var levels = bars.Select(_ => new LevelIndex<string>()).ToArray();
        for (var i = 0; i < records.Count; i++)
        {
            var row = records[i];
            var (a, n) = response.Success
                ? (row.Number(response.Groups[1].Value), row.Number(response.Groups[2].Value))
                : (row.Number("bathrooms") > 2 ? 1 : 0, 1);
            var p = a / n;
            var saturated = (a > 0 ? a * Math.Log(p) : 0) + (a < n ? (n - a) * Math.Log(1 - p) : 0);
            var constant = MathNet.Numerics.SpecialFunctions.BinomialLn((int)n, (int)a);
            builder.Add(
                [.. columns.Select(column => column.Value(row))],
                0,
                [.. bars.Select((bar, k) => levels[k].GetOrAdd(bar.Factor == "obs" ? $"{i + 1}" : row.Text(bar.Factor)))],
                a,
                n,
                constant,
                saturated + constant);
        }

        var spec = new ModelSpec(
            new ResponseSpec(TestFamilies.Binomial, "y", "y", null, null),
            [.. columns.Select(column => new ColumnSpec(column.Name, column.Name))],
            [new("Intercept", ModelSpec.Ones, Flat), .. columns.Select((column, c) => new PopulationTerm(column.Name, c, Flat))],
            [.. bars.Select(bar => new FactorSpec(
                bar.Factor,
                [new VaryingTerm("Intercept", ModelSpec.Ones, Flat), .. bar.Terms.Where(term => term != "1").Select(
                    term => new VaryingTerm(term, columns.FindIndex(column => column.Name == term), Flat))],
                new LkjPrior(1)))]);
        return new CellBoundModel(spec, [.. levels], builder.Build(), 0);
    }

    private static string[] Terms(string sum) => [.. sum.Split('+').Select(term => term.Trim()).Distinct()];
}
