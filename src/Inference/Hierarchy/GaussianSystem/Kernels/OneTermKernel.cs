using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;

/// <summary>The passes for one varying term: every matrix of a class is a number.</summary>
internal sealed class OneTermKernel : ClassKernel
{
    // A block: J, y, z, then x where it is not z.
    private const int Response = 1;
    private const int Varying = 2;

    private readonly Vector256<double>[] rows;     // X_c L_H^-T

    public OneTermKernel(ClassLanes lanes)
        : base(lanes) => rows = new Vector256<double>[lanes.PopulationCount];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override ResidualSums Residuals(
        ReadOnlySpan<double> relative, ReadOnlySpan<double> mean, ReadOnlySpan<double> cholesky, double precision, Span<double> gamma)
    {
        var integrated = Lanes.IntegratedCount;
        var lambdaSquare = Vector256.Create(relative[0] * relative[0]);
        var unit = Vector256.Create(precision);
        var squares = Vector256<double>.Zero;
        var trace = Vector256<double>.Zero;
        var sum = Vector256<double>.Zero;
        Span<Vector256<double>> whitened = rows;
        ReadOnlySpan<int> x = Lanes.EffectOffsets;
        for (var batch = 0; batch < Lanes.BatchCount; batch++)
        {
            var block = Lanes.Design(batch);
            var levels = block[0];
            var zSquare = block[Varying] * block[Varying];
            var weight = Vector256<double>.One / (Vector256<double>.One + zSquare * lambdaSquare);
            var residual = block[Response];
            for (var a = 0; a < mean.Length; a++)
                residual -= block[x[a]] * mean[a];
            var square = levels * residual * residual;
            if (batch < Lanes.ScatterBatchCount)
                square += Lanes.Scatter(batch)[0];
            squares += weight * square;
            if (gamma.IsEmpty)
                continue;

            var spread = Vector256<double>.Zero;
            for (var a = 0; a < integrated; a++)
            {
                var row = cholesky.Slice(a * integrated, a + 1);
                var value = block[x[a]];
                for (var c = 0; c < a; c++)
                    value -= whitened[c] * row[c];
                value *= row[a];
                whitened[a] = value;
                spread += value * value;
            }

            spread *= levels;
            trace += weight * spread;
            sum += zSquare * weight * (weight * (square + spread) * unit - levels);
        }

        if (!gamma.IsEmpty)
            gamma[0] = Sum(sum);
        return new ResidualSums(Sum(squares), Sum(trace));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override Vector256<double> Reduce(ReadOnlySpan<double> relative, Span<Vector256<double>> square, Span<Vector256<double>> target)
    {
        var lambdaSquare = Vector256.Create(relative[0] * relative[0]);
        var log = new LogSum();
        ReadOnlySpan<int> x = Lanes.EffectOffsets;
        for (var batch = 0; batch < Lanes.BatchCount; batch++)
        {
            var block = Lanes.Design(batch);
            var variance = Vector256<double>.One + block[Varying] * block[Varying] * lambdaSquare;
            var weight = block[0] / variance;
            log.Add(block[0], variance);
            for (int a = 0, t = 0; a < target.Length; a++)
            {
                var scaled = weight * block[x[a]];
                for (var c = 0; c <= a; c++, t++)
                    square[t] += scaled * block[x[c]];
                target[a] += scaled * block[Response];
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
        var lambdaSquare = Vector256.Create(relative[0] * relative[0]);
        var log = new LogSum();
        squares = Vector256<double>.Zero;
        ReadOnlySpan<int> x = Lanes.EffectOffsets;
        for (var batch = 0; batch < Lanes.BatchCount; batch++)
        {
            var block = Lanes.Design(batch);
            var variance = Vector256<double>.One + block[Varying] * block[Varying] * lambdaSquare;
            var inverse = Vector256<double>.One / variance;
            var weight = block[0] * inverse;
            log.Add(block[0], variance);
            var residual = block[Response];
            for (var a = 0; a < target.Length; a++)
                residual -= block[x[a]] * anchor[a];
            for (int a = 0, t = 0; a < target.Length; a++)
            {
                var scaled = weight * block[x[a]];
                for (var c = 0; c <= a; c++, t++)
                    square[t] += scaled * block[x[c]];
                target[a] += scaled * residual;
            }

            squares += weight * residual * residual;
            if (batch < Lanes.ScatterBatchCount)
                squares += inverse * Lanes.Scatter(batch)[0];
        }

        return log.Total;
    }
}
