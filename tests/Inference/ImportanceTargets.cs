using MathNet.Numerics;
using TypedPooling.Tests.Support;

namespace TypedPooling.Tests.Inference;

/// <summary>Densities whose integral and moments are known exactly.</summary>
internal static class ImportanceTargets
{
    private static readonly double LogRootTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>A target by name: its density, log sds, exact log normaliser, and exact means and variances of functions of a position.</summary>
    public sealed record Case(
        int Dimension,
        int[] LogSds,
        double[][] Starts,
        double LogNormalizer,
        Target.LogDensityFunction LogDensity,
        (string Name, Func<double[], double> Of, double Mean)[] Means);

    public static IReadOnlyDictionary<string, Case> All { get; } = new Dictionary<string, Case>
    {
        // Sds 1, 0.1, 3, 20 and every correlation 0.8, times e^5.
        ["normal"] = new(
            4, [], Origins(4), 5, z => 5 + CorrelatedNormal(z),
            [("z0", z => z[0], 1), (
                "z3", z => z[3], -10), ("var z1", z => Math.Pow(z[1] - 2, 2), 0.01), ("cov z0 z3", z => (z[0] - 1) * (z[3] + 10), 0.8 * 20)]),

        // Multivariate t with 8 degrees of freedom, identity scale matrix: variance 8/6.
        ["t"] = new(3, [], Origins(3), 0, z => LogT(z, 8), [("z0", z => z[0], 0), ("z1^2", z => z[1] * z[1], 8 / 6.0)]),

        // z = log g, g ~ Gamma(2, 1) and Gamma(5, 1): means digamma, variances trigamma.
        ["log gamma"] = new(
            2, [], Origins(2), SpecialFunctions.GammaLn(2)
                + SpecialFunctions.GammaLn(5), z => (2 * z[0]) - Math.Exp(z[0]) + (5 * z[1]) - Math.Exp(z[1]),
            [("z0", z => z[0], SpecialFunctions.DiGamma(2)), ("z1", z => z[1], SpecialFunctions.DiGamma(5)), (
                "g0", z => Math.Exp(z[0]), 2), ("var z0", z => Math.Pow(z[0] - SpecialFunctions.DiGamma(2), 2), (Math.PI * Math.PI / 6) - 1)]),

        // sd = |N(0, 1)|, two of them, and a normal z: the density of the sd is greatest at 0, its log has the left tail exp(z).
        ["half-normal"] = new(
            3, [0, 2], Origins(3), 0, z => LogHalfNormal(z[0]) + LogNormal(z[1]) + LogHalfNormal(z[2]),
            [("sd0", z => Math.Exp(z[0]), Math.Sqrt(2 / Math.PI)), (
                "sd2^2",
                z => Math.Exp(2 * z[2]),
                1), ("z0", z => z[0], -0.5 * (Constants.EulerMascheroni + Math.Log(2))), (
                    "P(sd0 < 0.01)", z => z[0] < Math.Log(0.01) ? 1 : 0, SpecialFunctions.Erf(0.01 / Math.Sqrt(2)))]),

        // z0 ~ N(0, 1), z1 | z0 ~ N(z0^2 / 2, 1/2).
        ["banana"] = new(
            2, [], Origins(2), 0, z => LogNormal(z[0]) + LogNormal(2 * (z[1] - (0.5 * z[0] * z[0]))) + Math.Log(2),
            [("z0", z => z[0], 0), ("z0^2", z => z[0] * z[0], 1), ("z1", z => z[1], 0.5), ("var z1", z => Math.Pow(z[1] - 0.5, 2), 0.75)]),

        // Two normal modes at -3 and 3, sd 1/2, masses 1/4 and 3/4.
        ["two modes"] = new(
            2, [], [
                [-1, 0],
                [1, 0]],
                0,
                z => LogNormal(z[1]) + Math.Log(2 * ((0.25 * Math.Exp(LogNormal(2 * (z[0] + 3)))) + (0.75 * Math.Exp(LogNormal(2 * (z[0] - 3)))))),
            [("P(z0 > 0)", z => z[0] > 0 ? 1 : 0, 0.75), ("z0", z => z[0], 1.5)]),

        // One coordinate, far away and narrow.
        ["far"] = new(
            1,
            [],
            [[0]],
            Math.Log(1e-3),
            z => LogNormal((z[0] - 100) / 1e-3),
            [("z0", z => z[0], 100), ("var z0", z => Math.Pow(z[0] - 100, 2), 1e-6)]),

        // Six coordinates with different skews.
        ["six"] = new(
            6, [3], Origins(6), 2 * SpecialFunctions.GammaLn(4),
            z => (4 * z[0]) - Math.Exp(z[0]) + (4 * z[1]) - Math.Exp(z[1]) + LogNormal(z[2]) + LogHalfNormal(z[3]) + LogNormal(z[4] - z[2])
                + LogT(z[5..], 8),
            [("z0", z => z[0], SpecialFunctions.DiGamma(4)), (
                "sd3", z => Math.Exp(z[3]), Math.Sqrt(2 / Math.PI)), ("z4^2", z => z[4] * z[4], 2), ("z5^2", z => z[5] * z[5], 8 / 6.0)]),
    };

    public static double LogNormal(double x) => (-0.5 * x * x) - LogRootTwoPi;

    /// <summary>Log density of z where exp(z) = |N(0, 1)|.</summary>
    public static double LogHalfNormal(double z) => Math.Log(2) + LogNormal(Math.Exp(z)) + z;

    /// <summary>Log density of the standard multivariate t.</summary>
    public static double LogT(ReadOnlySpan<double> z, double degreesOfFreedom)
    {
        var squares = 0.0;
        foreach (var x in z)
            squares += x * x;
        var half = 0.5 * (degreesOfFreedom + z.Length);
        return SpecialFunctions.GammaLn(half) - SpecialFunctions.GammaLn(0.5 * degreesOfFreedom)
            - (0.5 * z.Length * Math.Log(degreesOfFreedom * Math.PI))
            - (half * Math.Log(1 + (squares / degreesOfFreedom)));
    }

    public static double[][] Origins(int dimension) =>
        [new double[dimension], [.. Enumerable.Range(0, dimension).Select(i => i % 2 == 0 ? 1.0 : -1.0)]];

    // Precision of the standardised coordinates: (I - rho/(1 + 3 rho) 11')/(1 - rho); determinant of the correlations (1 - rho)^3 (1 + 3 rho).
    private static double CorrelatedNormal(ReadOnlySpan<double> position)
    {
        const double Rho = 0.8;
        ReadOnlySpan<double> mean = [1, 2, 0.5, -10];
        ReadOnlySpan<double> sd = [1, 0.1, 3, 20];
        var (sum, squares, log) = (0.0, 0.0, -0.5 * Math.Log(Math.Pow(1 - Rho, 3) * (1 + (3 * Rho))));
        for (var i = 0; i < 4; i++)
        {
            var x = (position[i] - mean[i]) / sd[i];
            sum += x;
            squares += x * x;
            log -= Math.Log(sd[i]) + LogRootTwoPi;
        }

        return log - (0.5 * (squares - (Rho / (1 + (3 * Rho)) * sum * sum)) / (1 - Rho));
    }
}
