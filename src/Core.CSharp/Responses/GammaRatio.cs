using MathNet.Numerics;

namespace TypedPooling.Responses;

/// <summary>Logs of gamma functions and of their ratios, with derivatives, without the loss of digits of a difference of two large logs.</summary>
/// <remarks>From 16 on by Stirling's series, whose next term is below 1e-15 there; below by the recursion up to it. Source: [DLMF], 5.5,
/// 5.11.</remarks>
internal static class GammaRatio
{
    private const double Large = 16;

    // A sum of so many logs is as fast as the two series.
    private const int FewTerms = 12;

    private static readonly double HalfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>log Gamma(x + y) - log Gamma(x) - y log x, which goes to 0 as x grows.</summary>
    /// <param name="x">A positive number.</param>
    /// <param name="y">A number of 0 or more.</param>
    /// <param name="derivative">The derivative for x.</param>
    /// <returns>The log.</returns>
    public static double Log(double x, double y, out double derivative)
    {
        derivative = 0;
        var log = 0.0;
        if (y <= FewTerms && y == Math.Floor(y))
        {
            // The product of (1 + k / x) for k < y
            for (var k = 1; k < y; k++)
            {
                log += LogOnePlus(k / x);
                derivative -= k / (x * (x + k));
            }

            return log;
        }

        if (x >= Large)
        {
            var z = x + y;
            var growth = LogOnePlus(y / x);
            derivative = growth - (z - 0.5) * y / (x * z) + SeriesSlope(z) - SeriesSlope(x);
            return (z - 0.5) * growth - y + Series(z) - Series(x);
        }

        log = LogGamma(x + y, out var above) - LogGamma(x, out var below) - y * Math.Log(x);
        derivative = above - below - y / x;
        return log;
    }

    /// <summary>x log x - log Gamma(x).</summary>
    /// <param name="x">A positive number.</param>
    /// <param name="derivative">Its derivative, log x + 1 - digamma(x).</param>
    /// <returns>The difference; x + log(x) / 2 + O(1) as x grows.</returns>
    public static double PowerOverGamma(double x, out double derivative)
    {
        if (x >= Large)
        {
            derivative = 0.5 / x + 1 - SeriesSlope(x);
            return 0.5 * Math.Log(x) + x - HalfLogTwoPi - Series(x);
        }

        var log = LogGamma(x, out var slope);
        derivative = Math.Log(x) + 1 - slope;
        return x * Math.Log(x) - log;
    }

    /// <summary>log(1 + x), to the last digits also where x is small.</summary>
    /// <param name="x">A number above -1.</param>
    /// <returns>The log.</returns>
    public static double LogOnePlus(double x)
    {
        // What rounding did to 1 + x is undone by the ratio. [Goldberg1991]
        var sum = 1 + x;
        return sum == 1 ? x : double.IsPositiveInfinity(sum) ? sum : Math.Log(sum) * (x / (sum - 1));
    }

    /// <summary>e^x - 1, to the last digits also where x is small.</summary>
    /// <param name="x">A number.</param>
    /// <param name="exponential">e^x.</param>
    /// <returns>The difference.</returns>
    public static double ExpMinusOne(double x, out double exponential)
    {
        if (Math.Abs(x) > 0.35)
        {
            exponential = Math.Exp(x);
            return exponential - 1;
        }

        // Taylor's series; the term of x^15 is below 1e-17 of the first.
        var sum = 1.0;
        for (var k = 14; k > 1; k--)
            sum = 1 + sum * x / k;
        exponential = 1 + sum * x;
        return sum * x;
    }

    /// <summary>R(x) = log Gamma(x) - x log x + x, what Stirling's leading terms leave: log(2 pi / x) / 2 + O(1 / x) as x grows.</summary>
    /// <param name="x">A positive number.</param>
    /// <param name="derivative">Its derivative, digamma(x) - log x.</param>
    /// <returns>The rest.</returns>
    public static double Rest(double x, out double derivative)
    {
        if (x >= Large)
        {
            derivative = SeriesSlope(x) - 0.5 / x;
            return HalfLogTwoPi - 0.5 * Math.Log(x) + Series(x);
        }

        var log = LogGamma(x, out var digamma);
        derivative = digamma - Math.Log(x);
        return log - x * Math.Log(x) + x;
    }

    /// <summary>R(x + y) - R(x), R being <see cref="Rest"/>, which goes to 0 as x grows.</summary>
    /// <param name="x">A positive number.</param>
    /// <param name="y">A number of 0 or more.</param>
    /// <param name="derivative">The derivative for x.</param>
    /// <returns>The difference.</returns>
    public static double RestDifference(double x, double y, out double derivative)
    {
        if (x >= Large)
        {
            derivative = 0.5 * y / (x * (x + y)) + SeriesSlope(x + y) - SeriesSlope(x);
            return -0.5 * LogOnePlus(y / x) + Series(x + y) - Series(x);
        }

        var log = Rest(x + y, out var above) - Rest(x, out var below);
        derivative = above - below;
        return log;
    }

    /// <summary>log n!.</summary>
    /// <param name="n">A whole number of 0 or more.</param>
    public static double LogFactorial(double n) => n <= 170 ? SpecialFunctions.FactorialLn((int)n) : SpecialFunctions.GammaLn(n + 1);

    /// <summary>log n! - n log n + n; beyond 170 by Stirling's series, whose next term is below 1e-18.</summary>
    /// <param name="n">A whole number of 0 or more.</param>
    public static double FactorialRest(double n) => n switch
    {
        0 => 0,
        <= 170 => LogFactorial(n) - n * Math.Log(n) + n,
        _ => 0.5 * Math.Log(2 * Math.PI * n) + (1 / 12.0 - (1 / 360.0 - 1 / (1260 * n * n)) / (n * n)) / n,
    };

    private static double LogGamma(double x, out double digamma)
    {
        var (product, inverse) = (1.0, 0.0);
        for (; x < Large; x++)
        {
            product *= x;
            inverse += 1 / x;
        }

        digamma = Math.Log(x) - 0.5 / x + SeriesSlope(x) - inverse;
        return (x - 0.5) * Math.Log(x) - x + HalfLogTwoPi + Series(x) - Math.Log(product);
    }

    // log Gamma(x) less its leading terms
    private static double Series(double x)
    {
        var square = 1 / (x * x);
        return (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square * (1.0 / 1188 - square * (691.0 / 360360))))))
            / x;
    }

    private static double SeriesSlope(double x)
    {
        var square = 1 / (x * x);
        return -square
            * (1.0 / 12 - square * (1.0 / 120 - square * (1.0 / 252 - square * (1.0 / 240 - square * (1.0 / 132 - square * (691.0 / 32760))))));
    }
}
