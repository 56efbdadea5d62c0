namespace TypedPooling.Responses;

/// <summary>What the distribution of a response adds to the variance of its linear predictor: see <see cref="VarianceScale"/>.</summary>
internal static class LatentVariance
{
    /// <summary>Of a response on a log link.</summary>
    /// <param name="squaredVariation">Its squared coefficient of variation c, given its expectation.</param>
    /// <param name="scale">How the variance of the log is approximated.</param>
    /// <returns>trigamma(1 / c), which is exact for a Gamma response; log(1 + c), or c. Infinite where c is.</returns>
    public static double OfLog(double squaredVariation, VarianceScale scale) => scale switch
    {
        VarianceScale.LatentLogNormal => Math.Log(1 + squaredVariation),
        VarianceScale.LatentDelta => squaredVariation,
        _ => Trigamma(1 / squaredVariation),
    };

    /// <summary>The second derivative of the log of the gamma function.</summary>
    /// <param name="x">0 or more.</param>
    /// <returns>Its value to 1e-15; infinite at 0, 0 at infinity.</returns>
    /// <remarks>psi'(x) = psi'(x + 1) + 1 / x^2 up to 12, then the asymptotic series. Source: [AbramowitzStegun1964], 6.4.6 and 6.4.12.</remarks>
    public static double Trigamma(double x)
    {
        if (double.IsPositiveInfinity(x))
            return 0;
        var sum = 0.0;
        for (; x < 12; x++)
            sum += 1 / (x * x);
        var square = 1 / (x * x);
        var series = 1.0 / 6 - square * (1.0 / 30 - square * (1.0 / 42 - square * (1.0 / 30 - square * (5.0 / 66 - square * (691.0 / 2730)))));
        return sum + 1 / x + 0.5 * square + series * square / x;
    }
}
