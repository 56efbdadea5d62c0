using TypedPooling.Draws;
using TypedPooling.Inference.MaximumLikelihood;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Reference;

/// <summary>Maximum likelihood of Beta models against the polished optima of glmmTMB (tests/reference/README.md): log likelihoods to 1e-6, everything
/// else to six digits.</summary>
public sealed class BetaTests
{
    private const double SixDigits = 1e-6;

    private static readonly Group<Share, string> Batch = Group.By((Share s) => s.First, "batch");
    private static readonly Group<Share, string> Groups = Group.By((Share s) => s.First, "group");
    private static readonly Group<Share, string> Rater = Group.By((Share s) => s.First, "rater");
    private static readonly Group<Share, string> Item = Group.By((Share s) => s.Second, "item");

    private static readonly Lazy<ILookup<string, ReferenceFile.Row>> Numbers = new(() =>
        ReferenceFile.Read("reference/glmmtmb_beta.csv").Rows.ToLookup(row => $"{row.Text("dataset")}/{row.Text("model")}"));

    // Quantities that a fit does not report, and why.
    private static readonly Dictionary<string, string> NotReported = new()
    {
        ["log_phi_se"] = "fits by maximum likelihood give scales as points; ProfileInterval says how sure they are",
        ["log_sd_se"] = "the same",
        ["phi_se_expected"] = "the same",
        ["se_expected"] = "our standard errors come from the observed information",
        ["grad_max"] = "of the reference's own search",
        ["newton_decrement"] = "of the reference's own search",
        ["loglik_quadrature"] = "is at the estimates of Laplace's approximation, where no fit by quadrature ends: the models _agq50 are compared",
    };

    public static TheoryData<string> Models =>
        [.. ReferenceFile.Read("reference/glmmtmb_beta_models.csv").Rows.Select(row => $"{row.Text("dataset")}/{row.Text("model")}")];

    [Theory]
    [MemberData(nameof(Models))]
    public void Finds_the_maximum_that_glmmTMB_reports(string name)
    {
        var (fit, rows, nodes) = Fit(name);
        var point = fit.Posterior.Point!;
        var likelihood = ((ILikelihoodFit)fit).Likelihood;
        var compared = 0;
        foreach (var row in Numbers.Value[name].Where(row => !NotReported.ContainsKey(row.Text("quantity"))))
        {
            var expected = row.Number("value");
            var (ours, tolerance) = Ours(row.Text("quantity"), row.Text("term"), row.Text("group"), expected);
            compared++;
            Assert.True(
                Math.Abs(ours - expected) <= tolerance,
                $"{name}: {row.Text("quantity")} {row.Text("term")} {row.Text("group")} is {ours:R}, glmmTMB's {expected:R}.");
        }

        Assert.Empty(fit.Warnings);
        Assert.True(compared >= (name.EndsWith("_agq50", StringComparison.Ordinal) ? 12 : fit.Spec.Factors.IsEmpty ? 19 : 37),
            $"Only {compared} numbers were compared.");

        // Digits of coefficients and modes are counted from their standard errors where these are larger. The search ends where at most 5e-9 of the
        // log likelihood is missing, a ten-thousandth of a standard error:
        // by quadrature coefficients are compared to a tenth of that.
        (double Ours, double Tolerance) Ours(string quantity, string term, string group, double expected) => quantity switch
        {
            "nobs" => (fit.RowCount, 0),
            "npar" => (point.ParameterCount, 0),
            "ngroups" => (fit.Bound.Levels[Factor(group)].Count, 0),
            "loglik" => (point.LogLikelihood, 1e-6),
            "aic" => (likelihood.Aic, 2e-6),
            "bic" => (likelihood.Bic, 2e-6),
            "fixef" => (fit.Coefficient(Named(term)).Mean, Math.Max(SixDigits * Math.Abs(expected), (nodes > 1 ? 1e-5 : SixDigits) * Se(term))),
            "se" => (Se(term), SixDigits * expected),
            "vcov" => (likelihood.Covariance(Named(term.Split(';')[0]), Named(term.Split(';')[1])),
                SixDigits * Se(term.Split(';')[0]) * Se(term.Split(';')[1])),
            "phi" => (Scale(ParameterKind.Precision, string.Empty, string.Empty, null), SixDigits * expected),
            "sd" => (Scale(ParameterKind.VaryingSd, group, Named(term), null), SixDigits * expected),
            "cor" => (Scale(ParameterKind.VaryingCorrelation, group, Named(term.Split(';')[0]), Named(term.Split(';')[1])), SixDigits),
            "ranef" => (Mode(group, term).Mean, SixDigits * Math.Max(Math.Abs(expected), Mode(group, term).Sd)),
            "ranef_sd" => (Mode(group, term).Sd, SixDigits * expected),
            "fitted" => (fit.PredictMean(rows[int.Parse(group.AsSpan(3)) - 1]).Mean, SixDigits * expected),
            "linpred_population" => (
                fit.PredictLink(rows[int.Parse(group.AsSpan(3)) - 1], [.. fit.Spec.Factors.Select(factor => Average(factor.Name))]).Mean,
                SixDigits * Math.Max(Math.Abs(expected), 1)),
            _ => throw new NotSupportedException(quantity),
        };

        double Se(string term) => fit.Coefficient(Named(term)).Sd;

        int Factor(string group) => fit.Spec.Factors.Select((f, k) => (f.Name, k)).Single(pair => pair.Name == group).k;

        NormalMoments Mode(string group, string term)
        {
            var parts = group.Split('=');
            var factor = Factor(parts[0]);
            var level = Enumerable.Range(0, fit.Bound.Levels[factor].Count).Single(j => fit.Bound.Levels[factor].Text(j) == parts[1]);
            return point.Moments.GivenPopulation(factor, level, [.. fit.Spec.Factors[factor].Terms.Select(t => t.Name == Named(term) ? 1.0 : 0)]);
        }

        double Scale(ParameterKind kind, string factor, string term, string? other) =>
            point.Scales[Enumerable.Range(0, point.Scales.Length).Single(i =>
            fit.Posterior.Scales.Parameter(i) is var parameter
            && parameter.Kind == kind && (parameter.Factor ?? string.Empty) == factor && parameter.Term == term && parameter.OtherTerm == other)];
    }

    [Fact]
    public void Every_quantity_of_the_file_is_compared_or_left_out_for_a_reason() => Assert.Equal(
        ["aic", "bic", "cor", "fitted", "fixef", "linpred_population", "loglik", "ngroups", "nobs", "npar", "phi", "ranef", "ranef_sd", "sd", "se",
            "vcov"],
        Numbers.Value.SelectMany(model => model).Select(row =>
            row.Text("quantity")).Distinct().Except(NotReported.Keys).Order(StringComparer.Ordinal));

    private static LevelChoice<Share> Average(string factor) => new[] { Batch, Groups, Rater, Item }.Single(group => group.Name == factor).Average();

    // The column of each file that is X.
    private static string Named(string term) => term switch
    {
        "(Intercept)" => "Intercept",
        "temp" or "x" => "X",
        _ when term.StartsWith("batch", StringComparison.Ordinal) => $"First[{term["batch".Length..]}]",
        _ => term,
    };

    private static (BetaFit<Share> Fit, Share[] Rows, int Nodes) Fit(string name)
    {
        var at = name.Split('/');
        var (first, x, y) = at[0] switch { "gasoline" => ("batch", "temp", "yield"), "shares" => ("group", "x", "y"), _ => ("rater", "x", "y") };
        Share[] rows = [.. ReferenceFile.Read($"data/{at[0]}.csv").Rows.Select(row =>
            new Share(row.Text(first), at[0] == "shares_crossed" ? row.Text("item") : string.Empty, row.Number(x), row.Number(y)))];
        var model = PooledModel.Of<Share>().Beta(s => s.Y).Intercept(Flat).Slope(s => s.X, Flat);
        model = at[1] switch
        {
            "population" => model,
            "batch_effects" => model.Categorical(s => s.First, Flat, reference: "10"),
            "intercepts" or "intercepts_agq50" => model.Varying(at[0] == "gasoline" ? Batch : Groups, g => g.Intercept()),
            "slopes" or "slopes_agq50" => model.Varying(Groups, g => g.Intercept().Slope(s => s.X)),
            "crossed" => model.Varying(Rater, g => g.Intercept()).Varying(Item, g => g.Intercept()),
            _ => throw new NotSupportedException(name),
        };

        // Two effects take the square of the nodes: with 20 of each the log likelihood differs by less than 1e-9 from that with 50.
        var nodes = !at[1].EndsWith("_agq50", StringComparison.Ordinal) ? 1 : at[1].StartsWith("slopes", StringComparison.Ordinal) ? 20 : 50;
        return (model.Fit(rows, new MaximumLikelihoodEngine { QuadraturePoints = nodes }), rows, nodes);
    }

    public sealed record Share(string First, string Second, double X, double Y);
}
