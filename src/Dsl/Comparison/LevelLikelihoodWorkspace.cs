using System.Runtime.CompilerServices;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>The log likelihood of all rows of a level in every draw of population effects and scales, the level's effects integrated out. Used by one
/// thread.</summary>
/// <remarks>
/// With r = y - X beta, G = Z'WZ, A = I + Lambda'G Lambda / sigma^2 and t = Lambda'Z'Wr: -2 log p = n log(2 pi sigma^2) - sum log w + log det A +
/// (r'Wr - t'A^-1 t / sigma^2) / sigma^2, from the level's sums. O(S (m^2 + q^3)) a level. Source: [LindleySmith1972].
/// </remarks>
internal sealed class LevelLikelihoodWorkspace
{
    private readonly ModelSpec spec;
    private readonly ScaleValues scales;
    private readonly double[][] beta;
    private readonly double[] weights;         // of columns and response in r
    private readonly double[] products;        // C times them
    private readonly double[] gram;
    private readonly double[] cholesky;
    private readonly double[] t;
    private readonly double[] work;

    /// <summary>Reads the draws.</summary>
    /// <param name="model">The model, with one grouping factor.</param>
    /// <param name="posterior">Its posterior, on the scale of the sums.</param>
    public LevelLikelihoodWorkspace(NormalBoundModel model, Posterior posterior)
    {
        spec = model.Spec;
        scales = ScaleValues.Read(spec, posterior);
        beta = [.. Enumerable.Range(0, posterior.Population.ParameterCount).Select(e =>
        {
            var draws = new double[posterior.DrawCount];
            posterior.Population.CopyDraws(e, draws);
            return draws;
        })];
        var (m, q) = (spec.Columns.Length, spec.Factors[0].Terms.Length);
        weights = new double[m + 1];
        products = new double[m + 1];
        gram = new double[q * q];
        cholesky = new double[q * q];
        t = new double[q];
        work = new double[q * q];
    }

    /// <summary>Computes the log likelihood of one level.</summary>
    /// <param name="cells">Moments by level.</param>
    /// <param name="level">Number of the level.</param>
    /// <param name="constant">Half the sum of log weights, less n/2 log(2 pi), with Jacobians.</param>
    /// <param name="logLikelihood">Overwritten, a value a draw. Length S.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compute(CellMoments cells, int level, double constant, Span<double> logLikelihood)
    {
        var terms = spec.Factors[0].Terms;
        var (m, q) = (spec.Columns.Length, terms.Length);
        var (rows, weight) = (cells.Rows(level), cells.Weight(level));
        var means = cells.Means(level);
        var cross = cells.CrossProducts(level);
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
                gram[a * q + b] = weight * MeanOf(terms[a].Column, means) * MeanOf(terms[b].Column, means) + CrossOf(
                    terms[a].Column, terms[b].Column, cross);
        }

        for (var s = 0; s < logLikelihood.Length; s++)
        {
            // r = y - X beta as weights over columns and response, and its mean.
            Array.Clear(weights);
            weights[m] = 1;
            var mean = means[m];
            for (var e = 0; e < beta.Length; e++)
            {
                var column = spec.Population[e].Column;
                mean -= beta[e][s] * MeanOf(column, means);
                if (column != ModelSpec.Ones)
                    weights[column] -= beta[e][s];
            }

            var square = weight * mean * mean;
            for (var a = 0; a <= m; a++)
            {
                var sum = 0.0;
                for (var b = 0; b <= m; b++)
                    sum += CrossOf(a, b, cross) * weights[b];
                products[a] = sum;
                square += weights[a] * sum;
            }

            var variance = scales.SigmaOf(s) * scales.SigmaOf(s);
            var l = scales.LambdaOf(s);
            for (var i = 0; i < q; i++)
            {
                t[i] = 0;
                for (var a = i; a < q; a++)
                    t[i] += l[a * q + i]
                        * (weight * mean * MeanOf(terms[a].Column, means) + (terms[a].Column == ModelSpec.Ones ? 0 : products[terms[a].Column]));
            }

            var logDeterminant = Factorise(l, variance, q);
            var explained = 0.0;
            for (var i = 0; i < q; i++)
            {
                var sum = t[i];
                for (var c = 0; c < i; c++)
                    sum -= cholesky[i * q + c] * t[c];
                t[i] = sum / cholesky[i * q + i];
                explained += t[i] * t[i];
            }

            logLikelihood[s] = constant - 0.5 * (rows * Math.Log(variance) + logDeterminant + (square - explained / variance) / variance);
        }
    }

    // Cholesky factor of A = I + Lambda'G Lambda / sigma^2; returns log det A.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Factorise(ReadOnlySpan<double> l, double variance, int q)
    {
        for (var a = 0; a < q; a++)
        {
            for (var i = 0; i < q; i++)
            {
                var sum = 0.0;
                for (var b = i; b < q; b++)
                    sum += gram[a * q + b] * l[b * q + i];
                work[a * q + i] = sum;
            }
        }

        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = 0.0;
                for (var a = i; a < q; a++)
                    sum += l[a * q + i] * work[a * q + j];
                cholesky[i * q + j] = sum / variance + (i == j ? 1 : 0);
            }
        }

        if (SemidefiniteCholesky.Factorise(cholesky, q) < q)
            return double.NaN;
        var log = 0.0;
        for (var i = 0; i < q; i++)
            log += 2 * Math.Log(cholesky[i * q + i]);

        return log;
    }

    private static double MeanOf(int column, ReadOnlySpan<double> means) => column == ModelSpec.Ones ? 1 : means[column];

    private static double CrossOf(int a, int b, ReadOnlySpan<double> cross)
    {
        if (a == ModelSpec.Ones || b == ModelSpec.Ones)
            return 0;
        var (high, low) = a >= b ? (a, b) : (b, a);
        return cross[high * (high + 1) / 2 + low];
    }
}
