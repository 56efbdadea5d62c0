using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TypedPooling.Responses;

/// <summary>The loops over cells of one curve. The last cells, which do not fill the lanes, are padded with copies of the last one.</summary>
/// <typeparam name="TCurve">The curve.</typeparam>
internal sealed class LaneCurve<TCurve> : ResponseCurve
    where TCurve : struct, ICurve
{
    // A rule need not be centred on the mode itself: half this squared is the distance in sds.
    private const double LastGain = 1e-4;
    private const double LeastLength = 1e-9;
    private const int MostSteps = 200;

    // A cell's log likelihood is of the order of its size times logs: up to here its rounding is below 1e-10.
    private const double LargestPlainCell = 1e4;

    /// <inheritdoc/>
    public override bool IsConcave => TCurve.IsConcave;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double Sum(
        ReadOnlySpan<double> eta,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        Span<double> slopes,
        out ResponseScales onScales)
    {
        var etas = MemoryMarshal.Cast<double, Vector<double>>(eta);
        var a = MemoryMarshal.Cast<double, Vector<double>>(responses);
        var n = MemoryMarshal.Cast<double, Vector<double>>(sizes);
        var slope = MemoryMarshal.Cast<double, Vector<double>>(slopes);
        var lanes = new LaneScales(scales);
        var (sums, onSigmas, onShapes) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
        for (var i = 0; i < etas.Length; i++)
        {
            sums += TCurve.At<WantedGradient>(etas[i], a[i], n[i], lanes, out var own, out _, out _, out var onSigma, out var onShape);
            slope[i] = own;
            onSigmas += onSigma;
            onShapes += onShape;
        }

        var done = etas.Length * Vector<double>.Count;
        if (done < eta.Length)
        {
            var counts = Counting(eta.Length - done);
            var value = TCurve.At<WantedGradient>(
                Padded(eta[done..]), Padded(
                    responses[done..]), Padded(sizes[done..]), lanes, out var own, out _, out _, out var onSigma, out var onShape);
            sums += Vector.ConditionalSelect(counts, value, Vector<double>.Zero);
            onSigmas += Vector.ConditionalSelect(counts, onSigma, Vector<double>.Zero);
            onShapes += Vector.ConditionalSelect(counts, onShape, Vector<double>.Zero);
            Keep(own, slopes[done..]);
        }

        onScales = new(Vector.Sum(onSigmas), Vector.Sum(onShapes));
        return Vector.Sum(sums);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Add(
        ReadOnlySpan<double> eta,
        double response,
        double size,
        in ResponseScales scales,
        Span<double> values,
        Span<double> slopes,
        Span<double> onShapes)
    {
        var etas = MemoryMarshal.Cast<double, Vector<double>>(eta);
        var value = MemoryMarshal.Cast<double, Vector<double>>(values);
        var slope = MemoryMarshal.Cast<double, Vector<double>>(slopes);
        var onShape = MemoryMarshal.Cast<double, Vector<double>>(onShapes);
        var (a, n, lanes) = (new Vector<double>(response), new Vector<double>(size), new LaneScales(scales));
        for (var i = 0; i < etas.Length; i++)
        {
            value[i] += TCurve.At<WantedGradient>(etas[i], a, n, lanes, out var own, out _, out _, out _, out var ownOnShape);
            slope[i] = own;
            if (!onShapes.IsEmpty)
                onShape[i] = ownOnShape;
        }

        var done = etas.Length * Vector<double>.Count;
        if (done == eta.Length)
            return;
        var last = TCurve.At<WantedGradient>(Padded(eta[done..]), a, n, lanes, out var lastSlope, out _, out _, out _, out var lastOnShape);
        for (var i = done; i < eta.Length; i++)
        {
            values[i] += last[i - done];
            slopes[i] = lastSlope[i - done];
        }

        if (!onShapes.IsEmpty)
            Keep(lastOnShape, onShapes[done..]);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddAlong(
        ReadOnlySpan<double> known,
        ReadOnlySpan<double> spherical,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        ReadOnlySpan<double> points,
        Span<double> values)
    {
        var point = MemoryMarshal.Cast<double, Vector<double>>(points);
        var value = MemoryMarshal.Cast<double, Vector<double>>(values);
        var lanes = new LaneScales(scales);
        for (var lane = 0; lane < value.Length; lane++)
        {
            var (v, sum) = (point[lane], value[lane]);
            for (var i = 0; i < known.Length; i++)
            {
                var eta = new Vector<double>(known[i]) + new Vector<double>(spherical[i]) * v;
                sum += TCurve.At<WantedValue>(eta, new(responses[i]), new(sizes[i]), lanes, out _, out _, out _, out _, out _);
            }

            value[lane] = sum;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Curvatures(
        ReadOnlySpan<double> eta,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        Span<double> slopes,
        Span<double> weights,
        Span<double> weightSlopes) => Derivatives<WantedCurvature>(eta, responses, sizes, scales, slopes, weights, weightSlopes);

    /// <inheritdoc/>
    public override double SumWithCurvatures(
        ReadOnlySpan<double> eta,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        Span<double> slopes,
        Span<double> weights,
        Span<double> weightSlopes) => Derivatives<WantedAll>(eta, responses, sizes, scales, slopes, weights, weightSlopes);

    /// <inheritdoc/>
    public override void Anchors(ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, Span<double> anchors)
    {
        for (var at = 0; at < anchors.Length; at += Vector<double>.Count)
            Keep(TCurve.Anchor(Padded(responses[at..]), Padded(sizes[at..])), anchors[at..]);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double SumFromAnchors(
        ReadOnlySpan<double> anchors,
        ReadOnlySpan<double> distances,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        Span<double> slopes,
        Span<double> weights,
        Span<double> weightSlopes)
    {
        var lanes = new LaneScales(scales);
        var sum = 0.0;
        for (var at = 0; at < distances.Length; at += Vector<double>.Count)
        {
            var value = TCurve.FromAnchor(
                Padded(anchors[at..]),
                Padded(distances[at..]),
                Padded(responses[at..]),
                Padded(sizes[at..]),
                lanes,
                out var slope,
                out var weight,
                out var weightSlope);
            Keep(slope, slopes[at..]);
            Keep(weight, weights[at..]);
            Keep(weightSlope, weightSlopes[at..]);

            // Cell by cell, so that the sum is that of the cells in their order.
            for (var i = 0; i < Math.Min(Vector<double>.Count, distances.Length - at); i++)
                sum += value[i];
        }

        return sum;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddByDraw(
        double anchor,
        ReadOnlySpan<double> distances,
        double response,
        double size,
        ReadOnlySpan<double> sigma,
        ReadOnlySpan<double> shape,
        Span<double> values,
        Span<double> slopes,
        Span<double> weights)
    {
        var (from, a, n) = (new Vector<double>(anchor), new Vector<double>(response), new Vector<double>(size));
        for (var at = 0; at < distances.Length; at += Vector<double>.Count)
        {
            var lanes = new LaneScales(
                sigma.IsEmpty ? Vector<double>.One : Padded(sigma[at..]), shape.IsEmpty ? Vector<double>.One : Padded(shape[at..]));
            var value = TCurve.FromAnchor(from, Padded(distances[at..]), a, n, lanes, out var slope, out var weight, out _);
            Keep(Padded(values[at..]) + value, values[at..]);
            if (slopes.IsEmpty)
                continue;
            Keep(slope, slopes[at..]);
            Keep(weight, weights[at..]);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MeanByDraw(
        double anchor,
        ReadOnlySpan<double> distances,
        ReadOnlySpan<double> units,
        double response,
        double size,
        ReadOnlySpan<double> sigma,
        ReadOnlySpan<double> shape,
        ReadOnlySpan<double> nodes,
        ReadOnlySpan<double> logWeights,
        Span<double> logs)
    {
        var (from, a, n) = (new Vector<double>(anchor), new Vector<double>(response), new Vector<double>(size));
        var (one, half, zero) = (Vector<double>.One, new Vector<double>(0.5), Vector<double>.Zero);
        for (var at = 0; at < distances.Length; at += Vector<double>.Count)
        {
            var lanes = new LaneScales(sigma.IsEmpty ? one : Padded(sigma[at..]), shape.IsEmpty ? one : Padded(shape[at..]));
            var (distance, unit) = (Padded(distances[at..]), Padded(units[at..]));
            var mode = zero;
            var height = TCurve.FromAnchor(from, distance, a, n, lanes, out var slope, out var weight, out _);
            var length = one;
            for (var step = 0; step < MostSteps; step++)
            {
                var gradient = unit * slope - mode;
                var move = gradient / (one + Vector.Max(weight, zero) * unit * unit);
                var isDue = Vector.BitwiseAnd(
                    Vector.GreaterThan(gradient * move, new Vector<double>(LastGain)), Vector.GreaterThan(length, new Vector<double>(LeastLength)));
                if (Vector.EqualsAll(isDue, Vector<long>.Zero))
                    break;
                var trial = mode + Vector.ConditionalSelect(isDue, length * move, zero);
                var value = TCurve.FromAnchor(from, distance + unit * trial, a, n, lanes, out var trialSlope, out var trialWeight, out _)
                    - half * trial * trial;
                var ascends = Vector.BitwiseAnd(isDue, Vector.GreaterThanOrEqual(value, height));
                mode = Vector.ConditionalSelect(ascends, trial, mode);
                height = Vector.ConditionalSelect(ascends, value, height);
                slope = Vector.ConditionalSelect(ascends, trialSlope, slope);
                weight = Vector.ConditionalSelect(ascends, trialWeight, weight);
                length = Vector.ConditionalSelect(ascends, one, half * length);
            }

            // At a node f + x^2 / 2 is at most x^2 / 2 above f at the mode: nothing overflows. Values themselves cost less than those from the
            // anchor.
            var curvature = one + Vector.Max(weight, zero) * unit * unit;
            var scale = one / Vector.SquareRoot(curvature);
            var sum = zero;
            var isSmall = response + size < LargestPlainCell;
            var origin = isSmall
                ? TCurve.At<WantedValue>(from + distance + unit * mode, a, n, lanes, out _, out _, out _, out _, out _) - half * mode * mode
                : height;
            for (var node = 0; node < nodes.Length; node++)
            {
                var v = mode + nodes[node] * scale;
                var value = isSmall
                    ? TCurve.At<WantedValue>(from + distance + unit * v, a, n, lanes, out _, out _, out _, out _, out _)
                    : TCurve.FromAnchor(from, distance + unit * v, a, n, lanes, out _, out _, out _);
                sum += Vector.Exp(value - half * v * v + new Vector<double>(logWeights[node]) - origin);
            }

            Keep(height + Vector.Log(sum) - half * Vector.Log(curvature), logs[at..]);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void OnShapeFromAnchors(
        ReadOnlySpan<double> anchors,
        ReadOnlySpan<double> distances,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        Span<double> values,
        Span<double> slopes,
        Span<double> weights)
    {
        var lanes = new LaneScales(scales);
        for (var at = 0; at < distances.Length; at += Vector<double>.Count)
        {
            var value = TCurve.OnShapeFromAnchor(
                Padded(anchors[at..]), Padded(distances[at..]), Padded(responses[at..]), Padded(sizes[at..]), lanes, out var slope, out var weight);
            Keep(value, values[at..]);
            Keep(slope, slopes[at..]);
            Keep(weight, weights[at..]);
        }
    }

    /// <inheritdoc/>
    public override void Information(
        ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, Span<double> weights)
    {
        var lanes = new LaneScales(scales);
        for (var at = 0; at < eta.Length; at += Vector<double>.Count)
            Keep(TCurve.Information(Padded(eta[at..]), Padded(responses[at..]), Padded(sizes[at..]), lanes), weights[at..]);
    }

    /// <inheritdoc/>
    public override double ResidualSquares(
        ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales)
    {
        var lanes = new LaneScales(scales);
        var sum = 0.0;
        for (var at = 0; at < eta.Length; at += Vector<double>.Count)
        {
            var squares = TCurve.ResidualSquares(Padded(eta[at..]), Padded(responses[at..]), Padded(sizes[at..]), lanes);
            for (var i = 0; i < Math.Min(Vector<double>.Count, eta.Length - at); i++)
                sum += squares[i];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Derivatives<TWanted>(
        ReadOnlySpan<double> eta,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        Span<double> slopes,
        Span<double> weights,
        Span<double> weightSlopes)
        where TWanted : struct, IWanted
    {
        var lanes = new LaneScales(scales);
        var count = Vector<double>.Count;
        var sum = 0.0;
        var at = 0;
        for (; at + count <= eta.Length; at += count)
        {
            var value = TCurve.At<TWanted>(
                new(eta[at..]), new(responses[at..]), new(sizes[at..]), lanes, out var slope, out var weight, out var weightSlope, out _, out _);
            slope.CopyTo(slopes[at..]);
            weight.CopyTo(weights[at..]);
            weightSlope.CopyTo(weightSlopes[at..]);
            for (var i = 0; TWanted.Value && i < count; i++)
                sum += value[i];
        }

        if (at < eta.Length)
        {
            var value = TCurve.At<TWanted>(
                Padded(eta[at..]), Padded(
                    responses[at..]), Padded(sizes[at..]), lanes, out var slope, out var weight, out var weightSlope, out _, out _);
            Keep(slope, slopes[at..]);
            Keep(weight, weights[at..]);
            Keep(weightSlope, weightSlopes[at..]);
            for (var i = 0; TWanted.Value && i < eta.Length - at; i++)
                sum += value[i];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Padded(ReadOnlySpan<double> values)
    {
        if (values.Length >= Vector<double>.Count)
            return new(values);
        var padded = new Vector<double>(values[^1]);
        for (var i = 0; i < values.Length - 1; i++)
            padded = padded.WithElement(i, values[i]);
        return padded;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep(Vector<double> values, Span<double> into)
    {
        if (into.Length >= Vector<double>.Count)
        {
            values.CopyTo(into);
            return;
        }

        for (var i = 0; i < into.Length; i++)
            into[i] = values[i];
    }

    private static Vector<long> Counting(int count) => Vector.LessThan(Vector.CreateSequence(0L, 1L), new Vector<long>(count));
}
