using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace TypedPooling.Checking;

/// <summary>Tests of residuals that are uniform, or normal as quantile residuals, where the model is right.</summary>
/// <remarks>
/// <para>Of n residuals with probabilities u_i and quantile residuals z_i:</para>
/// <list type="bullet">
/// <item>dispersion: the mean of z_i^2, n times which is chi-squared of n degrees of freedom; on both sides.</item>
/// <item>zeros: the number of responses of 0, a sum of independent events of the predictive probabilities p_i of 0; on both sides. By recursion where
/// the number is small, and else by the normal approximation with sum p_i (1 - p_i).</item>
/// <item>outliers: the number of z_i beyond 3.29 on either side, which is Binomial(n, 0.001); above only.</item>
/// <item>uniformity: the greatest distance between the empirical distribution function of u_i and the diagonal, by its limit distribution with
/// the correction of [Stephens1970].</item>
/// </list>
/// <para>They take residuals for independent, which leave-one-out residuals of one data set are but nearly: where few rows share a parameter their
/// p-values are rough.</para>
/// </remarks>
internal static class ResidualSummary
{
    public const string Dispersion = "dispersion";
    public const string Zeros = "zeros";
    public const string Outliers = "outliers";
    public const string Uniformity = "uniformity";

    /// <summary>Probability of an outlier, both sides together.</summary>
    public const double OutlierProbability = 0.001;

    // Beyond so many responses of 0 their number is normal to 1 % or so of a p-value.
    private const int MostByRecursion = 100;

    /// <summary>All tests.</summary>
    /// <param name="residuals">The residuals; at least one.</param>
    /// <param name="hasZeros">Whether the response can be 0 with a positive probability.</param>
    /// <param name="hasPValues">Whether residuals are uniform where the model is right.</param>
    public static IEnumerable<ResidualTest> Of(IReadOnlyList<Residual> residuals, bool hasZeros, bool hasPValues)
    {
        var n = residuals.Count;
        var squares = residuals.Sum(residual => residual.Quantile * residual.Quantile);
        yield return Test(Dispersion, squares / n, 1, () => TwoSided(ChiSquared.CDF(n, squares)));
        if (hasZeros)
        {
            var zeros = residuals.Count(residual => residual.Observed == 0);
            yield return Test(Zeros, zeros, residuals.Sum(residual => residual.ProbabilityOfZero), () => PValueOfZeros(residuals, zeros));
        }

        var outliers = residuals.Count(IsOutlier);
        yield return Test(
            Outliers, outliers, OutlierProbability * n, () => outliers == 0 ? 1 : 1 - Binomial.CDF(OutlierProbability, n, outliers - 1));
        var distance = Distance([.. residuals.Select(residual => residual.Probability).Order()]);
        yield return Test(Uniformity, distance, 1.3581 / Scale(n), () => KolmogorovTail(distance * Scale(n)));

        ResidualTest Test(string name, double observed, double expected, Func<double> pValue) =>
            new(name, observed, expected, hasPValues ? pValue() : double.NaN);
    }

    /// <summary>Whether a residual is one of those that a right model has with probability 0.001.</summary>
    public static bool IsOutlier(Residual residual) => Math.Min(residual.Probability, 1 - residual.Probability) < 0.5 * OutlierProbability;

    private static double TwoSided(double below) => Math.Min(1, 2 * Math.Min(below, 1 - below));

    // sqrt(n) + 0.12 + 0.11 / sqrt(n) times the distance has the limit distribution from n = 4 on.
    private static double Scale(int n) => Math.Sqrt(n) + 0.12 + 0.11 / Math.Sqrt(n);

    private static double Distance(double[] sorted)
    {
        var greatest = 0.0;
        for (var i = 0; i < sorted.Length; i++)
            greatest = Math.Max(greatest, Math.Max((i + 1.0) / sorted.Length - sorted[i], sorted[i] - (double)i / sorted.Length));
        return greatest;
    }

    // 2 sum over k of (-1)^(k - 1) exp(-2 k^2 x^2), whose terms fall too slowly below 0.2, where it is 1 to 1e-12.
    private static double KolmogorovTail(double x)
    {
        if (x < 0.2)
            return 1;
        var sum = 0.0;
        for (var k = 1; k <= 100; k++)
            sum += (k % 2 == 1 ? 2 : -2) * Math.Exp(-2.0 * k * k * x * x);
        return Math.Clamp(sum, 0, 1);
    }

    private static double PValueOfZeros(IReadOnlyList<Residual> residuals, int zeros)
    {
        var (mean, variance) = (0.0, 0.0);
        foreach (var p in residuals.Select(residual => residual.ProbabilityOfZero))
            (mean, variance) = (mean + p, variance + p * (1 - p));
        if (zeros > MostByRecursion)
        {
            var sd = Math.Sqrt(variance);
            return sd == 0
                ? zeros == mean ? 1 : 0
                : Math.Min(1, SpecialFunctions.Erfc(Math.Max(0, Math.Abs(zeros - mean) - 0.5) / sd / Constants.Sqrt2));
        }

        // Probabilities of 0, 1, ... zeros so far.
        var probabilities = new double[zeros + 1];
        probabilities[0] = 1;
        foreach (var p in residuals.Select(residual => residual.ProbabilityOfZero))
        {
            for (var k = zeros; k > 0; k--)
                probabilities[k] = probabilities[k] * (1 - p) + probabilities[k - 1] * p;
            probabilities[0] *= 1 - p;
        }

        var below = probabilities.Sum();
        return Math.Min(1, 2 * Math.Min(below, 1 - below + probabilities[zeros]));
    }
}
