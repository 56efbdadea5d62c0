using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

// The parts of Q at the last solution.
internal sealed partial class CrossedWorkspace
{
    /// <summary>L^-1 scatter L^-T of a class's responses.</summary>
    /// <param name="c">The class.</param>
    /// <param name="result">Overwritten. q x q.</param>
    public void WhitenScatter(int c, Span<double> result)
    {
        classes.Scatter.AsSpan(c * q * q, q * q).CopyTo(result);
        SmallBlocks.Whiten(cholesky.AsSpan(c * q * q, q * q), result, q);
    }

    // x'S x - 2 x't in units of sigma; leaves t / sigma - S x in onRest.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double PooledSquares(double inverse)
    {
        for (var a = 0; a < order; a++)
            onRest[a] = target[a] * inverse;
        foreach (var panel in layout.Panels)
        {
            var width = panel.Width;
            var block = system.PooledSquare.AsSpan(panel.ValueStart, width * (width + panel.Below.Length));
            for (var i = 0; i < width; i++)
            {
                for (var b = 0; b < width; b++)
                    onRest[panel.Start + i] -= block[i * width + b] * scaled[panel.Start + b];
            }

            for (var i = 0; i < panel.Below.Length; i++)
            {
                var row = panel.Below[i];
                for (var b = 0; b < width; b++)
                {
                    var value = block[(width + i) * width + b];
                    onRest[row] -= value * scaled[panel.Start + b];
                    onRest[panel.Start + b] -= value * scaled[row];
                }
            }
        }

        var denseOrder = layout.DenseOrder;
        var dense = system.PooledSquare.AsSpan(layout.DenseValueStart);
        var x = scaled.AsSpan(layout.DenseStart, denseOrder);
        var into = onRest.AsSpan(layout.DenseStart, denseOrder);
        for (var a = 0; a < denseOrder; a++)
        {
            var row = dense.Slice(a * denseOrder, a);
            into[a] -= DenseRows.Dot(row, x[..a]) + dense[a * denseOrder + a] * x[a];
            DenseRows.AddScaled(row, -x[a], into[..a]);
        }

        var squares = 0.0;
        for (var a = 0; a < order; a++)
            squares -= scaled[a] * (onRest[a] + target[a] * inverse);
        return squares;
    }

    // sum |rho_j|^2, and the mean of rho of every class.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double ClassSquares(double inverse)
    {
        var squares = 0.0;
        for (var c = 0; c < classes.Count; c++)
        {
            var start = classes.Start[c];
            var d = classes.Start[c + 1] - start;
            var l = cholesky.AsSpan(c * q * q, q * q);
            var rho = residuals.AsSpan(c * q, q);
            var own = 0.0;
            for (var a = 0; a < q; a++)
            {
                var mean = means[c * q + a] * inverse;
                var row = classes.RestRows.AsSpan(start * q + a * d, d);
                for (var i = 0; i < d; i++)
                    mean -= row[i] * scaled[classes.Coordinates[start + i]];
                for (var b = 0; b < a; b++)
                    mean -= l[a * q + b] * rho[b];
                rho[a] = mean * l[a * q + a];
                own += rho[a] * rho[a];
            }

            squares += classes.Sizes[c] * own;
            if (classes.Sizes[c] > 1)
                squares += inverse * inverse * ScatterTrace(c);
        }

        return squares;
    }

    // tr L^-1 scatter L^-T
    private double ScatterTrace(int c)
    {
        var w = small.AsSpan(0, q * q);
        WhitenScatter(c, w);
        var trace = 0.0;
        for (var a = 0; a < q; a++)
            trace += w[a * q + a];
        return trace;
    }

    private double PriorSquares()
    {
        var squares = 0.0;
        for (var a = 0; a < integrated; a++)
        {
            for (var b = 0; b < integrated; b++)
                squares += (Mean[varying + a] - priorMean[a]) * precision[a * integrated + b] * (Mean[varying + b] - priorMean[b]);
        }

        return squares;
    }
}
