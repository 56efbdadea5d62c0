using Microsoft.ML.Probabilistic.Math;

namespace TypedPooling.Inference.InferNet;

/// <summary>Log likelihood of a cell as a function of its linear predictor; concave for both links.</summary>
internal static class BinomialCurve
{
    /// <summary>Value and derivatives.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="eta">The linear predictor less the cell's offset.</param>
    /// <returns>a log p + (n - a) log(1 - p), without the binomial coefficient, and its first two derivatives.</returns>
    public static (double Value, double Slope, double Curvature) At(BinomialCell cell, double eta)
    {
        var x = eta + cell.Offset;
        var (a, b) = (cell.Successes, cell.Trials - cell.Successes);
        if (cell.Link == Link.Logit)
        {
            var p = MMath.Logistic(x);
            return (Times(a, MMath.LogisticLn(x)) + Times(b, MMath.LogisticLn(-x)), a * MMath.Logistic(-x) - b * p, -cell.Trials * p * MMath.Logistic(-x));
        }

        // r = phi / Phi, the inverse of Mills' ratio; (log Phi)'' = -r (r + x).
        var (up, down) = (1 / MMath.NormalCdfRatio(x), 1 / MMath.NormalCdfRatio(-x));
        return (Times(a, MMath.NormalCdfLn(x)) + Times(b, MMath.NormalCdfLn(-x)), a * up - b * down, -a * up * (up + x) - b * down * (down - x));
    }

    // The log of a probability that is 0 in doubles is not asked for where nothing was seen.
    private static double Times(double count, double logProbability) => count > 0 ? count * logProbability : 0;
}
