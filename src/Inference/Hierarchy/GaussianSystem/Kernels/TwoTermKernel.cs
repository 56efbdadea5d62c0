using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;

/// <summary>The passes for two varying terms, every 2 x 2 matrix of a class written out.</summary>
/// <remarks>
/// V = I + B B' = [1 0; l 1] diag(d, |V| / d) [1 l; 0 1] with d = V_00, l = V_10 / d. The determinant is 1 + |B|^2 + |Z|^2 |Lambda / sigma|^2,
/// determinants squared: a sum of positive numbers, so that the second pivot keeps its digits however close to singular B B' + I is.
/// </remarks>
internal sealed class TwoTermKernel : ClassKernel
{
    // A block: J, y0, y1, z00, 0, z01, z11, then (x0, x1) of the effects that are not a column of Z.
    private const int Response = 1;
    private const int Z00 = 3;
    private const int Z01 = 5;
    private const int Z11 = 6;

    // How far ahead of its use memory is asked for: measured on a million classes, 16 batches take a third off the pass, and 4 to 100 about as much.
    private const int BatchesAhead = 16;

    private readonly Vector256<double>[] rows;     // per effect: L^-1 X (first pass) or X L_H^-T (second), two rows

    public TwoTermKernel(ClassLanes lanes)
        : base(lanes) => rows = new Vector256<double>[2 * lanes.PopulationCount];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override ResidualSums Residuals(
        ReadOnlySpan<double> relative, ReadOnlySpan<double> mean, ReadOnlySpan<double> cholesky, double precision, Span<double> gamma)
    {
        var integrated = Lanes.IntegratedCount;
        var lambda = new Lambda(relative);
        var unit = Vector256.Create(precision);
        var squares = Vector256<double>.Zero;
        var trace = Vector256<double>.Zero;
        var gamma00 = Vector256<double>.Zero;
        var gamma01 = Vector256<double>.Zero;
        var gamma11 = Vector256<double>.Zero;
        Span<Vector256<double>> whitened = rows;
        ReadOnlySpan<int> x = Lanes.EffectOffsets;
        for (var batch = 0; batch < Lanes.BatchCount; batch++)
        {
            var block = Lanes.Design(batch);
            var levels = block[0];
            var (z00, z01, z11) = (block[Z00], block[Z01], block[Z11]);
            var pivots = lambda.Factorise(z00, z01, z11);
            var below = pivots.Below;

            // L^-1 r, then T = L^-1 (S + J r r') L^-T
            var r0 = block[Response];
            var r1 = block[Response + 1];
            for (var a = 0; a < mean.Length; a++)
            {
                r0 -= block[x[a]] * mean[a];
                r1 -= block[x[a] + 1] * mean[a];
            }

            r1 -= below * r0;
            var scaled0 = levels * r0;
            var t00 = scaled0 * r0;
            var t10 = scaled0 * r1;
            var t11 = levels * r1 * r1;
            if (batch < Lanes.ScatterBatchCount)
            {
                var scatter = Lanes.Scatter(batch);
                var s10 = scatter[1] - below * scatter[0];
                t00 += scatter[0];
                t10 += s10;
                t11 += scatter[2] - below * scatter[1] - below * s10;
            }

            squares += pivots.Inverse0 * t00 + pivots.Inverse1 * t11;
            if (gamma.IsEmpty)
                continue;

            // L^-1 X H^-1 X' L^-T by the rows of X L_H^-T
            var h00 = Vector256<double>.Zero;
            var h10 = Vector256<double>.Zero;
            var h11 = Vector256<double>.Zero;
            for (var a = 0; a < integrated; a++)
            {
                var row = cholesky.Slice(a * integrated, a + 1);
                var k0 = block[x[a]];
                var k1 = block[x[a] + 1];
                for (var c = 0; c < a; c++)
                {
                    k0 -= whitened[2 * c] * row[c];
                    k1 -= whitened[2 * c + 1] * row[c];
                }

                k0 *= row[a];
                k1 *= row[a];
                whitened[2 * a] = k0;
                whitened[2 * a + 1] = k1;
                k1 -= below * k0;
                h00 += k0 * k0;
                h10 += k0 * k1;
                h11 += k1 * k1;
            }

            trace += levels * (pivots.Inverse0 * h00 + pivots.Inverse1 * h11);

            // E = D^-1 (T / sigma^2 - J D) D^-1, then G = L^-T E L^-1
            var e00 = pivots.Inverse0 * (pivots.Inverse0 * (t00 + levels * h00) * unit - levels);
            var e10 = pivots.Inverse0 * pivots.Inverse1 * (t10 + levels * h10) * unit;
            var g11 = pivots.Inverse1 * (pivots.Inverse1 * (t11 + levels * h11) * unit - levels);
            var g10 = e10 - below * g11;
            var g00 = e00 - below * (e10 + g10);

            // Z' G Z
            var u0 = z01 * g00 + z11 * g10;
            var u1 = z01 * g10 + z11 * g11;
            gamma00 += z00 * z00 * g00;
            gamma01 += z00 * u0;
            gamma11 += z01 * u0 + z11 * u1;
        }

        if (!gamma.IsEmpty)
        {
            gamma[0] = Sum(gamma00);
            gamma[1] = gamma[2] = Sum(gamma01);
            gamma[3] = Sum(gamma11);
        }

        return new ResidualSums(Sum(squares), Sum(trace));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override Vector256<double> Reduce(ReadOnlySpan<double> relative, Span<Vector256<double>> square, Span<Vector256<double>> target)
    {
        var lambda = new Lambda(relative);
        var log = new LogSum();
        Span<Vector256<double>> whitened = rows;
        ReadOnlySpan<int> x = Lanes.EffectOffsets;
        for (var batch = 0; batch < Lanes.BatchCount; batch++)
        {
            var block = Lanes.Design(batch);
            var levels = block[0];
            var pivots = lambda.Factorise(block[Z00], block[Z01], block[Z11]);
            log.Add(levels, pivots.Determinant);

            var y0 = block[Response];
            var y1 = block[Response + 1] - pivots.Below * y0;
            var weight0 = levels * pivots.Inverse0;
            var weight1 = levels * pivots.Inverse1;
            for (int a = 0, t = 0; a < target.Length; a++)
            {
                var x0 = block[x[a]];
                var x1 = block[x[a] + 1] - pivots.Below * x0;
                whitened[2 * a] = x0;
                whitened[2 * a + 1] = x1;
                var scaled0 = weight0 * x0;
                var scaled1 = weight1 * x1;
                for (var c = 0; c <= a; c++, t++)
                    square[t] += scaled0 * whitened[2 * c] + scaled1 * whitened[2 * c + 1];
                target[a] += scaled0 * y0 + scaled1 * y1;
            }
        }

        return log.Total;
    }

    /// <inheritdoc/>
    public override bool HasOnePass => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override Vector256<double> ReduceAt(
        ReadOnlySpan<double> relative,
        ReadOnlySpan<double> anchor,
        Span<Vector256<double>> square,
        Span<Vector256<double>> target,
        out Vector256<double> squares)
    {
        if (target.Length == 2)
            return ReduceTwoEffects(relative, anchor, square, target, out squares);
        var lambda = new Lambda(relative);
        var log = new LogSum();
        squares = Vector256<double>.Zero;
        Span<Vector256<double>> whitened = rows;
        ReadOnlySpan<int> x = Lanes.EffectOffsets;
        for (var batch = 0; batch < Lanes.BatchCount; batch++)
        {
            var block = Lanes.Design(batch);
            var levels = block[0];
            var pivots = lambda.Factorise(block[Z00], block[Z01], block[Z11]);
            log.Add(levels, pivots.Determinant);
            var r0 = block[Response];
            var r1 = block[Response + 1];
            for (var a = 0; a < target.Length; a++)
            {
                var (x0, x1) = (block[x[a]], block[x[a] + 1]);
                r0 -= x0 * anchor[a];
                r1 -= x1 * anchor[a];
                whitened[2 * a] = x0;
                whitened[2 * a + 1] = x1 - pivots.Below * x0;
            }

            r1 -= pivots.Below * r0;
            var weight0 = levels * pivots.Inverse0;
            var weight1 = levels * pivots.Inverse1;
            for (int a = 0, t = 0; a < target.Length; a++)
            {
                var scaled0 = weight0 * whitened[2 * a];
                var scaled1 = weight1 * whitened[2 * a + 1];
                for (var c = 0; c <= a; c++, t++)
                    square[t] += scaled0 * whitened[2 * c] + scaled1 * whitened[2 * c + 1];
                target[a] += scaled0 * r0 + scaled1 * r1;
            }

            squares += weight0 * r0 * r0 + weight1 * r1 * r1;
            if (batch < Lanes.ScatterBatchCount)
                squares += Spread(batch, pivots.Below, pivots.Inverse0, pivots.Inverse1);
        }

        return log.Total;
    }

    // The same with the sums of two effects, the most common number, in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector256<double> ReduceTwoEffects(
        ReadOnlySpan<double> relative,
        ReadOnlySpan<double> anchor,
        Span<Vector256<double>> square,
        Span<Vector256<double>> target,
        out Vector256<double> squares)
    {
        var (l00, l01, l10, l11) = (
            Vector256.Create(relative[0]), Vector256.Create(relative[1]), Vector256.Create(relative[2]), Vector256.Create(relative[3]));
        var lower = Vector256.Create(relative[2] * relative[2] + relative[3] * relative[3]);
        var determinant = Vector256.Create(relative[0] * relative[3] - relative[1] * relative[2]);
        var log = new LogSum();
        var (anchorA, anchorB) = (Vector256.Create(-anchor[0]), Vector256.Create(-anchor[1]));
        var (offsetA, offsetB) = (Lanes.EffectOffsets[0], Lanes.EffectOffsets[1]);
        var (aa, ab, bb) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
        var (ar, br, rr) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
        var stride = Lanes.Stride;
        var (count, scattered) = (Lanes.BatchCount, Lanes.ScatterBatchCount);
        ref var block = ref MemoryMarshal.GetReference(Lanes.Design(0));
        for (var batch = 0; batch < count; batch++, block = ref Unsafe.Add(ref block, stride))
        {
            Memory.Fetch(ref block, BatchesAhead * stride, stride);

            // As Lambda.Factorise.
            var levels = block;
            var (z00, z01, z11) = (Unsafe.Add(ref block, Z00), Unsafe.Add(ref block, Z01), Unsafe.Add(ref block, Z11));
            var b00 = Fused(z01, l10, z00 * l00);
            var b01 = Fused(z01, l11, z00 * l01);
            var v00 = Fused(b01, b01, Fused(b00, b00, Vector256<double>.One));
            var v10 = z11 * Fused(l11, b01, l10 * b00);
            var product = z00 * z11 * determinant;
            var whole = Fused(product, product, Fused(z11 * z11, lower, v00));
            var inverse0 = Vector256<double>.One / v00;
            var inverse1 = v00 / whole;
            var weight0 = levels * inverse0;
            var weight1 = levels * inverse1;
            var minus = -(v10 * inverse0);
            log.Add(levels, whole);

            var (a0, b0) = (Unsafe.Add(ref block, offsetA), Unsafe.Add(ref block, offsetB));
            var r0 = Fused(a0, anchorA, Fused(b0, anchorB, Unsafe.Add(ref block, Response)));
            var (a1, b1) = (Unsafe.Add(ref block, offsetA + 1), Unsafe.Add(ref block, offsetB + 1));
            var r1 = Fused(minus, r0, Fused(a1, anchorA, Fused(b1, anchorB, Unsafe.Add(ref block, Response + 1))));
            a1 = Fused(minus, a0, a1);
            b1 = Fused(minus, b0, b1);
            var (scaled0, scaled1) = (weight0 * a0, weight1 * a1);
            aa = Fused(scaled0, a0, Fused(scaled1, a1, aa));
            ab = Fused(scaled0, b0, Fused(scaled1, b1, ab));
            ar = Fused(scaled0, r0, Fused(scaled1, r1, ar));
            (scaled0, scaled1) = (weight0 * b0, weight1 * b1);
            bb = Fused(scaled0, b0, Fused(scaled1, b1, bb));
            br = Fused(scaled0, r0, Fused(scaled1, r1, br));
            rr = Fused(weight0 * r0, r0, Fused(weight1 * r1, r1, rr));
            if (batch < scattered)
                rr += Spread(batch, -minus, inverse0, inverse1);
        }

        (square[0], square[1], square[2]) = (square[0] + aa, square[1] + ab, square[2] + bb);
        (target[0], target[1]) = (target[0] + ar, target[1] + br);
        squares = rr;
        return log.Total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Fused(Vector256<double> x, Vector256<double> y, Vector256<double> z) => Vector256.FusedMultiplyAdd(x, y, z);

    // tr W S
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<double> Spread(int batch, Vector256<double> below, Vector256<double> inverse0, Vector256<double> inverse1)
    {
        var scatter = Lanes.Scatter(batch);
        var s10 = scatter[1] - below * scatter[0];
        return inverse0 * scatter[0] + inverse1 * (scatter[2] - below * scatter[1] - below * s10);
    }

    // The Cholesky factor of a batch of V: [1 0; Below 1], the inverse pivots, and the product of the pivots.
    private readonly record struct Pivots(
        Vector256<double> Below, Vector256<double> Inverse0, Vector256<double> Inverse1, Vector256<double> Determinant);

    // Lambda / sigma, each element in every lane.
    private readonly struct Lambda(ReadOnlySpan<double> relative)
    {
        private readonly Vector256<double> l00 = Vector256.Create(relative[0]);
        private readonly Vector256<double> l01 = Vector256.Create(relative[1]);
        private readonly Vector256<double> l10 = Vector256.Create(relative[2]);
        private readonly Vector256<double> l11 = Vector256.Create(relative[3]);
        private readonly Vector256<double> lower = Vector256.Create(relative[2] * relative[2] + relative[3] * relative[3]);
        private readonly Vector256<double> determinant = Vector256.Create(relative[0] * relative[3] - relative[1] * relative[2]);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Pivots Factorise(Vector256<double> z00, Vector256<double> z01, Vector256<double> z11)
        {
            var b00 = z00 * l00 + z01 * l10;
            var b01 = z00 * l01 + z01 * l11;
            var v00 = Vector256<double>.One + b00 * b00 + b01 * b01;
            var v10 = z11 * (l10 * b00 + l11 * b01);
            var b11 = z11 * z11 * lower;
            var product = z00 * z11 * determinant;
            var whole = v00 + b11 + product * product;
            var inverse0 = Vector256<double>.One / v00;
            return new Pivots(v10 * inverse0, inverse0, v00 / whole, whole);
        }
    }
}
