namespace TypedPooling.Inference.InferNet;

/// <summary>Integrals of a cell's likelihood against a normal distribution of its linear predictor, by the trapezoidal rule.</summary>
/// <remarks>
/// On the whole line the rule converges geometrically for smooth integrands: with a spacing of h its error is of the order exp(-2 pi d / h) for an
/// integrand without poles nearer than d to the line, and exp(-2 pi^2 s^2 / h^2) for a normal one of sd s. Source: [TrefethenWeideman2014].
/// </remarks>
internal static class BinomialMoments
{
    // The logistic function has poles at distance pi, and half an sd leaves exp(-79) of a normal integrand; cells of many trials and a share of 0 or
    // 1 are skew and need more: with these they keep eight digits.
    private const double LargestSpacing = 0.3;
    private const double SpacingInSds = 0.5;

    // exp(-37) is the last digit of a double; 8.7 sds of a normal density.
    private const double Negligible = 37;
    private const double FarthestSd = 8.7;

    // Bounds the cost where next to nothing is known of the linear predictor; the likelihood, of a width near 1, is a step then, and off by less than
    // a thousandth of that sd.
    private const int MostNodesPerSide = 2000;

    /// <summary>Moments of the likelihood times a normal density.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="mean">Mean of the normal density, less the offset.</param>
    /// <param name="variance">Its variance; positive.</param>
    /// <returns>Natural parameters of the ratio of the normal density with those moments to the given one; the precision is at least 0.</returns>
    /// <remarks>Some sixty evaluations where the sd is near 1, more where it is larger; allocates nothing.</remarks>
    public static (double MeanTimesPrecision, double Precision) Tilted(BinomialCell cell, double mean, double variance)
    {
        var (mode, peak, curvature) = Mode(cell, mean, variance);
        var spacing = Math.Min(Math.Max(LargestSpacing, FarthestSd * Math.Sqrt(variance) / MostNodesPerSide), SpacingInSds / Math.Sqrt(-curvature));
        double mass = 1, first = 0, second = 0;
        for (var side = -1; side <= 1; side += 2)
        {
            for (var node = 1; node <= 2 * MostNodesPerSide; node++)
            {
                var t = side * node * spacing;
                var height = Height(cell, mode + t, mean, variance) - peak;
                if (!(height > -Negligible))
                    break;
                var weight = Math.Exp(height);
                mass += weight;
                first += weight * t;
                second += weight * t * t;
            }
        }

        // First in mode coordinates: no digits are lost far from 0.
        var shift = first / mass;
        var precision = 1 / (second / mass - shift * shift);
        var own = Math.Max(0, precision - 1 / variance);
        return (own * (mode + shift) + (mode + shift - mean) / variance, own);
    }

    /// <summary>Expected derivatives of the log likelihood.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="mean">Mean of the linear predictor, less the offset.</param>
    /// <param name="variance">Its variance; positive.</param>
    /// <returns>Expected first and second derivative; the second is at most 0.</returns>
    public static (double Slope, double Curvature) ExpectedDerivatives(BinomialCell cell, double mean, double variance)
    {
        var sd = Math.Sqrt(variance);
        var spacing = Math.Min(Math.Max(LargestSpacing / sd, FarthestSd / MostNodesPerSide), SpacingInSds);
        var count = (int)Math.Ceiling(FarthestSd / spacing);
        double mass = 0, slope = 0, curvature = 0;
        for (var node = -count; node <= count; node++)
        {
            var t = node * spacing;
            var weight = Math.Exp(-0.5 * t * t);
            var at = BinomialCurve.At(cell, mean + sd * t);
            mass += weight;
            slope += weight * at.Slope;
            curvature += weight * at.Curvature;
        }

        return (slope / mass, curvature / mass);
    }

    private static double Height(BinomialCell cell, double eta, double mean, double variance) =>
        BinomialCurve.At(cell, eta).Value - 0.5 * (eta - mean) * (eta - mean) / variance;

    // The derivative falls, and is between 0 and the likelihood's at the mean where the mode is between the mean and a whole step from it.
    private static (double At, double Height, double Curvature) Mode(BinomialCell cell, double mean, double variance)
    {
        var step = variance * BinomialCurve.At(cell, mean).Slope;
        var (low, high) = (Math.Min(mean, mean + step), Math.Max(mean, mean + step));
        var at = mean;
        for (var iteration = 0; ; iteration++)
        {
            var (value, slope, curvature) = BinomialCurve.At(cell, at);
            slope -= (at - mean) / variance;
            curvature -= 1 / variance;

            // A hundredth of an sd is near enough to place nodes by.
            if (slope * slope <= 1e-4 * -curvature || iteration == 200)
                return (at, value - 0.5 * (at - mean) * (at - mean) / variance, curvature);
            if (slope > 0)
                low = at;
            else
                high = at;
            var next = at - slope / curvature;
            at = next > low && next < high ? next : 0.5 * (low + high);
        }
    }
}
