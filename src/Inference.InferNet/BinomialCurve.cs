using TypedPooling.Responses;

namespace TypedPooling.Inference.InferNet;

/// <summary>Log likelihood of a cell as a function of its linear predictor; concave for both links.</summary>
internal static class BinomialCurve
{
    private static readonly ResponseCurve Logit = new LaneCurve<LogitCurve>();
    private static readonly ResponseCurve Probit = new LaneCurve<ProbitCurve>();

    /// <summary>Value and derivatives.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="eta">The linear predictor less the cell's offset.</param>
    /// <returns>a log p + (n - a) log(1 - p), without the binomial coefficient, and its first two derivatives.</returns>
    public static (double Value, double Slope, double Curvature) At(BinomialCell cell, double eta)
    {
        var curve = cell.Link == Link.Logit ? Logit : Probit;
        var value = curve.At(eta + cell.Offset, cell.Successes, cell.Trials, default, out var slope, out var weight, out _);
        return (value, slope, -weight);
    }
}
