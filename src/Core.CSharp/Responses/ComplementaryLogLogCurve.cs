using System.Numerics;

namespace TypedPooling.Responses;

/// <summary>a log(1 - exp(-rate)) - (n - a) rate with rate = e^eta, and r = rate / (e^rate - 1).</summary>
internal readonly struct ComplementaryLogLogCurve : ICurve
{
    // e^rate is finite up to here, and beyond it rate / e^rate is below the least double that counts beside 1.
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

        var rate = Vector.Exp(Vector.Min(eta, new Vector<double>(Huge)));
        var rest = n - a;
        var overflows = Vector.GreaterThan(rate, new Vector<double>(Huge));
        var growth = LaneMath.ExpMinusOne(Vector.Min(rate, new Vector<double>(Huge)), out _);
        var isZero = Vector.Equals(rate, zero);
        var r = Vector.ConditionalSelect(
            overflows, zero, Vector.ConditionalSelect(isZero, one, rate / Vector.ConditionalSelect(isZero, one, growth)));

        // Where growth overflows r is 0, and so are its products with the finite rate.
        var bend = r * (one - rate - r);
        slope = a * r - rest * rate;
        weight = rest * rate - a * bend;
        weightSlope = rest * rate - a * (bend * (one - rate - r - r) - r * rate);
        if (!TWanted.Value)
            return zero;

        // log(1 - e^-rate) = log((e^rate - 1) / e^rate); near 0 log rate - rate / 2
        var log = Vector.Log(Vector.ConditionalSelect(Vector.BitwiseOr(overflows, isZero), one, growth)) - rate;
        var logSuccess = Vector.ConditionalSelect(
            Vector.LessThan(rate, new Vector<double>(1e-8)), eta - new Vector<double>(0.5) * rate, Vector.ConditionalSelect(overflows, zero, log));
        return Vector.ConditionalSelect(Vector.GreaterThan(a, zero), a * logSuccess, zero) - rest * rate;
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
        var probability = Vector.ConditionalSelect(hasBoth, a / n, new Vector<double>(0.5));
        var logFailure = LaneMath.LogOnePlus(-probability);
        var far = value - Vector.ConditionalSelect(hasBoth, a * Vector.Log(probability) + (n - a) * logFailure, zero);
        var isNear = Vector.BitwiseAnd(hasBoth, Vector.LessThanOrEqual(Vector.Abs(distance), new Vector<double>(Near)));

        // With the rise of the rate from the anchor the chance of a failure falls by the factor e^-rise.
        var rate = -logFailure;
        var rise = rate * LaneMath.ExpMinusOne(Vector.ConditionalSelect(isNear, distance, zero), out var exponential);
        var moved = -(n - a) / n * LaneMath.ExpMinusOne(-rise, out _);
        slope = Vector.ConditionalSelect(isNear, -n * moved * rate * exponential / (probability + moved), slope);
        return Vector.ConditionalSelect(
            isNear, a * LaneMath.LogOnePlus(Vector.ConditionalSelect(isNear, moved / probability, zero)) - (n - a) * rise, far);
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
