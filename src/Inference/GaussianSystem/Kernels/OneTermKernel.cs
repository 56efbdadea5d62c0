using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.GaussianSystem.Kernels;

/// <summary>The passes for one varying term: every matrix of a class is a number.</summary>
internal sealed class OneTermKernel : ClassKernel
{
    private const int Response = 2;       // a block: J, z, y, then x by effects
    private const int Effects = 3;

    private readonly Vector256<double>[] rows;     // X_c L_H^-T

    public OneTermKernel(ClassLanes lanes)
        : base(lanes) => rows = new Vector256<double>[lanes.PopulationCount];

    public override ResidualSums Residuals(ReadOnlySpan<double> relative, ReadOnlySpan<double> mean, ReadOnlySpan<double> factor, double precision, Span<double> gamma)
    {
        var p = mean.Length;
        var lambdaSquare = Vector256.Create(relative[0] * relative[0]);
        var unit = Vector256.Create(precision);
        var squares = Vector256<double>.Zero;
        var trace = Vector256<double>.Zero;
        var sum = Vector256<double>.Zero;
        Span<Vector256<double>> k = rows;
        for (var batch = 0; batch < Lanes.BatchCount; batch++)
        {
            var block = Lanes.Design(batch);
            var x = block[Effects..];
            var groups = block[0];
            var zSquare = block[1] * block[1];
            var weight = Vector256<double>.One / (Vector256<double>.One + zSquare * lambdaSquare);
            var residual = block[Response];
            for (var a = 0; a < p; a++)
                residual -= x[a] * mean[a];
            var square = groups * residual * residual;
            if (batch < Lanes.ScatterBatchCount)
                square += Lanes.Scatter(batch)[0];
            squares += weight * square;
            if (gamma.IsEmpty)
                continue;

            var spread = Vector256<double>.Zero;
            for (var a = 0; a < p; a++)
            {
                var row = factor.Slice(a * p, a + 1);
                var value = x[a];
                for (var c = 0; c < a; c++)
                    value -= k[c] * row[c];
                value *= row[a];
                k[a] = value;
                spread += value * value;
            }

            spread *= groups;
            trace += weight * spread;
            sum += zSquare * weight * (weight * (square + spread) * unit - groups);
        }

        if (!gamma.IsEmpty)
            gamma[0] = Sum(sum);
        return new ResidualSums(Sum(squares), Sum(trace));
    }

    protected override Vector256<double> Reduce(ReadOnlySpan<double> relative, Span<Vector256<double>> square, Span<Vector256<double>> target)
    {
        var lambdaSquare = Vector256.Create(relative[0] * relative[0]);
        var log = Vector256<double>.Zero;
        for (var batch = 0; batch < Lanes.BatchCount; batch++)
        {
            var block = Lanes.Design(batch);
            var x = block[Effects..];
            var variance = Vector256<double>.One + block[1] * block[1] * lambdaSquare;
            var weight = block[0] / variance;
            log += block[0] * Vector256.Log(variance);
            for (int a = 0, t = 0; a < target.Length; a++)
            {
                var scaled = weight * x[a];
                for (var c = 0; c <= a; c++, t++)
                    square[t] += scaled * x[c];
                target[a] += scaled * block[Response];
            }
        }

        return log;
    }
}
