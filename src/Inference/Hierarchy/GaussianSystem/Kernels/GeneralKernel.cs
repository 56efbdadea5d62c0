using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;

/// <summary>The passes for any number of varying terms. Matrices of a batch are by rows, each element a vector of four classes.</summary>
internal sealed class GeneralKernel : ClassKernel
{
    // Pivots multiplied before one logarithm: 8 of 1e38 are still in the range of a double.
    private const int PivotsOfLog = 8;

    private readonly int q;
    private readonly int p;                           // effects, and how many of them are integrated
    private readonly int integrated;
    private readonly int varying;                     // where Z begins in a block: J, y, Z by columns, X by columns
    private readonly double[] lambda;                 // relative, q x q
    private readonly Vector256<double>[] b;           // B, q x q
    private readonly Vector256<double>[] below;       // L, unit lower triangular, q x q
    private readonly Vector256<double>[] inverse;     // 1 / D
    private readonly Vector256<double>[] residual;    // L^-1 r
    private readonly Vector256<double>[] rows;        // per effect q: L^-1 X (first pass) or L^-1 X L_H^-T (second)
    private readonly Vector256<double>[] middle;      // L^-1 S L^-T, later E; q x q, lower triangle
    private readonly Vector256<double>[] left;        // L^-1 Z, q x q, full
    private readonly Vector256<double>[] product;     // E L^-1 Z, q x q
    private readonly Vector256<double>[] sum;         // gamma, q x q

    public GeneralKernel(ClassLanes lanes)
        : base(lanes)
    {
        q = lanes.TermCount;
        p = lanes.PopulationCount;
        integrated = lanes.IntegratedCount;
        varying = lanes.FirstColumn;
        lambda = new double[q * q];
        b = new Vector256<double>[q * q];
        below = new Vector256<double>[q * q];
        inverse = new Vector256<double>[q];
        residual = new Vector256<double>[q];
        rows = new Vector256<double>[q * p];
        middle = new Vector256<double>[q * q];
        left = new Vector256<double>[q * q];
        product = new Vector256<double>[q * q];
        sum = new Vector256<double>[q * q];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override ResidualSums Residuals(
        ReadOnlySpan<double> relative, ReadOnlySpan<double> mean, ReadOnlySpan<double> cholesky, double precision, Span<double> gamma)
    {
        relative.CopyTo(lambda);
        Array.Clear(sum);
        var unit = Vector256.Create(precision);
        var squares = Vector256<double>.Zero;
        var trace = Vector256<double>.Zero;
        for (var batch = 0; batch < Lanes.BatchCount; batch++)
        {
            var block = Lanes.Design(batch);
            Factorise(block);
            Residual(block, mean);
            WhitenScatter(batch);
            for (var i = 0; i < q; i++)
                squares += inverse[i] * (block[0] * residual[i] * residual[i] + middle[i * q + i]);
            if (gamma.IsEmpty)
                continue;

            ProjectEffects(block, cholesky);
            trace += block[0] * FillMiddle(block[0], unit);
            AddToGamma(block);
        }

        // Both triangles from the lower one; nothing where gamma is empty.
        for (var t = 0; t < gamma.Length; t++)
            gamma[t] = Sum(sum[Math.Max(t / q, t % q) * q + Math.Min(t / q, t % q)]);
        return new ResidualSums(Sum(squares), Sum(trace));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override Vector256<double> Reduce(ReadOnlySpan<double> relative, Span<Vector256<double>> square, Span<Vector256<double>> target)
    {
        relative.CopyTo(lambda);
        var log = Vector256<double>.Zero;
        for (var batch = 0; batch < Lanes.BatchCount; batch++)
        {
            var block = Lanes.Design(batch);
            log += block[0] * Factorise(block);
            block.Slice(1, q).CopyTo(residual);
            Whiten(residual);
            for (int a = 0, t = 0; a < p; a++)
            {
                var x = Effect(block, a);
                Whiten(x);
                for (var c = 0; c <= a; c++, t++)
                    square[t] += block[0] * WeightedDot(x, rows.AsSpan(c * q, q));
                target[a] += block[0] * WeightedDot(x, residual);
            }
        }

        return log;
    }

    // V = I + B B' = L D L'. Returns log |V|, NaN in lanes with a pivot that is not positive.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector256<double> Factorise(ReadOnlySpan<Vector256<double>> block)
    {
        var log = Vector256<double>.Zero;
        var determinant = Vector256<double>.One;
        for (var i = 0; i < q; i++)
        {
            // (row i of upper triangular Z) . Lambda
            for (var j = 0; j < q; j++)
            {
                var value = Vector256<double>.Zero;
                for (var a = i; a < q; a++)
                    value += block[varying + a * q + i] * lambda[a * q + j];
                b[i * q + j] = value;
            }

            // Row i of L D in place, then of L.
            var pivot = Vector256<double>.One + Dot(b.AsSpan(i * q, q), b.AsSpan(i * q, q));
            for (var j = 0; j < i; j++)
            {
                var value = Dot(b.AsSpan(i * q, q), b.AsSpan(j * q, q));
                for (var a = 0; a < j; a++)
                    value -= below[i * q + a] * below[j * q + a];
                below[i * q + j] = value;
            }

            for (var j = 0; j < i; j++)
            {
                var scaled = below[i * q + j];
                below[i * q + j] = scaled * inverse[j];
                pivot -= scaled * below[i * q + j];
            }

            inverse[i] = Vector256<double>.One / pivot;
            determinant *= Vector256.ConditionalSelect(Vector256.GreaterThan(pivot, Vector256<double>.Zero), pivot, Vector256.Create(double.NaN));
            if ((i + 1) % PivotsOfLog == 0 || i == q - 1)
            {
                log += Vector256.Log(determinant);
                determinant = Vector256<double>.One;
            }
        }

        return log;
    }

    // L^-1 times a column
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Whiten(Span<Vector256<double>> column)
    {
        for (var i = 1; i < column.Length; i++)
        {
            var value = column[i];
            for (var a = 0; a < i; a++)
                value -= below[i * q + a] * column[a];
            column[i] = value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Residual(ReadOnlySpan<Vector256<double>> block, ReadOnlySpan<double> mean)
    {
        block.Slice(1, q).CopyTo(residual);
        for (var a = 0; a < p; a++)
        {
            var x = block.Slice(Lanes.EffectOffsets[a], q);
            for (var i = 0; i < q; i++)
                residual[i] -= x[i] * mean[a];
        }

        Whiten(residual);
    }

    // middle = L^-1 S L^-T: the symmetric S by columns, then the result by rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WhitenScatter(int batch)
    {
        if (batch >= Lanes.ScatterBatchCount)
        {
            Array.Clear(middle);
            return;
        }

        var scatter = Lanes.Scatter(batch);
        for (int i = 0, t = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++, t++)
                middle[i * q + j] = middle[j * q + i] = scatter[t];
        }

        // Row j now holds column j of S; whitened it is column j of U = L^-1 S.
        for (var j = 0; j < q; j++)
            Whiten(middle.AsSpan(j * q, q));
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < i; j++)
                (middle[i * q + j], middle[j * q + i]) = (middle[j * q + i], middle[i * q + j]);
        }

        for (var i = 0; i < q; i++)
            Whiten(middle.AsSpan(i * q, q));
    }

    // rows = L^-1 X L_H^-T
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ProjectEffects(ReadOnlySpan<Vector256<double>> block, ReadOnlySpan<double> cholesky)
    {
        for (var a = 0; a < integrated; a++)
        {
            var x = Effect(block, a);
            Whiten(x);
            for (var i = 0; i < q; i++)
            {
                var value = x[i];
                for (var c = 0; c < a; c++)
                    value -= rows[c * q + i] * cholesky[a * integrated + c];
                x[i] = value * cholesky[a * integrated + a];
            }
        }
    }

    // middle = E = D^-1 (T / sigma^2 - J D) D^-1, both triangles. Returns tr(D^-1 L^-1 X H^-1 X' L^-T).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector256<double> FillMiddle(Vector256<double> levels, Vector256<double> unit)
    {
        var trace = Vector256<double>.Zero;
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var spread = Vector256<double>.Zero;
                for (var a = 0; a < integrated; a++)
                    spread += rows[a * q + i] * rows[a * q + j];
                var value = inverse[j] * (middle[i * q + j] + levels * (residual[i] * residual[j] + spread)) * unit;
                if (i == j)
                {
                    trace += inverse[i] * spread;
                    value -= levels;
                }

                middle[i * q + j] = middle[j * q + i] = inverse[i] * value;
            }
        }

        return trace;
    }

    // sum += (L^-1 Z)' E (L^-1 Z), lower triangle
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddToGamma(ReadOnlySpan<Vector256<double>> block)
    {
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
                left[i * q + j] = block[varying + j * q + i];
            for (var a = 0; a < i; a++)
            {
                for (var j = 0; j < q; j++)
                    left[i * q + j] -= below[i * q + a] * left[a * q + j];
            }
        }

        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
            {
                var value = Vector256<double>.Zero;
                for (var a = 0; a < q; a++)
                    value += middle[i * q + a] * left[a * q + j];
                product[i * q + j] = value;
            }
        }

        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var value = sum[i * q + j];
                for (var a = 0; a < q; a++)
                    value += left[a * q + i] * product[a * q + j];
                sum[i * q + j] = value;
            }
        }
    }

    // A copy of the rows of an effect.
    private Span<Vector256<double>> Effect(ReadOnlySpan<Vector256<double>> block, int effect)
    {
        var x = rows.AsSpan(effect * q, q);
        block.Slice(Lanes.EffectOffsets[effect], q).CopyTo(x);
        return x;
    }

    private Vector256<double> WeightedDot(ReadOnlySpan<Vector256<double>> x, ReadOnlySpan<Vector256<double>> y)
    {
        var value = Vector256<double>.Zero;
        for (var i = 0; i < x.Length; i++)
            value += inverse[i] * x[i] * y[i];
        return value;
    }

    private static Vector256<double> Dot(ReadOnlySpan<Vector256<double>> x, ReadOnlySpan<Vector256<double>> y)
    {
        var value = Vector256<double>.Zero;
        for (var i = 0; i < x.Length; i++)
            value += x[i] * y[i];
        return value;
    }
}
