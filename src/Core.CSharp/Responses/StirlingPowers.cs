using System.Numerics;
using System.Runtime.CompilerServices;

namespace TypedPooling.Responses;

/// <summary>K(x) = x log x - x + log(2 pi) / 2 - log Gamma(x), which grows as log(x) / 2 only, and what x d/dx makes of it, in lanes.</summary>
/// <remarks>
/// <para>k1 = x K' = x (log x - digamma(x)) falls from 1 at 0 to 1/2; k2 = x k1' and k3 = x k2' are 0 at both ends and below 0.12 between. So nothing
/// overflows where gamma functions do.</para>
/// <para>
/// From 16 on by Stirling's series with c_m = B_2m / (2m): K = log(x) / 2 - sum c_m x^(1 - 2m) / (2m - 1), k1 = 1/2 + sum c_m x^(1 - 2m), k2 = -sum
/// (2m - 1) c_m x^(1 - 2m), k3 = sum (2m - 1)^2 c_m x^(1 - 2m); the ninth term is below 3e-18. Below by 16 steps of the recursion, whose first term
/// is taken in closed form, so that k2 and k3 keep their digits near 0. Absolute errors are below 6e-15. Sources: [DLMF], 5.5, 5.11, 5.15.
/// </para>
/// </remarks>
internal static class StirlingPowers
{
    private const int Large = 16;

    // K is log(x) / 2 near 0; below the least argument that is told from 0 here, it is held there.
    private const double Least = 1e-300;

    /// <summary>K and its three powers.</summary>
    /// <param name="x">Positive numbers.</param>
    /// <param name="k1">x dK/dx.</param>
    /// <param name="k2">x dk1/dx.</param>
    /// <param name="k3">x dk2/dx.</param>
    public static Vector<double> At(Vector<double> x, out Vector<double> k1, out Vector<double> k2, out Vector<double> k3)
    {
        x = Vector.Max(x, new Vector<double>(Least));
        var isSmall = Vector.LessThan(x, new Vector<double>(Large));
        if (Vector.EqualsAll(isSmall, Vector<long>.Zero))
            return Series(x, out k1, out k2, out k3);

        var (one, two, three) = (Vector<double>.One, new Vector<double>(2), new Vector<double>(3));
        var z = Vector.ConditionalSelect(isSmall, x + new Vector<double>(Large), x);
        var k = Series(z, out k1, out k2, out k3);
        var inverse = one / z;
        var (product, sum1, sum2, sum3) = (x * inverse, Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
        for (var j = 1; j < Large; j++)
        {
            var step = new Vector<double>(j);
            var own = one / (x + step);
            product *= (x + step) * inverse;
            sum1 += own;
            sum2 += step * own * own;
            sum3 += step * (step - x) * own * own * own;
        }

        // psi = log z - k1 / z at z, trigamma = (z + k1 - k2) / z^2 and tetragamma = (-z - 2 k1 + 3 k2 - k3) / z^3.
        var log = Vector.Log(x * inverse);
        var first = log + k1 * inverse;
        var second = (z + k1 - k2) * inverse * inverse;
        var third = (three * k2 - z - two * k1 - k3) * inverse * inverse * inverse;
        k1 = Vector.ConditionalSelect(isSmall, one + x * (first + sum1), k1);
        k2 = Vector.ConditionalSelect(isSmall, x * (one + first - x * second + sum2), k2);
        k3 = Vector.ConditionalSelect(isSmall, x * (two + first - three * x * second - x * x * third + sum3), k3);
        return Vector.ConditionalSelect(isSmall, k + x * log + Vector.Log(product) + new Vector<double>(Large), k);
    }

    /// <summary>K and k1 of one number.</summary>
    /// <param name="x">A positive number.</param>
    /// <param name="k1">x dK/dx.</param>
    public static double At(double x, out double k1)
    {
        var k = At(new Vector<double>(x), out var first, out _, out _);
        k1 = first[0];
        return k[0];
    }

    private static Vector<double> Series(Vector<double> x, out Vector<double> k1, out Vector<double> k2, out Vector<double> k3)
    {
        var inverse = Vector<double>.One / x;
        var square = inverse * inverse;
        var half = new Vector<double>(0.5);
        k1 = half + inverse * Horner(square, 1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12, -3617.0 / 8160);
        k2 = -inverse * Horner(square, 1.0 / 12, -1.0 / 40, 5.0 / 252, -7.0 / 240, 3.0 / 44, -7601.0 / 32760, 13.0 / 12, -3617.0 / 544);
        k3 = inverse * Horner(square, 1.0 / 12, -3.0 / 40, 25.0 / 252, -49.0 / 240, 27.0 / 44, -83611.0 / 32760, 169.0 / 12, -54255.0 / 544);
        return half * Vector.Log(x)
            - inverse * Horner(square, 1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156, -3617.0 / 122400);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Horner(Vector<double> x, double a, double b, double c, double d, double e, double f, double g, double h) =>
        new Vector<double>(a) + x * (new Vector<double>(b) + x * (new Vector<double>(c) + x * (new Vector<double>(d)
            + x * (new Vector<double>(e) + x * (new Vector<double>(f) + x * (new Vector<double>(g) + x * new Vector<double>(h)))))));
}
