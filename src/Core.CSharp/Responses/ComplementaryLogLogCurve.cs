using System.Numerics;

namespace TypedPooling.Responses;

/// <summary>a log(1 - exp(-m)) - (n - a) m with m = e^eta, and r = m / (e^m - 1).</summary>
internal readonly struct ComplementaryLogLogCurve : ICurve
{
    // e^m is finite up to here, and beyond it m / e^m is below the least double that counts beside 1.
    private const double Huge = 700;

    // Beyond it differences lose nothing that counts.
    private const double Near = 0.3;

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
        var (zero, one) = (Vector<double>.Zero, Vector<double>.One);

        var m = Vector.Exp(Vector.Min(eta, new Vector<double>(Huge)));
        var rest = n - a;
        var overflows = Vector.GreaterThan(m, new Vector<double>(Huge));
        var growth = LaneMath.ExpMinusOne(Vector.Min(m, new Vector<double>(Huge)), out _);
        var isZero = Vector.Equals(m, zero);
        var r = Vector.ConditionalSelect(overflows, zero, Vector.ConditionalSelect(isZero, one, m / Vector.ConditionalSelect(isZero, one, growth)));

        // Where growth overflows r is 0, and so are its products with the finite m.
        var bend = r * (one - m - r);
        slope = a * r - rest * m;
        weight = rest * m - a * bend;
        weightSlope = rest * m - a * (bend * (one - m - r - r) - r * m);
        if (!TWanted.Value)
            return zero;

        // log(1 - e^-m) = log((e^m - 1) / e^m); near 0 log m - m / 2
        var log = Vector.Log(Vector.ConditionalSelect(Vector.BitwiseOr(overflows, isZero), one, growth)) - m;
        var logSuccess = Vector.ConditionalSelect(
            Vector.LessThan(m, new Vector<double>(1e-8)), eta - new Vector<double>(0.5) * m, Vector.ConditionalSelect(overflows, zero, log));
        return Vector.ConditionalSelect(Vector.GreaterThan(a, zero), a * logSuccess, zero) - rest * m;
    }

    /// <inheritdoc/>
    public static Vector<double> Anchor(Vector<double> a, Vector<double> n)
    {
        var hasBoth = HasBoth(a, n);
        return Vector.ConditionalSelect(
            hasBoth, Vector.Log(-LaneMath.LogOnePlus(Vector.ConditionalSelect(hasBoth, -a / n, new Vector<double>(-0.5)))), Vector<double>.Zero);
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
        var p = Vector.ConditionalSelect(hasBoth, a / n, new Vector<double>(0.5));
        var logFailure = LaneMath.LogOnePlus(-p);
        var far = value - Vector.ConditionalSelect(hasBoth, a * Vector.Log(p) + (n - a) * logFailure, zero);
        var isNear = Vector.BitwiseAnd(hasBoth, Vector.LessThanOrEqual(Vector.Abs(distance), new Vector<double>(Near)));

        // With k = m - m0 the chance of a failure falls by the factor e^-k.
        var m = -logFailure;
        var k = m * LaneMath.ExpMinusOne(Vector.ConditionalSelect(isNear, distance, zero), out var exponential);
        var moved = -(n - a) / n * LaneMath.ExpMinusOne(-k, out _);
        slope = Vector.ConditionalSelect(isNear, -n * moved * m * exponential / (p + moved), slope);
        return Vector.ConditionalSelect(isNear, a * LaneMath.LogOnePlus(Vector.ConditionalSelect(isNear, moved / p, zero)) - (n - a) * k, far);
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

    private static Vector<long> HasBoth(Vector<double> a, Vector<double> n) =>
        Vector.BitwiseAnd(Vector.GreaterThan(a, Vector<double>.Zero), Vector.LessThan(a, n));
}
