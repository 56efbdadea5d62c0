using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>Which levels of one factor meet which of another, and N_j (Z_k'Z_l) of each pair that has rows: sparse, by rows of the first factor.
/// Immutable.</summary>
/// <remarks>N_j turns Z_k'(.) of level j into its pseudo-rows, see <see cref="FactorSums"/>.</remarks>
/// <param name="start">First pair of each level of the first factor, and the number of pairs. Length J_k + 1.</param>
/// <param name="other">Level of the second factor of each pair.</param>
/// <param name="blocks">q_k x q_l by rows each.</param>
/// <param name="rows">q_k.</param>
/// <param name="columns">q_l.</param>
internal sealed class LevelLinks(int[] start, int[] other, double[] blocks, int rows, int columns)
{
    /// <summary>First pair of each level, and the number of pairs. Length J_k + 1.</summary>
    public int[] Start => start;

    /// <summary>Level of the second factor of each pair.</summary>
    public int[] Other => other;

    /// <summary>q_l.</summary>
    public int Columns => columns;

    /// <summary>N_j (Z_k'Z_l) of each pair, q_k x q_l by rows.</summary>
    public double[] Blocks => blocks;

    /// <summary>Which levels of one factor meet which of another.</summary>
    /// <param name="first">The factor whose pseudo-rows hold the products.</param>
    /// <param name="features">Features of the other's Z.</param>
    /// <param name="cells">Moments by cell.</param>
    /// <param name="firstLevels">Level of each cell in the first factor.</param>
    /// <param name="secondLevels">Level of each cell in the other.</param>
    /// <returns>The links; O(cells (log cells + q_k q_l)).</returns>
    public static LevelLinks Of(FactorSums first, int[] features, MomentTable cells, int[] firstLevels, int[] secondLevels)
    {
        var (q, r) = (first.TermCount, features.Length);
        var order = Enumerable.Range(0, cells.Count).OrderBy(cell => firstLevels[cell]).ThenBy(cell => secondLevels[cell]).ToArray();
        var start = new int[first.LevelCount + 1];
        var other = new List<int>();
        var products = new List<double[]>();
        var previous = (-1, -1);
        foreach (var cell in order)
        {
            var pair = (firstLevels[cell], secondLevels[cell]);
            if (pair != previous)
            {
                other.Add(pair.Item2);
                products.Add(new double[q * r]);
                start[pair.Item1 + 1]++;
                previous = pair;
            }

            var product = products[^1];
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < r; b++)
                    product[a * r + b] += cells.Product(cell, first.Features[a], features[b]);
            }
        }

        for (var j = 0; j < first.LevelCount; j++)
            start[j + 1] += start[j];
        var blocks = new double[checked(products.Count * q * r)];
        for (var j = 0; j < first.LevelCount; j++)
        {
            for (var at = start[j]; at < start[j + 1]; at++)
            {
                for (var a = 0; a < q; a++)
                {
                    for (var b = 0; b < r; b++)
                    {
                        for (var c = 0; c < q; c++)
                            blocks[(at * q + a) * r + b] += first.Rotation[(j * q + a) * q + c] * products[at][c * r + b];
                    }
                }
            }
        }

        return new LevelLinks(start, [.. other], blocks, q, r);
    }

    /// <summary>Takes what the second factor's effects explain off the pseudo-responses of the first. O(pairs q_k q_l), allocates nothing.</summary>
    /// <param name="effects">Pivoted effects of the second factor. Length J_l q_l.</param>
    /// <param name="responses">Changed. Length J_k q_k.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Subtract(ReadOnlySpan<double> effects, Span<double> responses)
    {
        if (rows == 1 && columns == 1)
        {
            ReadOnlySpan<int> others = other;
            ReadOnlySpan<double> values = blocks;
            for (var j = 0; j < responses.Length; j++)
            {
                // Two sums, so that one addition does not wait for the other.
                var (first, second) = (0.0, 0.0);
                var (at, end) = (start[j], start[j + 1]);
                for (; at + 1 < end; at += 2)
                {
                    first += values[at] * effects[others[at]];
                    second += values[at + 1] * effects[others[at + 1]];
                }

                if (at < end)
                    first += values[at] * effects[others[at]];
                responses[j] -= first + second;
            }

            return;
        }

        var size = rows * columns;
        for (var j = 0; j + 1 < start.Length; j++)
        {
            var response = responses.Slice(j * rows, rows);
            for (var at = start[j]; at < start[j + 1]; at++)
            {
                var block = blocks.AsSpan(at * size, size);
                var effect = effects.Slice(other[at] * columns, columns);
                for (var a = 0; a < rows; a++)
                {
                    for (var b = 0; b < columns; b++)
                        response[a] -= block[a * columns + b] * effect[b];
                }
            }
        }
    }
}
