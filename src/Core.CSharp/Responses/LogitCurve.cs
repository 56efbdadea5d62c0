using System.Numerics;
using System.Runtime.CompilerServices;

namespace TypedPooling.Responses;

/// <summary>a eta - n log(1 + e^eta), from e = exp(-|eta|).</summary>
internal readonly struct LogitCurve : ICurve
{
    /// <inheritdoc/>
    public static bool IsConcave => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
        slope = weight = weightSlope = onSigma = onShape = Vector<double>.Zero;
        var one = Vector<double>.One;
        var e = Vector.Exp(-Vector.Abs(eta));
        if (TWanted.Slope)
        {
            var isPositive = Vector.GreaterThanOrEqual(eta, Vector<double>.Zero);
            var greater = one / (one + e);
            var smaller = e * greater;
            var probability = Vector.ConditionalSelect(isPositive, greater, smaller);
            var rest = Vector.ConditionalSelect(isPositive, smaller, greater);
            slope = a * rest - (n - a) * probability;
            if (TWanted.Curvature)
            {
                weight = n * probability * rest;
                weightSlope = weight * (rest - probability);
            }
        }

        return TWanted.Value ? a * eta - n * (Vector.Max(eta, Vector<double>.Zero) + Vector.Log(one + e)) : Vector<double>.Zero;
    }

    /// <inheritdoc/>
    public static Vector<double> Anchor(Vector<double> a, Vector<double> n) =>
        Vector.ConditionalSelect(HasBoth(a, n), Vector.Log(a / (n - a)), Vector<double>.Zero);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
        var hasBoth = HasBoth(a, n);
        if (Vector.EqualsAll(hasBoth, Vector<long>.Zero))
            return At<WantedAll>(distance, a, n, scales, out slope, out weight, out weightSlope, out _, out _);
        var value = LogitAnchor.At(distance, a, n - a, out var probability, out var rest, out var lean, out _);
        slope = -a * ((n - a) / n) * lean;
        weight = n * probability * rest;
        weightSlope = weight * (rest - probability);
        if (Vector.EqualsAll(hasBoth, Vector<long>.AllBitsSet))
            return value;
        var plain = At<WantedAll>(distance, a, n, scales, out var plainSlope, out var plainWeight, out var plainWeightSlope, out _, out _);
        slope = Vector.ConditionalSelect(hasBoth, slope, plainSlope);
        weight = Vector.ConditionalSelect(hasBoth, weight, plainWeight);
        weightSlope = Vector.ConditionalSelect(hasBoth, weightSlope, plainWeightSlope);
        return Vector.ConditionalSelect(hasBoth, value, plain);
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

    // Both successes and failures.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<long> HasBoth(Vector<double> a, Vector<double> n) =>
        Vector.BitwiseAnd(Vector.GreaterThan(a, Vector<double>.Zero), Vector.LessThan(a, n));
}
