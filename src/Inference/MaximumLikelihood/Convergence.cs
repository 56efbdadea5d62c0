using System.Globalization;
using TypedPooling.Draws;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Where a search ended, and the verdict: one bound for every fit by maximum likelihood.</summary>
/// <param name="Value">The log criterion there.</param>
/// <param name="LastGain">What the last step added to it; 0 where no step was taken.</param>
/// <param name="RemainingGain">What a further step promises, g'H^-1 g / 2 with the gradient g and minus the curvature H; infinite or NaN where the
/// curvature there is not that of a maximum.</param>
/// <remarks>
/// On a quadratic the distance to the maximum is sqrt(2 RemainingGain) standard errors. <see cref="Bound"/> allows 1e-4 of them, 5e-9, and what
/// rounding takes from a sum of the criterion's size, 1e-14 |Value|, but no more of that than 1e-3 standard errors, 5e-7: the promise is made of
/// gradients, which lose less than values, and a bad value must not excuse itself. A value that is not finite is no maximum.
/// </remarks>
internal readonly record struct Convergence(double Value, double LastGain, double RemainingGain)
{
    // Half the square of 1e-4 standard errors.
    private const double Precision = 5e-9;

    // Some dozens of units in the last place: a sum of many terms loses so much.
    private const double Rounding = 1e-14;

    // Half the square of 1e-3 standard errors.
    private const double MostRounding = 5e-7;

    /// <summary>The greatest remaining gain of a fit that has converged.</summary>
    public double Bound => Precision + Math.Min(Rounding * Math.Abs(Value), MostRounding);

    /// <summary>What a step may lose by rounding and still be taken.</summary>
    public double Slack => Precision + Rounding * Math.Abs(Value);

    /// <summary>Whether the maximum is reached.</summary>
    public bool IsConverged => double.IsFinite(Value) && Math.Abs(RemainingGain) <= Bound;

    /// <summary>The warning of a fit whose search ended elsewhere; none where it has converged.</summary>
    /// <param name="response">Name of the response.</param>
    public IEnumerable<FitWarning> Warnings(string response)
    {
        if (IsConverged)
            yield break;
        var rest = double.IsFinite(RemainingGain)
            ? string.Create(CultureInfo.InvariantCulture, $"and a further step would gain {RemainingGain:G2} more; the limit is {Bound:G1}")
            : "and the curvature at its end is not that of a maximum";
        yield return new FitWarning(
            FitWarningCode.NotConverged,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The search for the maximum of the likelihood of '{response}' did not converge. Its last step gained {LastGain:G2}, {rest}. "
                    + $"Do not trust the estimates: centre and scale the columns, let fewer effects vary, "
                    + $"or use priors and an engine that knows priors."));
    }
}
