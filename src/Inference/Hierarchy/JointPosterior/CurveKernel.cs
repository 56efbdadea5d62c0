using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Scales;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The log likelihood of many cells by their linear predictors, and its slopes: one curve after another, in lanes where the curve is made of exponentials and logs.</summary>
internal abstract class CurveKernel
{
    /// <summary>Sums the values and writes the slopes.</summary>
    /// <param name="eta">Linear predictors. Length C.</param>
    /// <param name="responses">Successes or events. Length C.</param>
    /// <param name="sizes">Trials or exposure. Length C.</param>
    /// <param name="slopes">Overwritten with the derivative for each predictor. Length C.</param>
    /// <returns>The sum of the values, constants that do not know eta left out; NaN or infinite where one overflows.</returns>
    public abstract double Sum(ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, Span<double> slopes);

    /// <summary>The same with a sigma and a shape, and the derivatives of the sum for them.</summary>
    /// <param name="eta">Linear predictors. Length C.</param>
    /// <param name="responses">As <see cref="Data.ResponseCells.Responses"/>. Length C.</param>
    /// <param name="sizes">As <see cref="Data.ResponseCells.Sizes"/>. Length C.</param>
    /// <param name="scales">Sigma and the shape; without meaning where the family has none.</param>
    /// <param name="slopes">Overwritten with the derivative for each predictor. Length C.</param>
    /// <param name="onScales">Derivatives for sigma and the shape.</param>
    /// <returns>The sum of the values, what does not know eta left out; NaN or infinite where one overflows.</returns>
    public virtual double Sum(ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, Span<double> slopes, out ResponseScales onScales)
    {
        onScales = default;
        return Sum(eta, responses, sizes, slopes);
    }

    /// <summary>A kernel for another thread; the same one where it keeps nothing.</summary>
    public virtual CurveKernel NewScratch() => this;

    /// <summary>Adds the values of one cell at several predictors.</summary>
    /// <param name="eta">Linear predictors. Length n.</param>
    /// <param name="response">As an element of <see cref="Data.ResponseCells.Responses"/>.</param>
    /// <param name="size">As an element of <see cref="Data.ResponseCells.Sizes"/>.</param>
    /// <param name="scales">Sigma and the shape; without meaning where the family has none.</param>
    /// <param name="values">Added to. Length n.</param>
    /// <param name="slopes">Overwritten with the derivative for each predictor. Length n.</param>
    /// <param name="onShapes">Overwritten with the derivative for the shape at each predictor, where the family has one; length n then.</param>
    public abstract void Add(ReadOnlySpan<double> eta, double response, double size, in ResponseScales scales, Span<double> values, Span<double> slopes, Span<double> onShapes);

    /// <summary>Adds the values of several cells along a line through one varying effect, at several points of it.</summary>
    /// <param name="known">Predictors where the effect is 0, by cell. Length c.</param>
    /// <param name="spherical">What a unit of the effect adds, by cell. Length c.</param>
    /// <param name="responses">As <see cref="Data.ResponseCells.Responses"/>. Length c.</param>
    /// <param name="sizes">As <see cref="Data.ResponseCells.Sizes"/>. Length c.</param>
    /// <param name="scales">Sigma and the shape; without meaning where the family has none.</param>
    /// <param name="points">The effect's values. Length n, whole lanes.</param>
    /// <param name="values">Added to. Length n.</param>
    public abstract void AddAlong(
        ReadOnlySpan<double> known, ReadOnlySpan<double> spherical, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, ReadOnlySpan<double> points, Span<double> values);

    /// <summary>Writes the derivatives.</summary>
    /// <param name="eta">Linear predictors. Length C.</param>
    /// <param name="responses">As <see cref="Data.ResponseCells.Responses"/>. Length C.</param>
    /// <param name="sizes">As <see cref="Data.ResponseCells.Sizes"/>. Length C.</param>
    /// <param name="scales">Sigma and the shape; without meaning where the family has none.</param>
    /// <param name="slopes">Overwritten with the first derivatives. Length C.</param>
    /// <param name="weights">Overwritten with minus the second derivatives. Length C.</param>
    /// <param name="weightSlopes">Overwritten with the derivatives of the weights. Length C.</param>
    public abstract void Curvatures(
        ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, Span<double> slopes, Span<double> weights, Span<double> weightSlopes);

    /// <summary>The kernel of a family and its link.</summary>
    /// <param name="family">A family that has a curve.</param>
    public static CurveKernel Of(Responses.Family family) => family switch
    {
        { Name: "Bernoulli" or "Binomial", Link: Link.Logit } => new LaneKernel<LogitLanes>(),
        { Name: "Poisson", Link: Link.Log } => new LaneKernel<LogLanes>(),
        { Name: "NegativeBinomial", Link: Link.Log } => new ShapeKernel<ShapeKernel.NegativeBinomial>(),
        { Name: "Gamma", Link: Link.Log } => new ShapeKernel<ShapeKernel.Gamma>(),
        _ => new ScalarKernel(ResponseCurve.Of(family)!),
    };

    /// <summary>Any curve, cell by cell.</summary>
    internal sealed class ScalarKernel(ResponseCurve curve) : CurveKernel
    {
        public override double Sum(ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, Span<double> slopes)
        {
            var sum = 0.0;
            for (var i = 0; i < eta.Length; i++)
                sum += curve.At(eta[i], responses[i], sizes[i], out slopes[i], out _, out _);
            return sum;
        }

        public override double Sum(ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, Span<double> slopes, out ResponseScales onScales)
        {
            onScales = default;
            curve.Set(scales);
            for (var i = 0; curve.HasScales && i < eta.Length; i++)
                onScales += curve.OnScales(eta[i], responses[i], sizes[i]);
            return Sum(eta, responses, sizes, slopes);
        }

        public override CurveKernel NewScratch() => curve.HasScales ? new ScalarKernel(curve.NewScratch()) : this;

        public override void Add(ReadOnlySpan<double> eta, double response, double size, in ResponseScales scales, Span<double> values, Span<double> slopes, Span<double> onShapes)
        {
            curve.Set(scales);
            for (var i = 0; i < eta.Length; i++)
                values[i] += curve.At(eta[i], response, size, out slopes[i], out _, out _);
            for (var i = 0; i < onShapes.Length; i++)
                onShapes[i] = curve.OnScales(eta[i], response, size).Shape;
        }

        public override void AddAlong(
            ReadOnlySpan<double> known, ReadOnlySpan<double> spherical, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, ReadOnlySpan<double> points, Span<double> values)
        {
            curve.Set(scales);
            for (var node = 0; node < points.Length; node++)
            {
                for (var i = 0; i < known.Length; i++)
                    values[node] += curve.At(known[i] + spherical[i] * points[node], responses[i], sizes[i], out _, out _, out _);
            }
        }

        public override void Curvatures(
            ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, Span<double> slopes, Span<double> weights, Span<double> weightSlopes)
        {
            curve.Set(scales);
            for (var i = 0; i < eta.Length; i++)
                curve.At(eta[i], responses[i], sizes[i], out slopes[i], out weights[i], out weightSlopes[i]);
        }
    }

    // A curve of lanes; cells that do not fill the lanes take a padded turn, so that a cell's value does not depend on its place.
    private sealed class LaneKernel<TCurve> : CurveKernel
        where TCurve : struct, ILaneCurve
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override double Sum(ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, Span<double> slopes)
        {
            var etas = MemoryMarshal.Cast<double, Vector<double>>(eta);
            var a = MemoryMarshal.Cast<double, Vector<double>>(responses);
            var n = MemoryMarshal.Cast<double, Vector<double>>(sizes);
            var slope = MemoryMarshal.Cast<double, Vector<double>>(slopes);
            var sums = Vector<double>.Zero;
            for (var i = 0; i < etas.Length; i++)
            {
                sums += TCurve.At(etas[i], a[i], n[i], out var own);
                slope[i] = own;
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
                sums += TCurve.At(lanes[0], lanes[1], lanes[2], out var own);
                for (var i = 0; i < rest; i++)
                    slopes[done + i] = own[i];
            }

            return Vector.Sum(sums);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Curvatures(
            ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, Span<double> slopes, Span<double> weights, Span<double> weightSlopes)
        {
            var etas = MemoryMarshal.Cast<double, Vector<double>>(eta);
            var a = MemoryMarshal.Cast<double, Vector<double>>(responses);
            var n = MemoryMarshal.Cast<double, Vector<double>>(sizes);
            var slope = MemoryMarshal.Cast<double, Vector<double>>(slopes);
            var weight = MemoryMarshal.Cast<double, Vector<double>>(weights);
            var weightSlope = MemoryMarshal.Cast<double, Vector<double>>(weightSlopes);
            for (var i = 0; i < etas.Length; i++)
                TCurve.Curve(etas[i], a[i], n[i], out slope[i], out weight[i], out weightSlope[i]);
            for (var i = etas.Length * Vector<double>.Count; i < eta.Length; i++)
            {
                TCurve.Curve(new(eta[i]), new(responses[i]), new(sizes[i]), out var own, out var ownWeight, out var ownWeightSlope);
                (slopes[i], weights[i], weightSlopes[i]) = (own[0], ownWeight[0], ownWeightSlope[0]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void AddAlong(
            ReadOnlySpan<double> known, ReadOnlySpan<double> spherical, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, ReadOnlySpan<double> points, Span<double> values)
        {
            var point = MemoryMarshal.Cast<double, Vector<double>>(points);
            var value = MemoryMarshal.Cast<double, Vector<double>>(values);
            for (var lane = 0; lane < value.Length; lane++)
            {
                var (v, sum) = (point[lane], value[lane]);
                for (var i = 0; i < known.Length; i++)
                    sum += TCurve.Value(new Vector<double>(known[i]) + new Vector<double>(spherical[i]) * v, new Vector<double>(responses[i]), new Vector<double>(sizes[i]));
                value[lane] = sum;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Add(ReadOnlySpan<double> eta, double response, double size, in ResponseScales scales, Span<double> values, Span<double> slopes, Span<double> onShapes)
        {
            var etas = MemoryMarshal.Cast<double, Vector<double>>(eta);
            var value = MemoryMarshal.Cast<double, Vector<double>>(values);
            var slope = MemoryMarshal.Cast<double, Vector<double>>(slopes);
            var (a, n) = (new Vector<double>(response), new Vector<double>(size));
            for (var i = 0; i < etas.Length; i++)
            {
                value[i] += TCurve.At(etas[i], a, n, out var own);
                slope[i] = own;
            }

            var done = etas.Length * Vector<double>.Count;
            if (done == eta.Length)
                return;
            Span<double> padded = stackalloc double[Vector<double>.Count];
            padded.Clear();
            eta[done..].CopyTo(padded);
            var last = TCurve.At(MemoryMarshal.Cast<double, Vector<double>>(padded)[0], a, n, out var lastSlope);
            for (var i = done; i < eta.Length; i++)
            {
                values[i] += last[i - done];
                slopes[i] = lastSlope[i - done];
            }
        }
    }

    private interface ILaneCurve
    {
        static abstract Vector<double> Value(Vector<double> eta, Vector<double> a, Vector<double> n);

        static abstract Vector<double> At(Vector<double> eta, Vector<double> a, Vector<double> n, out Vector<double> slope);

        static abstract void Curve(Vector<double> eta, Vector<double> a, Vector<double> n, out Vector<double> slope, out Vector<double> weight, out Vector<double> weightSlope);
    }

    // a eta - n log(1 + e^eta), from e = exp(-|eta|)
    private readonly struct LogitLanes : ILaneCurve
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<double> At(Vector<double> eta, Vector<double> a, Vector<double> n, out Vector<double> slope)
        {
            var isPositive = Vector.GreaterThanOrEqual(eta, Vector<double>.Zero);
            var e = Vector.Exp(-Vector.Abs(eta));
            var one = Vector<double>.One;
            var greater = one / (one + e);
            var smaller = e / (one + e);
            var p = Vector.ConditionalSelect(isPositive, greater, smaller);
            var rest = Vector.ConditionalSelect(isPositive, smaller, greater);
            slope = a * rest - (n - a) * p;
            return Vector.ConditionalSelect(isPositive, a - n, a) * eta - n * Vector.Log(one + e);
        }

        // (a - n) eta - n log(1 + e) is a eta - n max(eta, 0) - n log(1 + e) where eta is positive.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<double> Value(Vector<double> eta, Vector<double> a, Vector<double> n) =>
            a * eta - n * (Vector.Max(eta, Vector<double>.Zero) + Vector.Log(Vector<double>.One + Vector.Exp(-Vector.Abs(eta))));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Curve(Vector<double> eta, Vector<double> a, Vector<double> n, out Vector<double> slope, out Vector<double> weight, out Vector<double> weightSlope)
        {
            var isPositive = Vector.GreaterThanOrEqual(eta, Vector<double>.Zero);
            var e = Vector.Exp(-Vector.Abs(eta));
            var greater = Vector<double>.One / (Vector<double>.One + e);
            var smaller = e * greater;
            var p = Vector.ConditionalSelect(isPositive, greater, smaller);
            var rest = Vector.ConditionalSelect(isPositive, smaller, greater);
            slope = a * rest - (n - a) * p;
            weight = n * p * rest;
            weightSlope = weight * (rest - p);
        }
    }

    // a eta - n e^eta
    private readonly struct LogLanes : ILaneCurve
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<double> At(Vector<double> eta, Vector<double> a, Vector<double> n, out Vector<double> slope)
        {
            var expected = n * Vector.Exp(eta);
            slope = a - expected;
            return a * eta - expected;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<double> Value(Vector<double> eta, Vector<double> a, Vector<double> n) => a * eta - n * Vector.Exp(eta);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Curve(Vector<double> eta, Vector<double> a, Vector<double> n, out Vector<double> slope, out Vector<double> weight, out Vector<double> weightSlope)
        {
            weight = n * Vector.Exp(eta);
            slope = a - weight;
            weightSlope = weight;
        }
    }
}
