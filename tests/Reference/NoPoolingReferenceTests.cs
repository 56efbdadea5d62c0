using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Reference;

/// <summary>No pooling against glm, glm.nb and glmmTMB (tests/reference/README.md).</summary>
public sealed class NoPoolingReferenceTests
{
    private static readonly ILookup<string, ReferenceFile.Row> Numbers =
        ReferenceFile.Read("reference/no_pooling.csv").Rows.ToLookup(row => row.Text("case"));

    private static readonly Group<Line, string> ByGroup = Group.By((Line l) => l.Group, "group");

    public static TheoryData<string> Cases =>
        ["cbpp_logit", "cbpp_probit", "cbpp_cloglog", "counts_poisson", "counts_nb", "costs_gamma", "shares_beta", "sleep_t"];

    // Six digits where the reference is differentiated numerically; glm is at its own maximum.
    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_level_has_the_estimates_of_R(string name)
    {
        var fit = Fit(name);
        var compared = 0;
        foreach (var row in Numbers[name])
        {
            var (quantity, term, expected) = (row.Text("quantity"), row.Text("term"), row.Number("value"));
            double ours;
            switch (quantity)
            {
                case "coef" or "se":
                    var estimate = Of(fit, name, term)!.Value;
                    ours = quantity == "coef" ? estimate.Value : estimate.StandardError;
                    var error = Of(fit, name, term)!.Value.StandardError;
                    Assert.True(
                        Math.Abs(ours - expected) <= 2e-6 * Math.Max(error, Math.Abs(quantity == "se" ? expected : 0)),
                        $"{name}: {quantity} of {term} is {ours:R}, R's {expected:R}.");
                    compared++;
                    break;
                case "loglik":
                    Assert.Equal(expected, fit.LogLikelihood, 1e-7);
                    break;
                case "betad":
                    Assert.Equal(Math.Exp(expected), fit.Shape!.Value, 1e-5 * Math.Exp(expected));
                    break;
                case "glm.nb coef":
                    Assert.Equal(expected, Of(fit, name, term)!.Value.Value, 1e-5);
                    break;
                case "glm.nb theta":
                    Assert.Equal(expected, fit.Shape!.Value, 1e-4);
                    break;
                case "log sigma":
                    Assert.Equal(Math.Exp(expected), fit.Sigma!.Value, 1e-5 * Math.Exp(expected));
                    break;
                case "log nu":
                    Assert.Equal(Math.Exp(expected), fit.Shape!.Value, 1e-5 * Math.Exp(expected));
                    break;
                default:
                    Assert.Fail($"{quantity} is compared with nothing.");
                    break;
            }
        }

        Assert.Equal(2 * fit.Levels.Length * fit.Terms.Length + 2 * fit.SharedCoefficients.Length, compared);
    }

    // R's names: herd5, period2, group7:x, x.
    private static LeastSquaresEstimate? Of(NoPoolingFit<Line, string> fit, string name, string term)
    {
        var factor = name switch
        {
            "costs_gamma" => "shop",
            "sleep_t" => "Subject",
            _ => name.StartsWith("cbpp", StringComparison.Ordinal) ? "herd" : "group",
        };
        if (!term.StartsWith(factor, StringComparison.Ordinal))
        {
            var shared = term.StartsWith("period", StringComparison.Ordinal) ? $"period[{term[6..]}]" : "x";
            return fit.SharedCoefficients.Single(c => c.Term == shared).Estimate;
        }

        var (key, slope) = (term[factor.Length..].Split(':')[0], term.Contains(':', StringComparison.Ordinal));
        return fit.Coefficient(key, slope ? "x" : "Intercept");
    }

    private static NoPoolingFit<Line, string> Fit(string name)
    {
        var model = PooledModel.Of<Line>();
        return name switch
        {
            "cbpp_logit" => Periods(model.Binomial(l => l.Y, l => l.Size)).NoPooling(Cbpp(), ByGroup),
            "cbpp_probit" => Periods(model.Binomial(l => l.Y, l => l.Size, Link.Probit)).NoPooling(Cbpp(), ByGroup),
            "cbpp_cloglog" => Periods(model.Binomial(l => l.Y, l => l.Size, Link.ComplementaryLogLog)).NoPooling(Cbpp(), ByGroup),
            "counts_poisson" => model.Poisson(l => l.Y, l => l.Size).Intercept().Slope(l => l.X, name: "x")
                .Varying(ByGroup, g => g.Intercept().Slope(l => l.X, name: "x")).NoPooling(Rows("counts", "group", "y", "exposure"), ByGroup),
            "counts_nb" => Shared(model.NegativeBinomial(l => l.Y, l => l.Size)).NoPooling(Rows("counts", "group", "y", "exposure"), ByGroup),
            "costs_gamma" => Shared(model.Gamma(l => l.Y)).NoPooling(Rows("costs_crossed", "shop", "cost"), ByGroup),
            "shares_beta" => model.Beta(l => l.Y).Intercept().Slope(l => l.X, name: "x")
                .Varying(ByGroup, g => g.Intercept().Slope(l => l.X, name: "x")).NoPooling(Rows("shares", "group", "y"), ByGroup),
            _ => Shared(model.StudentT(l => l.Y)).NoPooling(Rows("sleepstudy", "Subject", "Reaction", x: "Days"), ByGroup),
        };
    }

    private static TSelf Periods<TSelf>(PooledModel<Line, TSelf> model)
        where TSelf : PooledModel<Line, TSelf> =>
            model.Intercept().Categorical(l => l.Period, name: "period").Varying(ByGroup, g => g.Intercept());

    private static TSelf Shared<TSelf>(PooledModel<Line, TSelf> model)
        where TSelf : PooledModel<Line, TSelf> => model.Intercept().Slope(l => l.X, name: "x").Varying(ByGroup, g => g.Intercept());

    private static Line[] Cbpp() => [.. ReferenceFile.Read("data/cbpp.csv").Rows.Select(
        row => new Line(row.Text("herd"), row.Text("period"), 0, row.Number("incidence"), row.Number("size")))];

    private static Line[] Rows(string file, string group, string y, string? size = null, string x = "x") =>
        [.. ReferenceFile.Read($"data/{file}.csv").Rows.Select(
            row => new Line(row.Text(group), string.Empty, row.Number(x), row.Number(y), size is null ? 1 : row.Number(size)))];

    private sealed record Line(string Group, string Period, double X, double Y, double Size);
}
