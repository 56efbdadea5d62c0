using TypedPooling.Engines;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Reference;

/// <summary>The models of stan_beta.csv (tests/reference/README.md) as a user declares them, and their fits with the variables of the Stan
/// program.</summary>
internal static class StanBetaModels
{
    private static readonly Group<Share, int> Groups = Group.By((Share s) => s.Group);

    public static IReadOnlyDictionary<string, Func<IEngine, RunOptions, StanFit>> All { get; } = new Dictionary<string, Func<IEngine, RunOptions,
        StanFit>>
    {
        ["beta_intercepts"] = (engine, options) => Of(Shares.Varying(Groups, g => g.Intercept(Exponential(1))).Fit(Rows(), engine, options)),
        ["beta_slopes"] = (engine, options) => Of(Slopes.Fit(Rows(), engine, options)),
    };

    /// <summary>Intercepts and slopes vary.</summary>
    public static BetaModel<Share> Slopes =>
        Shares.Varying(Groups, g => g.Intercept(Exponential(1)).Slope(s => s.X, Exponential(1)).Correlated(Lkj(2)));

    private static BetaModel<Share> Shares =>
        PooledModel.Of<Share>().Beta(s => s.Y, precision: Gamma(2, 0.1)).Intercept(Normal(0, 1.5)).Slope(s => s.X, Normal(0, 1));

    public static IReadOnlyList<Share> Rows() =>
        [.. ReferenceFile.Read("data/shares.csv").Rows.Select(row => new Share((int)row.Number("group"), row.Number("x"), row.Number("y")))];

    private static StanFit Of(BetaFit<Share> fit) => StanCountModels.Of(fit, Groups, fit.Precision);

    public sealed record Share(int Group, double X, double Y);
}
