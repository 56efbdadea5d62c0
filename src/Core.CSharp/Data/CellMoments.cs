namespace TypedPooling.Data;

/// <summary>Counts, means and centred cross-products of the columns and the response, by cell. Immutable.</summary>
/// <remarks>
/// A cell is a combination of levels (with one factor: a level). For cell j with weights w_i (1 where rows have none; a row that stands for N rows counts as N rows of its values): W_j = sum w_i, mean_j = sum w_i v_i / W_j,
/// C_j = sum w_i (v_i - mean_j)(v_i - mean_j)', where v_i holds the m columns and then the response. The column of ones is never stored: it is W_j.
/// Built by <see cref="CellMomentsBuilder"/>. Source: [Chan1983].
/// </remarks>
public sealed class CellMoments
{
    private readonly long[] rows;
    private readonly double[] weights;
    private readonly double[] means;
    private readonly double[] crossProducts;

    internal CellMoments(int columnCount, long[] rows, double[] weights, double[] means, double[] crossProducts, double logWeightSum, long weightedRowCount, double inverseWeightSum)
    {
        ColumnCount = columnCount;
        this.rows = rows;
        this.weights = weights;
        this.means = means;
        this.crossProducts = crossProducts;
        LogWeightSum = logWeightSum;
        WeightedRowCount = weightedRowCount;
        WeightedInverseSum = inverseWeightSum;
        foreach (var count in rows)
            RowCount += count;
        InverseWeightSum = RowCount - weightedRowCount + inverseWeightSum;
    }

    /// <summary>Number of columns m, the response not counted.</summary>
    public int ColumnCount { get; }

    /// <summary>Number of cells.</summary>
    public int CellCount => rows.Length;

    /// <summary>Number of rows over all cells.</summary>
    public long RowCount { get; }

    /// <summary>Sum over all rows of the natural log of their precision weight; 0 where rows have no weights.</summary>
    public double LogWeightSum { get; }

    /// <summary>Sum over all rows of 1 / precision weight: of the squares of known errors, and the number of rows where rows have no weights.</summary>
    public double InverseWeightSum { get; }

    /// <summary>Number of rows that were added with a precision weight.</summary>
    internal long WeightedRowCount { get; }

    // The part of rows with a weight.
    internal double WeightedInverseSum { get; }

    /// <summary>Number of rows of a cell.</summary>
    /// <param name="cell">Number of the cell, from 0.</param>
    /// <returns>The count, at least 1.</returns>
    public long Rows(int cell) => rows[cell];

    /// <summary>Sum of the weights of a cell's rows: their number where rows have no weights.</summary>
    /// <param name="cell">Number of the cell, from 0.</param>
    /// <returns>The sum, positive.</returns>
    public double Weight(int cell) => weights[cell];

    /// <summary>Weighted means of a cell.</summary>
    /// <param name="cell">Number of the cell, from 0.</param>
    /// <returns>The m columns, then the response. Length m + 1.</returns>
    public ReadOnlySpan<double> Means(int cell) => means.AsSpan(cell * (ColumnCount + 1), ColumnCount + 1);

    /// <summary>Centred weighted cross-products of a cell.</summary>
    /// <param name="cell">Number of the cell, from 0.</param>
    /// <returns>Lower triangle by rows, (a, b) with b &lt;= a at a (a + 1) / 2 + b; the response last. Length (m + 1)(m + 2) / 2.</returns>
    public ReadOnlySpan<double> CrossProducts(int cell)
    {
        var length = (ColumnCount + 1) * (ColumnCount + 2) / 2;
        return crossProducts.AsSpan(cell * length, length);
    }

    /// <summary>The moments of some of the columns, in another order, and the response.</summary>
    /// <param name="columns">For each new column its number here, or -1 for a column that is 0 in every row. Length: number of new columns.</param>
    /// <returns>New moments of the same cells. O(cells m^2).</returns>
    public CellMoments Select(ReadOnlySpan<int> columns)
    {
        var width = columns.Length + 1;
        var triangle = width * (width + 1) / 2;
        var newMeans = new double[CellCount * width];
        var newProducts = new double[CellCount * triangle];
        Span<int> from = [.. columns, ColumnCount];
        for (var cell = 0; cell < CellCount; cell++)
        {
            var mean = Means(cell);
            var products = CrossProducts(cell);
            var at = cell * triangle;
            for (var a = 0; a < width; a++)
            {
                newMeans[cell * width + a] = from[a] < 0 ? 0 : mean[from[a]];
                for (var b = 0; b <= a; b++, at++)
                {
                    var (high, low) = from[a] >= from[b] ? (from[a], from[b]) : (from[b], from[a]);
                    newProducts[at] = low < 0 ? 0 : products[high * (high + 1) / 2 + low];
                }
            }
        }

        return new CellMoments(columns.Length, rows, weights, newMeans, newProducts, LogWeightSum, WeightedRowCount, WeightedInverseSum);
    }

    /// <summary>The moments of shifted and scaled columns and response: (v - origin) / scale. Weights stay.</summary>
    /// <param name="origins">What is taken off each column, then off the response. Length m + 1.</param>
    /// <param name="scales">What each column, then the response, is divided by; positive. Length m + 1.</param>
    /// <returns>New moments of the same cells. O(cells m^2). Equal means stay equal, and a variance of 0 stays 0.</returns>
    /// <exception cref="ArgumentException">The lengths are not m + 1.</exception>
    public CellMoments Rescale(ReadOnlySpan<double> origins, ReadOnlySpan<double> scales)
    {
        var width = ColumnCount + 1;
        if (origins.Length != width || scales.Length != width)
            throw new ArgumentException("An origin and a scale are needed for each column and the response.", nameof(origins));
        var newMeans = new double[means.Length];
        var newProducts = new double[crossProducts.Length];
        var at = 0;
        for (var cell = 0; cell < CellCount; cell++)
        {
            for (var a = 0; a < width; a++)
            {
                newMeans[cell * width + a] = (means[cell * width + a] - origins[a]) / scales[a];

                // One after the other: the product of two scales may overflow where the quotient does not.
                for (var b = 0; b <= a; b++, at++)
                    newProducts[at] = crossProducts[at] / scales[a] / scales[b];
            }
        }

        return new CellMoments(ColumnCount, rows, weights, newMeans, newProducts, LogWeightSum, WeightedRowCount, WeightedInverseSum);
    }

    /// <summary>The moments with the precision weight of every row multiplied by a factor.</summary>
    /// <param name="factor">Positive and finite.</param>
    /// <returns>New moments of the same cells. O(cells m^2).</returns>
    public CellMoments Reweight(double factor) => new(
        ColumnCount, rows, [.. weights.Select(weight => weight * factor)], means, [.. crossProducts.Select(product => product * factor)], LogWeightSum + RowCount * Math.Log(factor), RowCount, InverseWeightSum / factor);

    /// <summary>The moments without one cell; later cells move up.</summary>
    /// <param name="cell">Number of the cell that is left out, from 0.</param>
    /// <param name="logWeightSum">What its rows have of <see cref="LogWeightSum"/>.</param>
    /// <param name="inverseWeightSum">What its rows have of <see cref="InverseWeightSum"/>.</param>
    /// <returns>New moments of the other cells. O(cells m^2).</returns>
    public CellMoments Without(int cell, double logWeightSum, double inverseWeightSum)
    {
        var triangle = (ColumnCount + 1) * (ColumnCount + 2) / 2;
        var weighted = WeightedRowCount > 0;
        return new CellMoments(
            ColumnCount,
            Cut(rows, 1),
            Cut(weights, 1),
            Cut(means, ColumnCount + 1),
            Cut(crossProducts, triangle),
            LogWeightSum - logWeightSum,
            weighted ? WeightedRowCount - rows[cell] : 0,
            weighted ? WeightedInverseSum - inverseWeightSum : 0);

        T[] Cut<T>(T[] values, int width) => [.. values.AsSpan(0, cell * width), .. values.AsSpan((cell + 1) * width)];
    }

    /// <summary>The moments without one row of a cell of several.</summary>
    /// <param name="cell">Number of the row's cell, from 0; it has other rows.</param>
    /// <param name="values">The row's columns, then its response. Length m + 1.</param>
    /// <param name="weight">The row's precision weight; null where rows have none.</param>
    /// <returns>New moments, those of the other rows but for rounding, which is that of the cell's sums. O(cells m^2).</returns>
    /// <exception cref="ArgumentException">The cell has no other row, or the values are not m + 1.</exception>
    public CellMoments Without(int cell, ReadOnlySpan<double> values, double? weight)
    {
        var width = ColumnCount + 1;
        if (values.Length != width || rows[cell] < 2)
            throw new ArgumentException("A value is needed for each column and the response, and a row that is not the only one of its cell.", nameof(values));
        var (w, before) = (weight ?? 1, weights[cell]);
        var after = before - w;
        double[] newMeans = [.. means];
        double[] newProducts = [.. crossProducts];
        var at = cell * width * (width + 1) / 2;
        for (var a = 0; a < width; a++)
        {
            var d = values[a] - means[cell * width + a];
            newMeans[cell * width + a] -= w / after * d;

            // A single row has no spread, not even of rounding.
            for (var b = 0; b <= a; b++, at++)
                newProducts[at] = rows[cell] == 2 ? 0 : newProducts[at] - w / after * before * d * (values[b] - means[cell * width + b]);
            newProducts[at - 1] = Math.Max(0, newProducts[at - 1]);
        }

        long[] newRows = [.. rows];
        double[] newWeights = [.. weights];
        newRows[cell]--;
        newWeights[cell] = after;
        return new CellMoments(
            ColumnCount,
            newRows,
            newWeights,
            newMeans,
            newProducts,
            LogWeightSum - Math.Log(w),
            WeightedRowCount - (weight is null ? 0 : 1),
            WeightedInverseSum - (weight is null ? 0 : 1 / w));
    }

    /// <summary>The moments of all cells together, as one cell.</summary>
    /// <returns>Moments with one cell.</returns>
    public CellMoments Total()
    {
        var total = new CellMomentsBuilder(ColumnCount);
        total.Merge(this, new int[CellCount]);
        return total.Build();
    }
}
