using Microsoft.ML.Probabilistic.Distributions;
using Microsoft.ML.Probabilistic.Factors;
using Microsoft.ML.Probabilistic.Factors.Attributes;

namespace TypedPooling.Inference.InferNet;

/// <summary>Messages of the factor of a Bernoulli or Binomial cell. For the code that Infer.NET generates, which calls them by their names; users
/// have no use for them.</summary>
/// <remarks>
/// Infer.NET has a factor for one yes-or-no response with a logit link, whose variational message takes random steps, and none for a cell of n
/// trials. This one takes the cell as a whole and the link as data, and nothing in it is random. With one message for n trials expectation
/// propagation matches the moments of all of them together. Sources: [Minka2001], [KnowlesMinka2011].
/// </remarks>
[FactorMethod(typeof(BinomialFactor), nameof(BinomialFactor.Observe))]
[Quality(QualityBand.Preview)]
public static class BinomialFactorMessages
{
    // Of a variational message, in its natural parameters: whole steps may overshoot where many cells of a level step at once. No step moves the mean
    // of its linear predictor farther than this. The fixed point is the same.
    private const double LargestStep = 0.5;
    private const double FarthestMove = 1;

    /// <summary>Message of expectation propagation: the ratio of a Gaussian with the moments of p(a | n, eta) times the cavity to the
    /// cavity.</summary>
    /// <param name="eta">The cavity: the message of the linear predictor less its offset.</param>
    /// <param name="cell">The cell.</param>
    /// <returns>The message, of precision at least 0 since the likelihood is log-concave.</returns>
    /// <exception cref="ImproperMessageException">The cavity is not a distribution.</exception>
    public static Gaussian EtaAverageConditional([SkipIfUniform] Gaussian eta, BinomialCell cell)
    {
        if (eta.IsPointMass)
            return Curvature(eta.Point, cell);
        if (!eta.IsProper())
            throw new ImproperMessageException(eta);
        eta.GetMeanAndVariance(out var mean, out var variance);
        var tilted = BinomialMoments.Tilted(cell, mean, variance);
        return Gaussian.FromNatural(tilted.MeanTimesPrecision, tilted.Precision);
    }

    /// <summary>Message of variational message passing: the Gaussian that has the derivatives of the expected log likelihood for mean and variance of
    /// the linear predictor.</summary>
    /// <param name="eta">The linear predictor less its offset, by its marginal.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="to_eta">The message before, from which a part of the way is gone.</param>
    /// <returns>The message, of precision at least 0.</returns>
    /// <exception cref="ImproperMessageException">The marginal is not a distribution.</exception>
    public static Gaussian EtaAverageLogarithm([SkipIfUniform, Proper] Gaussian eta, BinomialCell cell, Gaussian to_eta)
    {
        if (eta.IsPointMass)
            return Curvature(eta.Point, cell);
        if (!eta.IsProper())
            throw new ImproperMessageException(eta);
        eta.GetMeanAndVariance(out var mean, out var variance);
        var (slope, curvature) = BinomialMoments.ExpectedDerivatives(cell, mean, variance);

        // A step s changes the precision 1 / v by s (-curvature - old precision) and moves the mean by s pull over the new precision.
        var pull = Math.Abs(slope - to_eta.MeanTimesPrecision + mean * to_eta.Precision);
        var excess = pull + FarthestMove * (curvature + to_eta.Precision);
        var step = excess > 0 ? Math.Min(LargestStep, FarthestMove / (variance * excess)) : LargestStep;
        return Gaussian.FromNatural(
            step * (slope - mean * curvature) + (1 - step) * to_eta.MeanTimesPrecision,
            -step * curvature + (1 - step) * to_eta.Precision);
    }

    private static Gaussian Curvature(double eta, BinomialCell cell)
    {
        var (_, slope, curvature) = BinomialCurve.At(cell, eta);
        return Gaussian.FromNatural(slope - eta * curvature, -curvature);
    }
}
