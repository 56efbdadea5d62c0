using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The curves of families with a shape, in lanes.</summary>
internal static class ShapeKernel
{
    /// <summary>A curve in lanes.</summary>
    public interface ICurve
    {
        /// <summary>Value, slope, and derivative of the value for the shape; all 0 where responses and sizes are.</summary>
        static abstract Vector<double> At(Vector<double> eta, Vector<double> a, Vector<double> n, Vector<double> shape, Vector<double> logShape, out Vector<double> slope, out Vector<double> onShape);

        /// <summary>Slope, weight (minus its derivative) and the derivative of the weight.</summary>
        static abstract void Curve(
            Vector<double> eta, Vector<double> a, Vector<double> n, Vector<double> shape, Vector<double> logShape, out Vector<double> slope, out Vector<double> weight, out Vector<double> weightSlope);
    }

    /// <summary>n (a eta - (a + phi) log(1 + mu / phi)) from e = exp(-|eta - log phi|), as <see cref="NegativeBinomialCurve"/>.</summary>
    public readonly struct NegativeBinomial : ICurve
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<double> At(Vector<double> eta, Vector<double> a, Vector<double> n, Vector<double> shape, Vector<double> logShape, out Vector<double> slope, out Vector<double> onShape)
        {
            var one = Vector<double>.One;
            var x = eta - logShape;
            var isPositive = Vector.GreaterThanOrEqual(x, Vector<double>.Zero);
            var e = Vector.Exp(-Vector.Abs(x));
            var greater = one / (one + e);
            var smaller = e * greater;
            var p = Vector.ConditionalSelect(isPositive, greater, smaller);
            var rest = Vector.ConditionalSelect(isPositive, smaller, greater);

            // log(1 + e) to the last digits: it is multiplied with the shape, which may be large. Where 1 + e is 1 the ratio is 0 / 0.
            var sum = one + e;
            var rounded = sum - one;
            var isSmall = Vector.Equals(rounded, Vector<double>.Zero);
            var log = Vector.ConditionalSelect(isSmall, e, Vector.Log(sum) * (e / Vector.ConditionalSelect(isSmall, one, rounded)));
            var growth = Vector.ConditionalSelect(isPositive, x + log, log);
            var trials = a + shape;
            slope = n * (a * rest - shape * p);
            onShape = n * (trials * p / shape - growth);
            return n * (a * eta - trials * growth);
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Curve(
            Vector<double> eta, Vector<double> a, Vector<double> n, Vector<double> shape, Vector<double> logShape, out Vector<double> slope, out Vector<double> weight, out Vector<double> weightSlope)
        {
            var x = eta - logShape;
            var isPositive = Vector.GreaterThanOrEqual(x, Vector<double>.Zero);
            var e = Vector.Exp(-Vector.Abs(x));
            var greater = Vector<double>.One / (Vector<double>.One + e);
            var smaller = e * greater;
            var p = Vector.ConditionalSelect(isPositive, greater, smaller);
            var rest = Vector.ConditionalSelect(isPositive, smaller, greater);
            slope = n * (a * rest - shape * p);
            weight = n * (a + shape) * p * rest;
            weightSlope = weight * (rest - p);
        }
    }

    /// <summary>-alpha (n eta + a exp(-eta)), as <see cref="GammaCurve"/>.</summary>
    public readonly struct Gamma : ICurve
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<double> At(Vector<double> eta, Vector<double> a, Vector<double> n, Vector<double> shape, Vector<double> logShape, out Vector<double> slope, out Vector<double> onShape)
        {
            var relative = a * Vector.Exp(-eta);
            slope = shape * (relative - n);
            onShape = -(n * eta + relative);
            return shape * onShape;
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Curve(
            Vector<double> eta, Vector<double> a, Vector<double> n, Vector<double> shape, Vector<double> logShape, out Vector<double> slope, out Vector<double> weight, out Vector<double> weightSlope)
        {
            weight = shape * a * Vector.Exp(-eta);
            slope = weight - shape * n;
            weightSlope = -weight;
        }
    }
}

/// <summary>A kernel of lanes of a curve with a shape. Keeps nothing; shared by threads.</summary>
/// <typeparam name="TCurve">The curve.</typeparam>
internal sealed class ShapeKernel<TCurve> : CurveKernel
    where TCurve : struct, ShapeKernel.ICurve
{
    /// <inheritdoc/>
    public override double Sum(ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, Span<double> slopes) =>
        Sum(eta, responses, sizes, new ResponseScales(1, 1), slopes, out _);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double Sum(ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, Span<double> slopes, out ResponseScales onScales)
    {
        var etas = MemoryMarshal.Cast<double, Vector<double>>(eta);
        var a = MemoryMarshal.Cast<double, Vector<double>>(responses);
        var n = MemoryMarshal.Cast<double, Vector<double>>(sizes);
        var slope = MemoryMarshal.Cast<double, Vector<double>>(slopes);
        var (shape, logShape) = (new Vector<double>(scales.Shape), new Vector<double>(Math.Log(scales.Shape)));
        var (sums, onShapes) = (Vector<double>.Zero, Vector<double>.Zero);
        for (var i = 0; i < etas.Length; i++)
        {
            sums += TCurve.At(etas[i], a[i], n[i], shape, logShape, out var own, out var onShape);
            slope[i] = own;
            onShapes += onShape;
        }

        var done = etas.Length * Vector<double>.Count;
        var rest = eta.Length - done;
        if (rest > 0)
        {
            // Padding with size 0 and response 0 adds nothing.
            Span<double> padded = stackalloc double[3 * Vector<double>.Count];
            padded.Clear();
            eta[done..].CopyTo(padded);
            responses[done..].CopyTo(padded[Vector<double>.Count..]);
            sizes[done..].CopyTo(padded[(2 * Vector<double>.Count)..]);
            var lanes = MemoryMarshal.Cast<double, Vector<double>>(padded);
            sums += TCurve.At(lanes[0], lanes[1], lanes[2], shape, logShape, out var own, out var onShape);
            onShapes += onShape;
            for (var i = 0; i < rest; i++)
                slopes[done + i] = own[i];
        }

        onScales = new(0, Vector.Sum(onShapes));
        return Vector.Sum(sums);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Add(ReadOnlySpan<double> eta, double response, double size, in ResponseScales scales, Span<double> values, Span<double> slopes, Span<double> onShapes)
    {
        var (a, n) = (new Vector<double>(response), new Vector<double>(size));
        var (shape, logShape) = (new Vector<double>(scales.Shape), new Vector<double>(Math.Log(scales.Shape)));
        var lanes = Vector<double>.Count;
        Span<double> padded = stackalloc double[lanes];
        for (var at = 0; at < eta.Length; at += lanes)
        {
            var count = Math.Min(lanes, eta.Length - at);
            padded.Clear();
            eta.Slice(at, count).CopyTo(padded);
            var value = TCurve.At(new Vector<double>(padded), a, n, shape, logShape, out var slope, out var onShape);
            for (var i = 0; i < count; i++)
            {
                values[at + i] += value[i];
                slopes[at + i] = slope[i];
                onShapes[at + i] = onShape[i];
            }
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Curvatures(
        ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, Span<double> slopes, Span<double> weights, Span<double> weightSlopes)
    {
        var (shape, logShape) = (new Vector<double>(scales.Shape), new Vector<double>(Math.Log(scales.Shape)));
        var lanes = Vector<double>.Count;
        var at = 0;
        for (; at + lanes <= eta.Length; at += lanes)
        {
            TCurve.Curve(new(eta[at..]), new(responses[at..]), new(sizes[at..]), shape, logShape, out var slope, out var weight, out var weightSlope);
            slope.CopyTo(slopes[at..]);
            weight.CopyTo(weights[at..]);
            weightSlope.CopyTo(weightSlopes[at..]);
        }

        for (; at < eta.Length; at++)
        {
            TCurve.Curve(new(eta[at]), new(responses[at]), new(sizes[at]), shape, logShape, out var slope, out var weight, out var weightSlope);
            (slopes[at], weights[at], weightSlopes[at]) = (slope[0], weight[0], weightSlope[0]);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddAlong(
        ReadOnlySpan<double> known, ReadOnlySpan<double> spherical, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, ReadOnlySpan<double> points, Span<double> values)
    {
        var (shape, logShape) = (new Vector<double>(scales.Shape), new Vector<double>(Math.Log(scales.Shape)));
        var point = MemoryMarshal.Cast<double, Vector<double>>(points);
        var value = MemoryMarshal.Cast<double, Vector<double>>(values);
        for (var lane = 0; lane < value.Length; lane++)
        {
            var sum = value[lane];
            for (var i = 0; i < known.Length; i++)
                sum += TCurve.At(new Vector<double>(known[i]) + new Vector<double>(spherical[i]) * point[lane], new(responses[i]), new(sizes[i]), shape, logShape, out _, out _);
            value[lane] = sum;
        }
    }
}
