using System.Runtime.CompilerServices;
using MathNet.Numerics.Distributions;

namespace TypedPooling.Inference.Numerics;

/// <summary>Quantiles of a chi-squared distribution with an even number of degrees of freedom: closed form for 2, otherwise a table of its cube root,
/// which is almost linear in the normal quantile of the same probability.</summary>
/// <remarks>Between knots 1/16 of a normal sd apart cubics match values and slopes: for 6 degrees of freedom to 1e-8, relatively. Immutable; a table
/// is made once. That the cube root is nearly normal: [WilsonHilferty1931].</remarks>
internal sealed class InverseChiSquared
{
    // No uniform number of 53 digits is beyond 8.3 normal sds.
    private const int Reach = 9;
    private const int KnotsPerSd = 16;

    private static readonly Lazy<InverseChiSquared> Six = new(() => new InverseChiSquared(6));

    private readonly double[] values;
    private readonly double[] slopes;        // by knot spacing

    private InverseChiSquared(int degreesOfFreedom)
    {
        var shape = degreesOfFreedom / 2;
        var count = (2 * Reach * KnotsPerSd) + 1;
        (values, slopes) = (new double[count], new double[count]);
        var logFactorial = 0.0;
        for (var k = 2; k < shape; k++)
            logFactorial += Math.Log(k);
        for (var knot = 0; knot < count; knot++)
        {
            var normal = ((double)knot / KnotsPerSd) - Reach;
            var x = HalfQuantile(normal, shape, logFactorial);
            values[knot] = Math.Cbrt(2 * x);

            // d x / d normal = phi(normal) / density of x
            var slope = Normal.PDF(0, 1, normal) / Math.Exp(((shape - 1) * Math.Log(x)) - x - logFactorial);
            slopes[knot] = values[knot] / (3 * x) * slope / KnotsPerSd;
        }
    }

    /// <summary>The value that is exceeded with a given probability.</summary>
    /// <param name="degreesOfFreedom">2 or 6.</param>
    /// <param name="probability">Strictly between 0 and 1, and not so near to either that 53 digits do not tell.</param>
    public static double Exceeded(int degreesOfFreedom, double probability) => degreesOfFreedom switch
    {
        2 => -2 * Math.Log(probability),
        6 => Six.Value.At(-InverseNormal.Of(probability)),
        _ => throw new ArgumentOutOfRangeException(nameof(degreesOfFreedom)),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double At(double normal)
    {
        var place = (normal + Reach) * KnotsPerSd;
        var knot = (int)place;
        var t = place - knot;
        var (a, b, up, down) = (values[knot], values[knot + 1], slopes[knot], slopes[knot + 1]);
        var root = a + (t * (up + (t * ((3 * (b - a)) - (2 * up) - down + (t * ((2 * (a - b)) + up + down))))));
        return root * root * root;
    }

    // Half the quantile, gamma distributed with this shape, by Newton's method on the log of the smaller tail.
    private static double HalfQuantile(double normal, int shape, double logFactorial)
    {
        var target = Math.Log(Normal.CDF(0, 1, -Math.Abs(normal)));
        var x = 0.5 * shape;
        for (var i = 0; i < 100; i++)
        {
            var log = LogTail(x, shape, isLower: normal <= 0);
            var density = Math.Exp(((shape - 1) * Math.Log(x)) - x - logFactorial - log);

            // In log x below, where the log tail is almost linear in it; in x above.
            var next = normal <= 0 ? x * Math.Exp((target - log) / (x * density)) : x - ((target - log) / density);
            if (Math.Abs(next - x) <= 1e-15 * x)
                return next;
            x = next;
        }

        return x;
    }

    // Sums of Poisson probabilities with mean x: of shape and more events below, of fewer above.
    private static double LogTail(double x, int shape, bool isLower)
    {
        var (term, sum) = (1.0, isLower ? 0.0 : 1.0);
        for (var k = 1; isLower ? k <= shape || term > 1e-18 * sum : k < shape; k++)
        {
            term *= x / k;
            if (!isLower || k >= shape)
                sum += term;
        }

        return Math.Log(sum) - x;
    }
}
