using System.Text.RegularExpressions;
using TypedPooling.Engines;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Reference;

/// <summary>The models of stan_counts.csv (tests/reference/README.md) as a user declares them, and their fits with the variables of the Stan
/// program.</summary>
internal static class StanCountModels
{
    private static readonly Group<Count, int> Groups = Group.By((Count c) => c.Group);

    /// <summary>A model is one line here: its response, then what all of them share, with intercepts or slopes that vary.</summary>
    public static IReadOnlyDictionary<string, Func<IEngine, RunOptions, StanFit>> All { get; } =
        new Dictionary<string, Func<IEngine, RunOptions, StanFit>>
        {
            ["poisson"] = (
                engine,
                options) => Of(Intercepts(PooledModel.Of<Count>().Poisson(c => c.Y, exposure: c => c.Exposure)).Fit(Rows(), engine, options), Groups,
                    null),
            ["negative_binomial"] = (engine, options) => Of(Intercepts(Overdispersed).Fit(Rows(), engine, options)),
            ["negative_binomial_slopes"] = (engine, options) => Of(Slopes(Overdispersed).Fit(Rows(), engine, options)),
        };

    public sealed record Count(int Group, double X, double Exposure, int Y);

    public static IReadOnlyList<Count> Rows() =>
        [.. ReferenceFile.Read("data/counts.csv").Rows.Select(
            row => new Count((int)row.Number("group"), row.Number("x"), row.Number("exposure"), (int)row.Number("y")))];

    private static NegativeBinomialModel<Count> Overdispersed =>
        PooledModel.Of<Count>().NegativeBinomial(c => c.Y, exposure: c => c.Exposure, shape: Gamma(2, 0.1));

    private static TModel Intercepts<TModel>(PooledModel<Count, TModel> model)
        where TModel : PooledModel<Count, TModel> => model
        .Intercept(Normal(0, 2))
        .Slope(c => c.X, Normal(0, 1))
        .Varying(Groups, g => g.Intercept(Exponential(1)));

    private static TModel Slopes<TModel>(PooledModel<Count, TModel> model)
        where TModel : PooledModel<Count, TModel> => model
        .Intercept(Normal(0, 2))
        .Slope(c => c.X, Normal(0, 1))
        .Varying(Groups, g => g.Intercept(Exponential(1)).Slope(c => c.X, Exponential(1)).Correlated(Lkj(2)));

    /// <summary>The variables phi, b[k], tau[k], R[k,l] and u[j,k]: k counts the columns of X, whose first q vary; j counts groups by first
    /// appearance.</summary>
    public static StanFit Of<TRow>(Fit<TRow> fit, Group<TRow, int> groups, Quantity? shape)
    {
        var byGroup = fit.For(groups);
        var varying = fit.Spec.Factors[0].Terms.Select(term => term.Name).ToArray();
        var levels = byGroup.Keys.Select(byGroup.Level).ToArray();
        return new StanFit(fit.Posterior, fit.Table, [.. fit.Warnings], variable =>
        {
            var parts = Regex.Match(variable, @"^(\w+?)(?:\[(\d+)(?:,(\d+))?\])?$");
            var first = parts.Groups[2].Success ? int.Parse(parts.Groups[2].ValueSpan) - 1 : -1;
            var second = parts.Groups[3].Success ? int.Parse(parts.Groups[3].ValueSpan) - 1 : -1;
            return parts.Groups[1].Value switch
            {
                "phi" => shape!,
                "b" => fit.Coefficient(fit.Spec.Population[first].Name),
                "tau" => byGroup.Sd(varying[first]),
                "R" => byGroup.Correlation(varying[first], varying[second]),
                "u" => levels[first].Effect(varying[second]),
                _ => throw new NotSupportedException(variable),
            };
        });
    }

    private static StanFit Of(NegativeBinomialFit<Count> fit) => Of(fit, Groups, fit.Shape);
}
