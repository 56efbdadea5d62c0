using TypedPooling.Engines;
using TypedPooling.Randomness;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Plots.Report;

public sealed record Visit(string Cafe, bool Afternoon, double Wait);

/// <summary>Fits that reports are written of.</summary>
internal static class ReportCases
{
    /// <summary>A key that would be markup in a page.</summary>
    public const string Markup = "<script>alert(1)</script>&\"'<!--]]>";

    private static readonly Lazy<NormalFit<Visit>> CafeFit = new(() => Model().Fit(Visits(20, 10), Small));

    public static Group<Visit, string> Cafe { get; } = Group.By((Visit v) => v.Cafe);

    public static RunOptions Small { get; } = new() { Draws = 500, Chains = 2 };

    public static IReadOnlyList<Visit> Rows { get; } = Visits(20, 10);

    /// <summary>The cafés of the lecture, 20 with 10 visits each.</summary>
    public static NormalFit<Visit> Cafes => CafeFit.Value;

    public static NormalModel<Visit> Model(string? name = null) => PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: Exponential(1)).Intercept(Normal(5, 2)).Slope(v => v.Afternoon, Normal(-1, 0.5), name: name)
        .Varying(Cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1), name: name).Correlated(Lkj(2)));

    /// <summary>Visits to cafés whose waits differ, mornings and afternoons in turn.</summary>
    public static Visit[] Visits(int cafes, int visits, Func<int, string>? key = null, ulong seed = 1)
    {
        var random = new PhiloxStream(seed, 0);
        var rows = new List<Visit>();
        for (var j = 0; j < cafes; j++)
        {
            var (morning, difference) = (3.5 + random.NextNormal(), -1 + 0.5 * random.NextNormal());
            for (var i = 0; i < visits; i++)
                rows.Add(new(key?.Invoke(j) ?? $"Cafe {j + 1}", i % 2 == 1, morning + (i % 2) * difference + 0.5 * random.NextNormal()));
        }

        return [.. rows];
    }

    /// <summary>Chains that cannot follow a funnel: few rows, scales that may be near 0, long steps.</summary>
    public static NormalFit<Visit> Divergent() => PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: Exponential(1)).Intercept(Normal(0, 10)).Varying(Cafe, g => g.Intercept(HalfCauchy(5)))
        .Fit(
            Visits(4, 3), Engine.Nuts,
            new() { Chains = 2, Draws = 400, Warmup = 100, TargetAcceptance = 0.3, Seed = 3 });

    /// <summary>The maximum of the likelihood at an sd of 0: cafés that differ less than their visits.</summary>
    public static NormalLikelihoodFit<Visit> Boundary() => PooledModel.Of<Visit>()
        .Normal(v => v.Wait).Intercept().Varying(Cafe, g => g.Intercept())
        .Fit([new("a", false, 1), new("a", false, 5), new("b", false, 2), new("b", false, 4), new("c", false, 3), new("c", false, 3.1)],
            Engine.MaximumLikelihood);

    /// <summary>Rows each of which decides about a level of its own, so that leaving one out cannot be told from the draws.</summary>
    public static (NormalFit<Visit> Fit, Visit[] Rows) HighParetoK()
    {
        var rows = Visits(12, 1);
        rows[3] = rows[3] with { Wait = 40 };
        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Fixed(0.3)).Intercept(Normal(0, 20))
            .Varying(Cafe, g => g.Intercept(HalfCauchy(5)))
            .Fit(rows, Small);
        return (fit, rows);
    }
}
