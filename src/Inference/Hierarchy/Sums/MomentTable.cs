using System.Runtime.CompilerServices;
using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>Weights, means and centred cross-products of features and response, by cell or by level. Immutable once built.</summary>
/// <remarks>
/// A feature is a column less its origin, or the column of ones (mean 1, cross-products 0). The last variable is the response less its origin and
/// less the effects whose value is fixed. Means are taken against one global pivot and products about the cell's own means, so that no product of
/// uncentred columns is formed where an intercept allows centring. Source: [Chan1983].
/// </remarks>
internal sealed class MomentTable
{
    private MomentTable(int count, int[] columnOfFeature, int[] columnFeatures)
    {
        Count = count;
        Width = columnOfFeature.Length + 1;
        ColumnOfFeature = columnOfFeature;
        ColumnFeatures = columnFeatures;
        var width = Width;
        Triangle = width * (width + 1) / 2;
        Weight = new double[count];
        Mean = new double[checked(count * width)];
        Cross = new double[checked(count * Triangle)];
    }

    /// <summary>Number of cells or levels.</summary>
    public int Count { get; }

    /// <summary>Number of variables w: features, then the response.</summary>
    public int Width { get; }

    /// <summary>Index among the distinct columns of each feature; -1 for the column of ones. Length w - 1.</summary>
    public int[] ColumnOfFeature { get; }

    /// <summary>A feature of each distinct column, in the order of the model's columns: centred products do not depend on the origin.</summary>
    public int[] ColumnFeatures { get; }

    /// <summary>w (w + 1) / 2.</summary>
    public int Triangle { get; }

    /// <summary>Sum of weights. Length: count.</summary>
    public double[] Weight { get; }

    /// <summary>Means, w each.</summary>
    public double[] Mean { get; }

    /// <summary>Centred cross-products, lower triangle by rows each.</summary>
    public double[] Cross { get; }

    /// <summary>The moments of features by cell.</summary>
    /// <param name="cells">Moments of the model's columns.</param>
    /// <param name="features">Column (or <see cref="ModelSpec.Ones"/>) and origin of each feature.</param>
    /// <param name="population">Says what is taken off the response: its pivot, and the effects whose value is fixed.</param>
    /// <returns>A row a cell. O(cells m^2).</returns>
    public static MomentTable Of(CellMoments cells, ReadOnlySpan<(int Column, double Origin)> features, PopulationColumns population)
    {
        var m = cells.ColumnCount;
        int[] own = [.. features.ToArray().Select(feature => feature.Column)];
        int[] columns = [.. own.Where(column => column != ModelSpec.Ones).Distinct().Order()];
        var table = new MomentTable(
            cells.CellCount,
            [.. own.Select(column => Array.IndexOf(columns, column))],
            [.. columns.Select(column => Array.IndexOf(own, column))]);
        (int Column, double Value)[] fixedEffects = [.. population.FixedColumns.Zip(population.FixedValues)];

        // Cross-products of the response r = y - sum b_f x_f with each column, then with itself.
        var response = new double[m + 1];
        for (var cell = 0; cell < cells.CellCount; cell++)
        {
            var mean = cells.Means(cell);
            var cross = cells.CrossProducts(cell);
            table.Weight[cell] = cells.Weight(cell);
            var means = table.Mean.AsSpan(cell * table.Width, table.Width);
            var r = mean[m] - population.Response;
            for (var a = 0; a <= m; a++)
                response[a] = At(cross, a, m);
            foreach (var (column, value) in fixedEffects)
            {
                r -= value * (column == ModelSpec.Ones ? 1 : mean[column]);
                for (var a = 0; column != ModelSpec.Ones && a <= m; a++)
                    response[a] -= value * At(cross, a, column);
            }

            // What the fixed effects take off the last entry is r itself once more.
            foreach (var (column, value) in fixedEffects)
            {
                if (column != ModelSpec.Ones)
                    response[m] -= value * response[column];
            }

            var at = cell * table.Triangle;
            for (var a = 0; a < features.Length; a++)
            {
                var (column, origin) = features[a];
                means[a] = column == ModelSpec.Ones ? 1 : mean[column] - origin;
                for (var b = 0; b <= a; b++, at++)
                    table.Cross[at] = column == ModelSpec.Ones || features[b].Column == ModelSpec.Ones ? 0 : At(cross, column, features[b].Column);
            }

            means[features.Length] = r;
            for (var b = 0; b < features.Length; b++, at++)
                table.Cross[at] = features[b].Column == ModelSpec.Ones ? 0 : response[features[b].Column];
            table.Cross[at] = Math.Max(0, response[m]);
        }

        return table;
    }

    /// <summary>Merges rows into levels.</summary>
    /// <param name="levels">The level of each row. Length: count.</param>
    /// <param name="levelCount">Number of levels.</param>
    /// <returns>A row a level; one that no row belongs to has weight 0.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public MomentTable Merge(ReadOnlySpan<int> levels, int levelCount)
    {
        var merged = new MomentTable(levelCount, ColumnOfFeature, ColumnFeatures);
        for (var row = 0; row < Count; row++)
        {
            var level = levels[row];
            var means = merged.Mean.AsSpan(level * Width, Width);
            var own = Mean.AsSpan(row * Width, Width);
            var total = merged.Weight[level] + Weight[row];
            var share = Weight[row] / total;
            var between = merged.Weight[level] * share;
            var at = level * Triangle;
            var from = row * Triangle;
            for (var a = 0; a < Width; a++)
            {
                var da = own[a] - means[a];
                for (var b = 0; b <= a; b++, at++, from++)
                    merged.Cross[at] += Cross[from] + between * da * (own[b] - means[b]);
            }

            for (var a = 0; a < Width; a++)
                means[a] += share * (own[a] - means[a]);
            merged.Weight[level] = total;
        }

        return merged;
    }

    /// <summary>The product of two variables over the rows of a cell, about the global pivot: C_ab + W mean_a mean_b.</summary>
    public double Product(int row, int a, int b) => Centred(row, a, b) + Weight[row] * Mean[row * Width + a] * Mean[row * Width + b];

    /// <summary>The centred product of two variables over the rows of a cell.</summary>
    public double Centred(int row, int a, int b) =>
        a >= b ? Cross[row * Triangle + a * (a + 1) / 2 + b] : Cross[row * Triangle + b * (b + 1) / 2 + a];

    private static double At(ReadOnlySpan<double> triangle, int a, int b) => a >= b ? triangle[a * (a + 1) / 2 + b] : triangle[b * (b + 1) / 2 + a];
}
