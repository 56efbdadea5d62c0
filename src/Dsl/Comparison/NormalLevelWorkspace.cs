using System.Runtime.CompilerServices;
using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>The log likelihood of the rows of a level of a Normal model in every draw of all else, the level's effects integrated out. Used by one
/// thread.</summary>
/// <remarks>
/// <para>
/// With r = y - X beta - sum over the other factors of Z_k u_k, G = Z'WZ, A = I + Lambda'G Lambda / sigma^2 and t = Lambda'Z'Wr: -2 log p = n log(2
/// pi sigma^2) - sum log w + log det A + (r'Wr - t'A^-1 t / sigma^2) / sigma^2, from the sums of the level's cells. Source: [LindleySmith1972].
/// </para>
/// <para>
/// A row given the others of its level: with v = A^-1 t / sigma^2, zeta = Lambda'z, e = r_i - zeta'v and h = w zeta'A^-1 zeta / sigma^2 it is normal
/// with its residual e / (1 - h) and variance sigma^2 / (w (1 - h)). O(S cells (m^2 + q^3)) a level.
/// </para>
/// </remarks>
internal sealed class NormalLevelWorkspace
{
    private readonly NormalBoundModel model;
    private readonly ModelSpec spec;
    private readonly int factor;
    private readonly int[][]? numbers;
    private readonly int[][] cellsOf;
    private readonly DrawPredictorWorkspace draws;
    private readonly int drawCount;
    private readonly double[] weights;         // of columns and response in r
    private readonly double[] products;        // C times them
    private readonly double[] gram;
    private readonly double[] cholesky;
    private readonly double[] t;
    private readonly double[] zeta;
    private readonly double[] work;
    private readonly List<double[]> others = [];              // draws of the effects of the other factors, cell after cell of the level at hand

    /// <summary>Reads the draws.</summary>
    /// <param name="model">The model.</param>
    /// <param name="posterior">Its posterior, on the scale of the sums.</param>
    /// <param name="levels">Draws of its levels, which threads may share.</param>
    /// <param name="factor">Index of the factor.</param>
    /// <param name="numbers">For each factor the number in the posterior of each level of the model; null where they are the same.</param>
    public NormalLevelWorkspace(NormalBoundModel model, Posterior posterior, LevelDraws levels, int factor, int[][]? numbers = null)
    {
        this.model = model;
        this.factor = factor;
        this.numbers = numbers;
        spec = posterior.Spec;
        draws = new(posterior, levels);
        drawCount = posterior.DrawCount;
        cellsOf = CellsByLevel(model.Levels[factor].Count, model.CellLevels(factor));
        var (m, q) = (spec.Columns.Length, spec.Factors[factor].Terms.Length);
        weights = new double[m + 1];
        products = new double[m + 1];
        gram = new double[q * q];
        cholesky = new double[q * q];
        t = new double[q];
        zeta = new double[q];
        work = new double[q * q];
    }

    /// <summary>The cells of each level, in their order.</summary>
    /// <param name="levels">Number of levels.</param>
    /// <param name="levelOf">The level of each cell.</param>
    public static int[][] CellsByLevel(int levels, ReadOnlySpan<int> levelOf)
    {
        var cells = Enumerable.Range(0, levels).Select(_ => new List<int>()).ToArray();
        for (var cell = 0; cell < levelOf.Length; cell++)
            cells[levelOf[cell]].Add(cell);
        return [.. cells.Select(own => own.ToArray())];
    }

    /// <summary>Computes the log likelihood of one level.</summary>
    /// <param name="level">Number of the level in the model.</param>
    /// <param name="constant">Half the sum of log weights, less n/2 log(2 pi), with Jacobians.</param>
    /// <param name="logLikelihood">Overwritten, a value a draw. Length S.</param>
    public void Compute(int level, double constant, Span<double> logLikelihood)
    {
        var rows = cellsOf[level].Sum(cell => (double)model.Cells.Rows(cell));
        SumGram(level);
        for (var s = 0; s < logLikelihood.Length; s++)
        {
            var variance = VarianceOf(s);
            var square = Reduce(level, s);
            var logDeterminant = Factorise(s, variance);
            var explained = 0.0;
            Forward(t);
            foreach (var value in t)
                explained += value * value;
            logLikelihood[s] = constant - 0.5 * (rows * Math.Log(variance) + logDeterminant + (square - explained / variance) / variance);
        }
    }

    /// <summary>Computes the log density of one row given the others of its level.</summary>
    /// <param name="design">Rows, every level known to the fit.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="rowWeight">Its weight, on the scale of the rows; 1 where it has none.</param>
    /// <param name="logDensity">Overwritten, a value a draw: of the response itself. Length S.</param>
    /// <param name="means">Overwritten with the expected response, or log response, of the row given the others; empty where not wanted.</param>
    /// <param name="sds">Overwritten with its sd; empty where not wanted.</param>
    public void ComputeWithout(
        RowDesign design, int row, double rowWeight, Span<double> logDensity, Span<double> means = default, Span<double> sds = default)
    {
        var m = spec.Columns.Length;
        var level = design.Levels[row * spec.Factors.Length + factor];
        var columns = design.Matrix.AsSpan(row * m, m).ToArray();
        var y = design.Responses![row] - design.Offsets[row];
        var constant = -0.5 * Math.Log(2 * Math.PI) - (spec.Response.Family.TakesLog ? design.Responses[row] : 0);
        var (origin, unit) = (0.0, 1.0);
        if (model.Standardization is { } by)
        {
            (origin, unit) = (by.ResponseOrigin, by.ResponseScale);
            for (var c = 0; c < m; c++)
                columns[c] = (columns[c] - by.Origins[c]) / by.Scales[c];
            y = (y - by.ResponseOrigin) / by.ResponseScale;
            constant -= Math.Log(by.ResponseScale);
            if (spec.Response.KnownSd is not null)
                rowWeight *= by.ResponseScale * by.ResponseScale;
        }

        SumGram(level);
        Span<double> eta = stackalloc double[1];
        for (var s = 0; s < logDensity.Length; s++)
        {
            var variance = VarianceOf(s);
            Reduce(level, s);
            Factorise(s, variance);
            Forward(t);
            draws.Begin(columns, 0, s, eta);
            for (var k = 0; k < spec.Factors.Length; k++)
            {
                if (k != factor)
                    draws.AddEffects(k, NumberOf(k, design.Levels[row * spec.Factors.Length + k]), columns, s, eta);
            }

            // L^-1 zeta and L^-1 t give both products.
            draws.Spherical(factor, columns, s, zeta);
            Forward(zeta);
            var (rest, leverage) = (y - eta[0], 0.0);
            for (var a = 0; a < zeta.Length; a++)
            {
                rest -= zeta[a] * t[a] / variance;
                leverage += zeta[a] * zeta[a];
            }

            var precision = rowWeight * (1 / (1 - rowWeight * leverage / variance)) / variance;
            var own = rowWeight * (1 - rowWeight * leverage / variance) / variance;
            logDensity[s] = constant + 0.5 * (Math.Log(own) - precision * rest * rest);
            if (means.IsEmpty)
                continue;
            var (mean, sd) = (y - rest / (1 - rowWeight * leverage / variance), 1 / Math.Sqrt(own));
            (means[s], sds[s]) = (origin + unit * mean + design.Offsets[row], unit * sd);
        }
    }

    private double VarianceOf(int s)
    {
        var sigma = draws.ScalesOf(factor).SigmaOf(s);
        return sigma * sigma;
    }

    private int NumberOf(int k, int level) => numbers is null ? level : numbers[k][level];

    private void SumGram(int level)
    {
        var terms = spec.Factors[factor].Terms;
        Array.Clear(gram);
        others.Clear();
        foreach (var cell in cellsOf[level])
        {
            for (var k = 0; k < spec.Factors.Length; k++)
            {
                if (k != factor)
                    others.Add(draws.EffectsOf(k, NumberOf(k, model.CellLevels(k)[cell])));
            }

            var weight = model.Cells.Weight(cell);
            var means = model.Cells.Means(cell);
            var cross = model.Cells.CrossProducts(cell);
            for (var a = 0; a < terms.Length; a++)
            {
                for (var b = 0; b < terms.Length; b++)
                    gram[a * terms.Length + b] += weight * MeanOf(terms[a].Column, means) * MeanOf(terms[b].Column, means) + CrossOf(
                        terms[a].Column, terms[b].Column, cross);
            }
        }
    }

    // r'Wr, and t.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Reduce(int level, int s)
    {
        var terms = spec.Factors[factor].Terms;
        var (m, q) = (spec.Columns.Length, terms.Length);
        var l = draws.ScalesOf(factor).LambdaOf(s);
        var square = 0.0;
        var next = 0;
        Array.Clear(t);
        foreach (var cell in cellsOf[level])
        {
            // r as weights over columns and response, and its mean.
            var weight = model.Cells.Weight(cell);
            var means = model.Cells.Means(cell);
            var cross = model.Cells.CrossProducts(cell);
            Array.Clear(weights);
            weights[m] = 1;
            var mean = means[m];
            for (var e = 0; e < spec.Population.Length; e++)
                TakeOff(spec.Population[e].Column, draws.PopulationOf(e)[s], means, ref mean);
            for (var k = 0; k < spec.Factors.Length; k++)
            {
                if (k == factor)
                    continue;
                var effects = others[next++];
                for (var a = 0; a < spec.Factors[k].Terms.Length; a++)
                    TakeOff(spec.Factors[k].Terms[a].Column, effects[a * drawCount + s], means, ref mean);
            }

            square += weight * mean * mean;
            for (var a = 0; a <= m; a++)
            {
                var sum = 0.0;
                for (var b = 0; b <= m; b++)
                    sum += CrossOf(a, b, cross) * weights[b];
                products[a] = sum;
                square += weights[a] * sum;
            }

            for (var i = 0; i < q; i++)
            {
                for (var a = 0; a < q; a++)
                    t[i] += l[a * q + i]
                        * (weight * mean * MeanOf(terms[a].Column, means) + (terms[a].Column == ModelSpec.Ones ? 0 : products[terms[a].Column]));
            }
        }

        return square;
    }

    private void TakeOff(int column, double coefficient, ReadOnlySpan<double> means, ref double mean)
    {
        mean -= coefficient * MeanOf(column, means);
        if (column != ModelSpec.Ones)
            weights[column] -= coefficient;
    }

    // Cholesky factor L of A = I + Lambda'G Lambda / sigma^2; returns log det A.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Factorise(int s, double variance)
    {
        var q = t.Length;
        var l = draws.ScalesOf(factor).LambdaOf(s);
        for (var a = 0; a < q; a++)
        {
            for (var i = 0; i < q; i++)
            {
                var sum = 0.0;
                for (var b = 0; b < q; b++)
                    sum += gram[a * q + b] * l[b * q + i];
                work[a * q + i] = sum;
            }
        }

        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = 0.0;
                for (var a = 0; a < q; a++)
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

    // L^-1 x in place.
    private void Forward(double[] x)
    {
        var q = x.Length;
        for (var i = 0; i < q; i++)
        {
            for (var c = 0; c < i; c++)
                x[i] -= cholesky[i * q + c] * x[c];
            x[i] /= cholesky[i * q + i];
        }
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
