using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The coordinates t of the population effects, about a rough fit and in units of its standard errors. Immutable.</summary>
/// <remarks>
/// z = centre + M t with M M' the inverse information of the rough fit, M upper triangular. A prior without bounds has beta = z, a bounded one beta =
/// lower + width / (1 + exp(-z)), an unbounded intercept beta_0 = z_0 + shift - sum_e x*_e beta_e. Priors are those of beta, with the log determinant
/// of beta for t: exact whatever the rough fit.
/// </remarks>
internal sealed class PopulationCoordinates
{
    private readonly JointTerms terms;
    private readonly double[] centre;
    private readonly double[] map;
    private readonly double logUnits;
    private readonly bool[] isBounded;

    /// <summary>Lays out the coordinates.</summary>
    /// <param name="terms">The model's terms.</param>
    /// <param name="centre">z where t = 0. Length p.</param>
    /// <param name="map">M, p x p by rows, upper triangular with a positive diagonal.</param>
    public PopulationCoordinates(JointTerms terms, double[] centre, double[] map)
    {
        this.terms = terms;
        this.centre = centre;
        this.map = map;
        isBounded = [.. terms.Priors.Select(JointTerms.IsBounded)];
        for (var e = 0; e < Count; e++)
            logUnits += Math.Log(map[e * Count + e]);
    }

    /// <summary>Number of effects p.</summary>
    public int Count => centre.Length;

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
            var prior = terms.Priors[e];
            var a = Math.Abs(z);
            beta[e] = prior.Lower + (prior.Upper - prior.Lower) * Logistic(z);
            log += Math.Log(prior.Upper - prior.Lower) - a - 2 * Math.Log(1 + Math.Exp(-a));
        }

        beta[..Count].CopyTo(pivoted);
        if (terms.Intercept >= 0)
        {
            var moved = terms.Shift;
            for (var e = 0; e < Count; e++)
                moved -= terms.Origin[e] * (e == terms.Intercept ? 0 : beta[e]);
            beta[terms.Intercept] += moved;
        }

        for (var e = 0; e < Count; e++)
            log += terms.Priors[e].LogDensity(beta[e]);
        return log;
    }

    /// <summary>Carries the derivatives of a function of beta~ back to t and adds those of the log prior.</summary>
    /// <param name="beta">The effects at t. Length p.</param>
    /// <param name="onPivoted">Derivative for beta~; overwritten with scratch. Length p.</param>
    /// <param name="gradient">Overwritten. Length p.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(ReadOnlySpan<double> beta, Span<double> onPivoted, Span<double> gradient)
    {
        var intercept = terms.Intercept;
        var onIntercept = intercept < 0 ? 0 : terms.Priors[intercept].LogDensityDerivative(beta[intercept]);
        for (var e = 0; e < Count; e++)
        {
            if (e == intercept)
            {
                onPivoted[e] += onIntercept;
                continue;
            }

            var prior = terms.Priors[e];
            var on = onPivoted[e] + prior.LogDensityDerivative(beta[e]) - terms.Origin[e] * onIntercept;
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
            var prior = terms.Priors[e];
            var z = isBounded[e] ? Math.Log((beta[e] - prior.Lower) / (prior.Upper - beta[e])) : beta[e];
            if (e == terms.Intercept)
            {
                z -= terms.Shift;
                for (var d = 0; d < Count; d++)
                    z += d == e ? 0 : terms.Origin[d] * beta[d];
            }

            // M is upper triangular.
            z -= centre[e];
            for (var d = e + 1; d < Count; d++)
                z -= map[e * Count + d] * t[d];
            t[e] = z / map[e * Count + e];
        }
    }

    private static double Logistic(double z) => 1 / (1 + Math.Exp(-z));
}
