using System.Numerics;
using MathNet.Numerics;

namespace TypedPooling.Responses;

/// <summary>a log Phi(eta) + (n - a) log Phi(-eta).</summary>
internal readonly struct ProbitCurve : ICurve
{
    // Beyond it differences lose nothing that counts.
    private const double Near = 0.3;

    // The series of Phi about the anchor ends where a term is below rounding; at Near that is after some 20.
    private const int MostTerms = 60;

    private static readonly double LogRootTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <inheritdoc/>
    public static bool IsConcave => true;

    /// <inheritdoc/>
    public static Vector<double> At<TWanted>(
        Vector<double> eta,
        Vector<double> a,
        Vector<double> n,
        in LaneScales scales,
        out Vector<double> slope,
        out Vector<double> weight,
        out Vector<double> weightSlope,
        out Vector<double> onSigma,
        out Vector<double> onShape)
        where TWanted : struct, IWanted
    {
        onSigma = onShape = Vector<double>.Zero;
        var one = LaneMath.Map(eta, InverseMills);
        var other = LaneMath.Map(-eta, InverseMills);
        var rest = n - a;
        slope = a * one - rest * other;
        var (u, v) = (one + eta, other - eta);
        weight = a * one * u + rest * other * v;
        var unit = Vector<double>.One;
        weightSlope = a * one * (unit - u * u - one * u) + rest * other * (v * v + other * v - unit);
        if (!TWanted.Value)
            return Vector<double>.Zero;
        var logOne = LaneMath.Map(eta, LogProbability);
        var logOther = LaneMath.Map(-eta, LogProbability);
        var zero = Vector<double>.Zero;
        return Vector.ConditionalSelect(Vector.GreaterThan(a, zero), a * logOne, zero)
            + Vector.ConditionalSelect(Vector.GreaterThan(rest, zero), rest * logOther, zero);
    }

    /// <inheritdoc/>
    public static Vector<double> Anchor(Vector<double> a, Vector<double> n)
    {
        var hasBoth = HasBoth(a, n);
        var share = Vector.ConditionalSelect(hasBoth, (a + a) / n, Vector<double>.One);
        return Vector.ConditionalSelect(hasBoth, LaneMath.Map(share, twice => -Math.Sqrt(2) * SpecialFunctions.ErfcInv(twice)), Vector<double>.Zero);
    }

    /// <inheritdoc/>
    public static Vector<double> FromAnchor(
        Vector<double> anchor,
        Vector<double> distance,
        Vector<double> a,
        Vector<double> n,
        in LaneScales scales,
        out Vector<double> slope,
        out Vector<double> weight,
        out Vector<double> weightSlope)
    {
        var zero = Vector<double>.Zero;
        var hasBoth = HasBoth(a, n);
        var value = At<WantedAll>(anchor + distance, a, n, scales, out slope, out weight, out weightSlope, out _, out _);
        if (Vector.EqualsAll(hasBoth, Vector<long>.Zero))
            return value;
        var (probability, rest) = (
            Vector.ConditionalSelect(hasBoth, a / n, new Vector<double>(0.5)),
            Vector.ConditionalSelect(hasBoth, (n - a) / n, new Vector<double>(0.5)));
        var far = value - Vector.ConditionalSelect(hasBoth, a * Vector.Log(probability) + (n - a) * LaneMath.LogOnePlus(-probability), zero);
        var isNear = Vector.BitwiseAnd(hasBoth, Vector.LessThanOrEqual(Vector.Abs(distance), new Vector<double>(Near)));

        // Phi(x + r) - Phi(x) = phi(x) (r - He1(x) r^2 / 2! + He2(x) r^3 / 3! - ...)
        var r = Vector.ConditionalSelect(isNear, distance, zero);
        var (sum, before, now, power) = (r, Vector<double>.One, anchor, new Vector<double>(-0.5) * r * r);
        for (var k = 2; k < MostTerms && Vector.GreaterThanAny(Vector.Abs(power), new Vector<double>(1e-40)); k++)
        {
            sum += now * power;
            (before, now) = (now, anchor * now - new Vector<double>(k - 1) * before);
            power *= -r / new Vector<double>(k + 1);
        }

        var end = anchor + r;
        var moved = Density(anchor) * sum;
        slope = Vector.ConditionalSelect(isNear, -n * moved * Density(end) / ((probability + moved) * (rest - moved)), slope);
        return Vector.ConditionalSelect(isNear, a * LaneMath.LogOnePlus(moved / probability) + (n - a) * LaneMath.LogOnePlus(-moved / rest), far);
    }

    /// <inheritdoc/>
    public static Vector<double> OnShapeFromAnchor(
        Vector<double> anchor,
        Vector<double> distance,
        Vector<double> a,
        Vector<double> n,
        in LaneScales scales,
        out Vector<double> onSlope,
        out Vector<double> onWeight) => onSlope = onWeight = Vector<double>.Zero;

    /// <inheritdoc/>
    public static Vector<double> Information(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales)
    {
        At<WantedCurvature>(eta, a, n, scales, out _, out var weight, out _, out _, out _);
        return weight;
    }

    /// <inheritdoc/>
    public static Vector<double> ResidualSquares(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales) => Vector<double>.Zero;

    /// <summary>phi(x) / Phi(x), without underflow far to the left.</summary>
    /// <param name="x">A number.</param>
    public static double InverseMills(double x) => x > -5 ? Math.Exp(-0.5 * x * x - LogRootTwoPi) / Probability(x) : Tail(x);

    /// <summary>log Phi(x).</summary>
    /// <param name="x">A number.</param>
    public static double LogProbability(double x) => x > 5 ? -0.5 * SpecialFunctions.Erfc(x / Math.Sqrt(2))
        : x > -5 ? Math.Log(Probability(x))
        : -0.5 * x * x - LogRootTwoPi - Math.Log(Tail(x));

    private static Vector<double> Density(Vector<double> x) => Vector.Exp(new Vector<double>(-0.5) * x * x - new Vector<double>(LogRootTwoPi));

    private static double Probability(double x) => 0.5 * SpecialFunctions.Erfc(-x / Math.Sqrt(2));

    // Laplace's continued fraction, y + 1 / (y + 2 / (y + ...)), from its 60th term: [DLMF], 7.9.
    private static double Tail(double x)
    {
        var y = -x;
        var tail = y;
        for (var k = 60; k > 0; k--)
            tail = y + k / tail;
        return tail;
    }

    private static Vector<long> HasBoth(Vector<double> a, Vector<double> n) =>
        Vector.BitwiseAnd(Vector.GreaterThan(a, Vector<double>.Zero), Vector.LessThan(a, n));
}
