using System.Runtime.CompilerServices;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.Columns;

/// <summary>The coordinates t of population effects that are sampled, about a rough fit and in units of its standard errors. Immutable.</summary>
/// <remarks>
/// z = centre + M t with M M' the inverse information of the rough fit, M upper triangular. A prior without bounds has beta = z, a bounded one beta =
/// lower + width / (1 + exp(-z)): no hard edge. An unbounded intercept by which columns are centred has z_0 = beta~_0, which is nearly independent of
/// the others: beta_0 = z_0 + y* - sum_e x*_e beta_e. Priors are those of beta, with the log determinant of beta for t: exact whatever the rough fit.
/// Source: [StanReference], ch. constraint transforms.
/// </remarks>
internal sealed class PopulationCoordinates
{
    private readonly IRealPrior[] priors;
    private readonly double[] origin;
    private readonly int intercept;
    private readonly double response;
    private readonly double[] centre;
    private readonly double[] map;
    private readonly double logUnits;
    private readonly bool[] isBounded;

    /// <summary>Lays out the coordinates of all estimated effects of a model but the first ones.</summary>
    /// <param name="columns">The estimated effects.</param>
    /// <param name="first">The first effect meant; none of those before is centred by an intercept among those meant.</param>
    /// <param name="centre">z where t = 0. Length p, the number of effects meant.</param>
    /// <param name="map">M, p x p by rows, upper triangular with a positive diagonal.</param>
    public PopulationCoordinates(PopulationColumns columns, int first, double[] centre, double[] map)
    {
        priors = columns.Priors[first..];
        origin = columns.Origin[first..];
        intercept = Math.Max(-1, columns.Intercept - first);
        response = columns.Response;
        this.centre = centre;
        this.map = map;
        isBounded = [.. priors.Select(IsBounded)];
        for (var e = 0; e < Count; e++)
            logUnits += Math.Log(map[e * Count + e]);
    }

    private PopulationCoordinates() => (priors, origin, intercept, centre, map, isBounded) = ([], [], -1, [], [], []);

    /// <summary>No effects.</summary>
    public static PopulationCoordinates None { get; } = new();

    /// <summary>Number of effects p.</summary>
    public int Count => centre.Length;

    // Whether the intercept's coordinate is beta~_0, and the others move beta_0; else they move beta~_0.
    private bool HasPivotedIntercept => intercept >= 0 && !isBounded[intercept];

    /// <summary>Whether a prior has two finite bounds.</summary>
    public static bool IsBounded(IRealPrior prior) => !double.IsInfinity(prior.Upper - prior.Lower);

    /// <summary>Where a prior is and how wide, for rough fits only.</summary>
    /// <param name="prior">The prior.</param>
    /// <returns>Its median, 0 where there is none, and its rough scale.</returns>
    public static (double Location, double Scale) Rough(IRealPrior prior) => (double.IsNaN(prior.Median) ? 0 : prior.Median, prior.RoughScale);

    /// <summary>The part of a bounded prior's width that lies below a value, well inside the bounds.</summary>
    public static double Share(IRealPrior prior, double value)
    {
        var share = (value - prior.Lower) / (prior.Upper - prior.Lower);
        return double.IsNaN(share) ? 0.5 : Math.Clamp(share, 0.02, 0.98);
    }

    /// <summary>Evaluates the effects and their prior.</summary>
    /// <param name="t">Coordinates. Length p.</param>
    /// <param name="beta">Overwritten with the effects in the units of the model. Length p.</param>
    /// <param name="pivoted">Overwritten with beta~, whose columns are centred. Length p.</param>
    /// <returns>Log prior density of t, Jacobians and all constants included.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Constrain(ReadOnlySpan<double> t, Span<double> beta, Span<double> pivoted)
    {
        var log = logUnits;
        for (var e = 0; e < Count; e++)
        {
            var z = centre[e];
            for (var d = e; d < Count; d++)
                z += map[e * Count + d] * t[d];
            beta[e] = z;
            if (!isBounded[e])
                continue;
            var a = Math.Abs(z);
            beta[e] = priors[e].Lower + (priors[e].Upper - priors[e].Lower) * Logistic(z);
            log += Math.Log(priors[e].Upper - priors[e].Lower) - a - 2 * Math.Log(1 + Math.Exp(-a));
        }

        beta[..Count].CopyTo(pivoted);
        if (HasPivotedIntercept)
            beta[intercept] += Moved(beta);
        else if (intercept >= 0)
            pivoted[intercept] -= Moved(beta);
        for (var e = 0; e < Count; e++)
            log += priors[e].LogDensity(beta[e]);
        return log;
    }

    /// <summary>Carries the derivatives of a function of beta~ back to t and adds those of the log prior.</summary>
    /// <param name="beta">The effects at t. Length p.</param>
    /// <param name="onPivoted">Derivative for beta~; overwritten with scratch. Length p.</param>
    /// <param name="gradient">Overwritten. Length p.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(ReadOnlySpan<double> beta, Span<double> onPivoted, Span<double> gradient)
    {
        var onIntercept = intercept < 0 ? 0
            : HasPivotedIntercept ? priors[intercept].LogDensityDerivative(beta[intercept])
            : -onPivoted[intercept];
        for (var e = 0; e < Count; e++)
        {
            var prior = priors[e];
            var on = onPivoted[e] + prior.LogDensityDerivative(beta[e]) - (e == intercept ? 0 : origin[e] * onIntercept);
            if (isBounded[e])
            {
                var s = (beta[e] - prior.Lower) / (prior.Upper - prior.Lower);
                on = on * (prior.Upper - prior.Lower) * s * (1 - s) + 1 - 2 * s;
            }

            onPivoted[e] = on;
        }

        for (var e = 0; e < Count; e++)
        {
            var sum = 0.0;
            for (var d = 0; d <= e; d++)
                sum += map[d * Count + e] * onPivoted[d];
            gradient[e] = sum;
        }
    }

    /// <summary>The coordinates of effects: what <see cref="Constrain"/> is the inverse of.</summary>
    /// <param name="beta">The effects in the units of the model. Length p.</param>
    /// <param name="t">Overwritten. Length p.</param>
    public void Unconstrain(ReadOnlySpan<double> beta, Span<double> t)
    {
        for (var e = Count - 1; e >= 0; e--)
        {
            var z = isBounded[e] ? Math.Log((beta[e] - priors[e].Lower) / (priors[e].Upper - beta[e])) : beta[e];
            if (e == intercept && HasPivotedIntercept)
                z -= Moved(beta);

            // M is upper triangular.
            z -= centre[e];
            for (var d = e + 1; d < Count; d++)
                z -= map[e * Count + d] * t[d];
            t[e] = z / map[e * Count + e];
        }
    }

    // beta_0 - beta~_0 = y* - sum_e x*_e beta_e
    private double Moved(ReadOnlySpan<double> beta)
    {
        var moved = response;
        for (var e = 0; e < Count; e++)
            moved -= e == intercept ? 0 : origin[e] * beta[e];
        return moved;
    }

    private static double Logistic(double z) => 1 / (1 + Math.Exp(-z));
}
