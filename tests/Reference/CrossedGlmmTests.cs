using TypedPooling.Draws;
using Xunit;
using Row = TypedPooling.Tests.Reference.CrossedGlmmModels.Row;

namespace TypedPooling.Tests.Reference;

/// <summary>Maximum likelihood of models with crossed and nested factors whose response is not Normal, against the polished optima of glmer and
/// glmmTMB (tests/reference/README.md).</summary>
/// <remarks>Log likelihoods are compared to 1e-7 (relative); estimates to 1e-4 of their standard errors, at which a search may end; modes and
/// conditional sds to 1e-4 of a conditional sd. The recorded numbers are good to 1e-6 of these units.</remarks>
public sealed class CrossedGlmmTests
{
    private const double OfStandardError = 1e-4;

    private static readonly Lazy<ILookup<string, ReferenceFile.Row>> Numbers = new(() =>
        ReferenceFile.Read("reference/glmer_crossed.csv").Rows.ToLookup(row => $"{row.Text("dataset")}/{row.Text("model")}"));

    public static TheoryData<string> Models =>
        [.. ReferenceFile.Read("reference/glmer_crossed_models.csv").Rows.Select(row => $"{row.Text("dataset")}/{row.Text("model")}")];

    [Theory]
    [MemberData(nameof(Models))]
    public void Finds_the_maximum_that_glmer_and_glmmTMB_report(string name)
    {
        var (fit, rows) = CrossedGlmmModels.Fit(name);
        var point = fit.Posterior.Point!;
        var recorded = Numbers.Value[name].ToList();
        var factors = fit.Spec.Factors.Select(factor => factor.Name).ToList();
        var compared = new HashSet<string>();
        var problems = new List<string>();
        foreach (var row in recorded)
        {
            var expected = row.Number("value");
            var (quantity, term, group) = (row.Text("quantity"), row.Text("term"), row.Text("group"));
            var (ours, tolerance) = Ours(quantity, term, group, expected);
            if (double.IsNaN(tolerance))
                continue;
            compared.Add(quantity);
            if (!(Math.Abs(ours - expected) <= tolerance))
                problems.Add($"{quantity} {term} {group} is {ours:R}, recorded {expected:R}; {Math.Abs(ours - expected) / tolerance:G3} tolerances");
        }

        Assert.True(problems.Count == 0, $"{name}: {string.Join("; ", problems)}.");
        Assert.DoesNotContain(fit.Warnings, warning => warning.Code == FitWarningCode.NotConverged);
        Assert.Subset(
            compared, new HashSet<string> { "nobs", "npar", "ngroups", "loglik", "singular", "fixef", "se", "sd", "ranef", "ranef_sd", "fitted" });
        Assert.Equal(recorded.Exists(row => row.Text("quantity") == "cor"), compared.Contains("cor"));
        Assert.Equal(recorded.Exists(row => row.Text("quantity") == "shape"), compared.Contains("shape"));

        (double Ours, double Tolerance) Ours(string quantity, string term, string group, double expected) => quantity switch
        {
            "nobs" => (fit.RowCount, 0),
            "npar" => (point.ParameterCount, 0),
            "ngroups" => (fit.Bound.Levels[factors.IndexOf(group)].Count, 0),
            "singular" => (point.Boundary.IsEmpty ? 0 : 1, 0),
            "loglik" => (point.LogLikelihood, 1e-7 * Math.Abs(expected)),
            "deviance" => (point.Deviance, 1e-6 * expected),
            "fixef" => (fit.Coefficient(Named(term)).Mean, OfStandardError * Recorded("se", term, group)),
            "se" => (fit.Coefficient(Named(term)).Sd, OfStandardError * expected),
            "shape" => (Scale(ParameterKind.Shape, string.Empty, string.Empty, null), OfStandardError * Recorded("shape_se", term, group)),
            "sd" => (Scale(ParameterKind.VaryingSd, group, Named(term), null), OfStandardError * Recorded("sd_se", term, group)),
            "cor" => (
                Scale(ParameterKind.VaryingCorrelation, group, Named(term.Split(';')[0]), Named(term.Split(';')[1])),
                OfStandardError * Recorded("cor_se", term, group)),
            "ranef" => (Mode(group, term).Mean, OfStandardError * Recorded("ranef_sd", term, group)),
            "ranef_sd" => (Mode(group, term).Sd, OfStandardError * expected),
            "fitted" => (Fitted(rows[int.Parse(group.AsSpan(3)) - 1]), 1e-4 * expected),
            "sd_se" or "cor_se" or "shape_se" => (double.NaN, double.NaN), // a fit by maximum likelihood gives scales as points
            "grad_max" => (double.NaN, double.NaN),                        // of the reference's own search
            _ => throw new NotSupportedException(quantity),
        };

        // Of counts PredictMean is by unit of exposure; of proportions, one trial.
        double Fitted(Row row) => fit.PredictMean(row).Mean * (name == "counts/rows" ? row.Size : 1);

        double Recorded(string quantity, string term, string group) => recorded.Single(row =>
            row.Text("quantity") == quantity && row.Text("term") == term && row.Text("group") == group).Number("value");

        NormalMoments Mode(string group, string term)
        {
            var parts = group.Split('=');
            var factor = factors.IndexOf(parts[0]);
            var level = Enumerable.Range(0, fit.Bound.Levels[factor].Count).Single(j => fit.Bound.Levels[factor].Text(j) == parts[1]);
            return point.Moments.GivenPopulation(factor, level, [.. fit.Spec.Factors[factor].Terms.Select(t => t.Name == Named(term) ? 1.0 : 0)]);
        }

        double Scale(ParameterKind kind, string factor, string term, string? other) =>
            point.Scales[Enumerable.Range(0, point.Scales.Length).Single(i =>
                fit.Posterior.Scales.Parameter(i) is var parameter && parameter.Kind == kind && (parameter.Factor ?? string.Empty) == factor
                && parameter.Term == term && parameter.OtherTerm == other)];
    }

    // R's names of treatment contrasts, genderM, are gender[M] here.
    private static string Named(string term)
    {
        if (term == "(Intercept)")
            return "Intercept";
        foreach (var category in new[] { "gender", "act", "situation", "year" })
        {
            if (term.StartsWith(category, StringComparison.Ordinal))
                return $"{category}[{term[category.Length..]}]";
        }

        return term;
    }
}
