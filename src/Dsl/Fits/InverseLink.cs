using System.Diagnostics;
using MathNet.Numerics;

namespace TypedPooling;

/// <summary>From the linear predictor to the expectation, and to its mean where the linear predictor is normal.</summary>
internal static class InverseLink
{
    private const double HalfWidth = 8.5;            // in sds: beyond it a normal number has a probability of 2e-17

    // The trapezoidal rule on the real line errs by about exp(-2 pi d / h) for an integrand that is analytic in a strip of half-width d, and exp(-2
    // pi^2 / h^2) for the normal density: d is pi for the logistic function and its density, pi / 2 for those of the complementary log-log, over the
    // sd where that is below 1: errors of e^-39.
    private static double StepOf(Link link) => link == Link.Logit ? 0.5 : 0.25;

    /// <summary>The inverse of a link.</summary>
    /// <param name="link">Identity, Log, Logit, Probit or ComplementaryLogLog.</param>
    /// <param name="eta">Any number, infinities among them.</param>
    /// <returns>A probability, or a rate; never NaN unless eta is.</returns>
    public static double Of(Link link, double eta) => link switch
    {
        Link.Log => Math.Exp(eta),
        Link.Logit => eta >= 0 ? 1 / (1 + Math.Exp(-eta)) : Math.Exp(eta) / (1 + Math.Exp(eta)),
        Link.Probit => 0.5 * SpecialFunctions.Erfc(-eta / Constants.Sqrt2),
        Link.ComplementaryLogLog => OneLessExp(Math.Exp(eta)),
        Link.Identity => eta,
        _ => throw new UnreachableException(),
    };

    /// <summary>The mean of the inverse of a link over Normal(eta, sqrt(variance)).</summary>
    /// <param name="link">Identity, Log, Logit, Probit or ComplementaryLogLog.</param>
    /// <param name="eta">The mean of the linear predictor.</param>
    /// <param name="variance">Its variance, 0 or more.</param>
    /// <returns>The mean, to 1e-12 or so; closed forms for Log and Probit.</returns>
    /// <remarks>
    /// An inverse link of probabilities is the distribution function of a latent number L, logistic or Gumbel. Up to a variance of 1 the mean is
    /// integrated over the normal number; beyond, where poles of the link come near, over L: the mean of Phi((eta - L) / sd). Either way 35 to 165
    /// terms.
    /// </remarks>
    public static double Mean(Link link, double eta, double variance)
    {
        if (variance <= 0)
            return Of(link, eta);
        switch (link)
        {
            case Link.Log:
                return Math.Exp(eta + 0.5 * variance);
            case Link.Probit:
                return Of(Link.Probit, eta / Math.Sqrt(1 + variance));
            case Link.Identity:
                return eta;
        }

        var sd = Math.Sqrt(variance);
        if (double.IsInfinity(sd))
            return 0.5;
        return variance <= 1 ? OverNormal(link, eta, sd) : OverLatent(link, eta, sd);
    }

    // 1 - exp(-x) to all digits: the rounding of exp(-x) is undone by its own logarithm. MathNet's Expm1 errs by 1e-8 near 0.1.
    private static double OneLessExp(double x)
    {
        var power = Math.Exp(-x);
        return power == 1 ? x : power == 0 ? 1 : (1 - power) * (x / -Math.Log(power));
    }

    private static double OverNormal(Link link, double eta, double sd)
    {
        var (sum, step) = (0.0, StepOf(link));
        for (var z = -HalfWidth; z <= HalfWidth; z += step)
            sum += Math.Exp(-0.5 * z * z) * Of(link, eta + sd * z);
        return Math.Min(1, sum * step / Constants.Sqrt2Pi);
    }

    private static double OverLatent(Link link, double eta, double sd)
    {
        // Where the densities end to 1e-16: exp(-|l|) at both sides of the logistic, exp(l) and exp(l - exp(l)) at those of the Gumbel distribution.
        var (from, to) = link == Link.Logit ? (-37.0, 37.0) : (-37.0, 4.0);
        var (sum, step) = (0.0, StepOf(link));
        for (var l = from; l <= to; l += step)
        {
            var density = link == Link.Logit ? Math.Exp(-Math.Abs(l)) / Math.Pow(1 + Math.Exp(-Math.Abs(l)), 2) : Math.Exp(l - Math.Exp(l));
            sum += density * Of(Link.Probit, (eta - l) / sd);
        }

        return Math.Min(1, sum * step);
    }
}
