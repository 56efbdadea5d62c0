using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Gibbs;

/// <summary>Lays out a joint draw of all coefficients of several factors: one factor eliminated level by level, the effects of the others and beta
/// dense.</summary>
internal static class JointElimination
{
    /// <summary>Lays it out.</summary>
    /// <param name="factors">Sums of all factors, linked.</param>
    /// <param name="first">The factor to eliminate.</param>
    /// <param name="cells">Moments by cell.</param>
    /// <param name="cellLevels">Level of each cell, by factor.</param>
    /// <param name="whole">Moments of all rows.</param>
    /// <param name="x">Features of X.</param>
    /// <returns>The layout, and R'y over the rows without the eliminated factor. O(J q s^2 + cells q^2).</returns>
    public static (Elimination Elimination, double[] Target) Of(
        FactorSums[] factors, int first, MomentTable cells, int[][] cellLevels, MomentTable whole, int[] x)
    {
        var eliminated = factors[first];
        var p = x.Length;
        var starts = new int[factors.Length];
        var blocks = new List<(int, int)>();
        var s = 0;
        for (var k = 0; k < factors.Length; k++)
        {
            if (k == first)
                continue;
            starts[k] = s;
            blocks.Add((k, s));
            s += factors[k].LevelCount * factors[k].TermCount;
        }

        s += p;
        var square = new double[s * s];
        var target = new double[s];
        AddCells(factors, first, cells, cellLevels, x, starts, s, square, target);
        AddPopulation(whole, x, s, square, target);

        // Pseudo-rows of the rest, and what they hold of the cross-products.
        var q = eliminated.TermCount;
        var rows = new double[eliminated.LevelCount * q * s];
        for (var j = 0; j < eliminated.LevelCount; j++)
        {
            for (var a = 0; a < q; a++)
            {
                var row = rows.AsSpan((j * q + a) * s, s);
                eliminated.PopulationRows.AsSpan((j * q + a) * p, p).CopyTo(row[(s - p)..]);
                foreach (var (other, start) in blocks)
                {
                    var links = eliminated.Links[other]!;
                    var r = factors[other].TermCount;
                    for (var at = links.Start[j]; at < links.Start[j + 1]; at++)
                    {
                        for (var b = 0; b < r; b++)
                            row[start + links.Other[at] * r + b] = links.Blocks[(at * q + a) * r + b];
                    }
                }

                for (var column = 0; column < s; column++)
                {
                    if (row[column] == 0)
                        continue;
                    target[column] -= row[column] * eliminated.Responses[j * q + a];
                    DenseRows.AddScaled(row, -row[column], square.AsSpan(column * s, s));
                }
            }
        }

        return (new Elimination(first, eliminated.LevelCount, q, s, eliminated.Rows, rows, square, [.. blocks]), target);
    }

    // Z_k'Z_k, X'Z_k and Z_k'y of all pairs of factors but the eliminated one, by cell.
    private static void AddCells(
        FactorSums[] factors, int first, MomentTable cells, int[][] cellLevels, int[] x, int[] starts, int s, double[] square, double[] target)
    {
        var p = x.Length;
        for (var cell = 0; cell < cells.Count; cell++)
        {
            for (var k = 0; k < factors.Length; k++)
            {
                if (k == first)
                    continue;
                var own = factors[k].Features;
                var at = starts[k] + cellLevels[k][cell] * own.Length;
                for (var a = 0; a < own.Length; a++)
                {
                    target[at + a] += cells.Product(cell, own[a], cells.Width - 1);
                    for (var e = 0; e < p; e++)
                    {
                        var product = cells.Product(cell, own[a], x[e]);
                        square[(at + a) * s + s - p + e] += product;
                        square[(s - p + e) * s + at + a] += product;
                    }

                    for (var other = 0; other < factors.Length; other++)
                    {
                        if (other == first)
                            continue;
                        var others = factors[other].Features;
                        var to = starts[other] + cellLevels[other][cell] * others.Length;
                        for (var b = 0; b < others.Length; b++)
                            square[(at + a) * s + to + b] += cells.Product(cell, own[a], others[b]);
                    }
                }
            }
        }
    }

    private static void AddPopulation(MomentTable whole, int[] x, int s, double[] square, double[] target)
    {
        var p = x.Length;
        for (var a = 0; a < p; a++)
        {
            target[s - p + a] += whole.Product(0, x[a], whole.Width - 1);
            for (var b = 0; b < p; b++)
                square[(s - p + a) * s + s - p + b] += whole.Product(0, x[a], x[b]);
        }
    }
}
