using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Model;

namespace TypedPooling.Inference.Gibbs;

/// <summary>The residual sum of squares at given coefficients, from the moments of cells. Immutable.</summary>
/// <remarks>
/// sum over cells of W (r - eta)^2 at the cell's means + C_rr - 2 b'C_xr + b'C_xx b about them, b the sum of all coefficients of a column: what lies
/// within cells never meets the size of the pivot. Where no slope varies, b is the same in all cells and what lies within them is one sum. O(cells (K
/// + p)) a call otherwise O(cells m^2), nothing allocated.
/// </remarks>
internal sealed class CellResiduals
{
    private readonly int count;
    private readonly int p;
    private readonly double[] weight;
    private readonly double[] response;
    private readonly double[] population;         // means of X but for the intercept, slopes a cell
    private readonly int[] populationEffect;      // its place in beta~
    private readonly int intercept;
    private readonly int[][] levels;
    private readonly int[] termCounts;
    private readonly double[][] means;            // of Z by factor, q a cell; empty where Z is the column of ones
    private readonly int width;                   // distinct columns, and the response
    private readonly int[] columnOfEffect;        // of beta~, -1 for the intercept
    private readonly int[][] columnOfTerm;
    private readonly double[] within;             // cross-products over cells: of all together, or of each of withinCells
    private readonly int[] withinCells;           // cells whose rows differ in a column or the response

    public CellResiduals(MomentTable cells, int[][] cellLevels, int[] x, int[][] z, int[] columnOfFeature)
    {
        count = cells.Count;
        p = x.Length;
        weight = cells.Weight;
        levels = cellLevels;
        termCounts = [.. z.Select(features => features.Length)];
        var last = cells.Width - 1;
        response = [.. Enumerable.Range(0, count).Select(cell => cells.Mean[cell * cells.Width + last])];
        intercept = Array.FindIndex(x, feature => columnOfFeature[feature] == ModelSpec.Ones);
        populationEffect = [.. Enumerable.Range(0, p).Where(e => e != intercept)];
        population = new double[count * populationEffect.Length];
        for (var cell = 0; cell < count; cell++)
        {
            for (var e = 0; e < populationEffect.Length; e++)
                population[cell * populationEffect.Length + e] = cells.Mean[cell * cells.Width + x[populationEffect[e]]];
        }

        means = new double[z.Length][];
        for (var k = 0; k < z.Length; k++)
        {
            if (z[k].Length == 1 && columnOfFeature[z[k][0]] == ModelSpec.Ones)
            {
                means[k] = [];
                continue;
            }

            means[k] = new double[count * z[k].Length];
            for (var cell = 0; cell < count; cell++)
            {
                for (var a = 0; a < z[k].Length; a++)
                    means[k][cell * z[k].Length + a] = cells.Mean[cell * cells.Width + z[k][a]];
            }
        }

        // One feature stands for each column: centred products do not depend on its origin.
        var columns = columnOfFeature.Where(column => column != ModelSpec.Ones).Distinct().ToList();
        width = columns.Count + 1;
        columnOfEffect = [.. x.Select(feature => columns.IndexOf(columnOfFeature[feature]))];
        columnOfTerm = [.. z.Select(features => features.Select(feature => columns.IndexOf(columnOfFeature[feature])).ToArray())];
        int[] variables = [.. columns.Select(column => Array.IndexOf(columnOfFeature, column)), last];
        var slopesVary = columnOfTerm.Any(terms => terms.Any(column => column >= 0));
        withinCells = slopesVary ? [.. Enumerable.Range(0, count).Where(cell => variables.Any(v => cells.Centred(cell, v, v) > 0))] : [0];
        within = new double[withinCells.Length * width * width];
        for (var cell = 0; cell < count; cell++)
        {
            var at = slopesVary ? Array.BinarySearch(withinCells, cell) : 0;
            for (var a = 0; at >= 0 && a < width; a++)
            {
                for (var b = 0; b < width; b++)
                    within[(at * width + a) * width + b] += cells.Centred(cell, variables[a], variables[b]);
            }
        }

        SlopesVary = slopesVary;
        CellCount = count;
    }

    /// <summary>Whether a column other than that of ones varies by a factor.</summary>
    public bool SlopesVary { get; }

    /// <summary>Number of cells.</summary>
    public int CellCount { get; }

    /// <summary>The weighted residual sum of squares.</summary>
    /// <param name="beta">beta~. Length p.</param>
    /// <param name="effects">Pivoted effects of each factor, J q each.</param>
    /// <returns>The sum, zero or more.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double SumOfSquares(ReadOnlySpan<double> beta, double[][] effects)
    {
        var slopeCount = populationEffect.Length;
        Span<double> slopes = slopeCount <= 64 ? stackalloc double[slopeCount] : new double[slopeCount];
        for (var e = 0; e < slopeCount; e++)
            slopes[e] = beta[populationEffect[e]];
        var constant = intercept >= 0 ? beta[intercept] : 0;
        var sum = 0.0;
        if (levels.Length == 2 && means[0].Length == 0 && means[1].Length == 0)
        {
            ReadOnlySpan<double> u = effects[0];
            ReadOnlySpan<double> v = effects[1];
            ReadOnlySpan<int> first = levels[0];
            ReadOnlySpan<int> second = levels[1];
            for (var cell = 0; cell < weight.Length; cell++)
            {
                var rest = response[cell] - constant - u[first[cell]] - v[second[cell]];
                for (var e = 0; e < slopes.Length; e++)
                    rest -= population[cell * slopeCount + e] * slopes[e];
                sum += weight[cell] * rest * rest;
            }

            return sum + Within(beta, effects);
        }

        for (var cell = 0; cell < count; cell++)
        {
            var rest = response[cell] - constant;
            for (var e = 0; e < slopes.Length; e++)
                rest -= population[cell * slopeCount + e] * slopes[e];
            for (var k = 0; k < levels.Length; k++)
            {
                var q = termCounts[k];
                var at = levels[k][cell] * q;
                if (means[k].Length == 0)
                {
                    rest -= effects[k][at];
                    continue;
                }

                for (var a = 0; a < q; a++)
                    rest -= means[k][cell * q + a] * effects[k][at + a];
            }

            sum += weight[cell] * rest * rest;
        }

        return sum + Within(beta, effects);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Within(ReadOnlySpan<double> beta, double[][] effects)
    {
        Span<double> shared = width <= 64 ? stackalloc double[width] : new double[width];
        Span<double> b = width <= 64 ? stackalloc double[width] : new double[width];
        for (var e = 0; e < p; e++)
        {
            if (columnOfEffect[e] >= 0)
                shared[columnOfEffect[e]] -= beta[e];
        }

        // (b, -1) with its sign turned
        shared[width - 1] = 1;
        var sum = 0.0;
        for (var i = 0; i < withinCells.Length; i++)
        {
            shared.CopyTo(b);
            for (var k = 0; SlopesVary && k < levels.Length; k++)
            {
                var columns = columnOfTerm[k];
                var at = levels[k][withinCells[i]] * columns.Length;
                for (var a = 0; a < columns.Length; a++)
                {
                    if (columns[a] >= 0)
                        b[columns[a]] -= effects[k][at + a];
                }
            }

            var products = within.AsSpan(i * width * width, width * width);
            for (var a = 0; a < width; a++)
            {
                var row = 0.0;
                for (var c = 0; c < width; c++)
                    row += products[a * width + c] * b[c];
                sum += row * b[a];
            }
        }

        return Math.Max(0, sum);
    }
}
