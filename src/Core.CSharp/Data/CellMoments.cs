using TypedPooling.Randomness;

namespace TypedPooling.Data;

/// <summary>Counts, means and centred cross-products of the columns and the response, by cell. Immutable.</summary>
/// <remarks>
/// A cell is a combination of levels (with one factor: a level). For cell j with weights w_i (1 where rows have none; a row that stands for N rows
/// counts as N rows of its values): W_j = sum w_i, mean_j = sum w_i v_i / W_j, C_j = sum w_i (v_i - mean_j)(v_i - mean_j)', where v_i holds the m
/// columns and then the response. The column of ones is never stored: it is W_j. Built by <see cref="CellMomentsBuilder"/>. Source: [Chan1983].
/// </remarks>
public sealed class CellMoments
{
    private readonly long[] rows;
    private readonly double[] weights;
    private readonly double[] means;
    private readonly double[] crossProducts;

    internal CellMoments(
        int columnCount,
        long[] rows,
        double[] weights,
        double[] means,
        double[] crossProducts,
        double logWeightSum,
        long weightedRowCount,
        double inverseWeightSum)
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

    /// <summary>Sum over all rows of 1 / precision weight: of the squares of known errors, and the number of rows where rows have no
    /// weights.</summary>
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
    internal CellMoments Select(ReadOnlySpan<int> columns)
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
    internal CellMoments Rescale(ReadOnlySpan<double> origins, ReadOnlySpan<double> scales)
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
    internal CellMoments Reweight(double factor) => new(
        ColumnCount, rows, [.. weights.Select(weight => weight * factor)], means, [
            .. crossProducts.Select(product => product * factor)], LogWeightSum + RowCount * Math.Log(factor), RowCount, InverseWeightSum / factor);

    /// <summary>The moments without one cell; later cells move up.</summary>
    /// <param name="cell">Number of the cell that is left out, from 0.</param>
    /// <param name="logWeightSum">What its rows have of <see cref="LogWeightSum"/>.</param>
    /// <param name="inverseWeightSum">What its rows have of <see cref="InverseWeightSum"/>.</param>
    /// <returns>New moments of the other cells. O(cells m^2).</returns>
    internal CellMoments Without(int cell, double logWeightSum, double inverseWeightSum)
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
    internal CellMoments Without(int cell, ReadOnlySpan<double> values, double? weight)
    {
        var width = ColumnCount + 1;
        if (values.Length != width || rows[cell] < 2)
            throw new ArgumentException(
                "Give a value for each column and the response, and a cell with at least two rows.", nameof(values));
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

    /// <summary>The moments of the same rows with simulated responses y_i = a_j + x_i'b_j + sigma e_i / sqrt(w_i), e_i standard normal, j the cell of
    /// row i.</summary>
    /// <param name="coefficients">For each cell a_j, then b_j by column. Length cells * (m + 1).</param>
    /// <param name="sigma">Residual sd of a row of weight 1.</param>
    /// <param name="stream">Source of random numbers: m + 3 or so a cell, in order.</param>
    /// <returns>New moments of the same cells, distributed exactly as those of simulated rows. O(cells m^3), however many rows there are.</returns>
    /// <remarks>
    /// With W, n, mean x and C = R'R of rank r the sums of a cell's columns: the errors' weighted mean is sigma / sqrt(W) times a normal number,
    /// their centred products with the columns are sigma R'z, z standard normal, and their centred sum of squares is sigma^2 (|z|^2 + chi^2) with n -
    /// 1 - r degrees of freedom, all independent.
    /// </remarks>
    internal CellMoments SimulateResponses(ReadOnlySpan<double> coefficients, double sigma, PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var m = ColumnCount;
        if (coefficients.Length != CellCount * (m + 1))
            throw new ArgumentException("An intercept and a slope for each column are needed for every cell.", nameof(coefficients));
        var triangle = (m + 1) * (m + 2) / 2;
        var newMeans = (double[])means.Clone();
        var newProducts = (double[])crossProducts.Clone();
        var root = new double[m * m];
        var z = new double[m];
        for (var cell = 0; cell < CellCount; cell++)
        {
            var b = coefficients.Slice(cell * (m + 1), m + 1);
            var products = newProducts.AsSpan(cell * triangle, triangle);
            var mean = b[0] + sigma / Math.Sqrt(weights[cell]) * stream.NextNormal();
            for (var a = 0; a < m; a++)
                mean += b[a + 1] * means[cell * (m + 1) + a];
            newMeans[cell * (m + 1) + m] = mean;

            var rank = Root(products, m, root);
            var squares = 0.0;
            for (var a = 0; a < m; a++)
            {
                // Rows of the root without a pivot are zero and take no number.
                z[a] = root[a * m + a] > 0 ? sigma * stream.NextNormal() : 0;
                squares += z[a] * z[a];
            }

            // The columns' own part of the response, C b, beside the errors' R'z.
            var last = products[(triangle - m - 1)..];
            var explained = 0.0;
            for (var a = 0; a < m; a++)
            {
                var own = 0.0;
                for (var c = 0; c < m; c++)
                    own += b[c + 1] * products[a >= c ? a * (a + 1) / 2 + c : c * (c + 1) / 2 + a];
                var error = 0.0;
                for (var c = 0; c <= a; c++)
                    error += root[a * m + c] * z[c];
                last[a] = own + error;
                explained += b[a + 1] * (own + 2 * error);
            }

            var freedom = rows[cell] - 1 - rank;
            last[m] = Math.Max(0, explained + squares + (freedom > 0 ? 2 * sigma * sigma * stream.NextGamma(0.5 * freedom) : 0));
        }

        return new CellMoments(m, rows, weights, newMeans, newProducts, LogWeightSum, WeightedRowCount, WeightedInverseSum);
    }

    /// <summary>The moments of the same rows with responses y_i - a_j - x_i'b_j, j the cell of row i.</summary>
    /// <param name="coefficients">For each cell a_j, then b_j by column. Length cells * (m + 1).</param>
    /// <returns>New moments of the same cells. O(cells m^2).</returns>
    /// <exception cref="ArgumentException">The length is another one.</exception>
    internal CellMoments Less(ReadOnlySpan<double> coefficients)
    {
        var m = ColumnCount;
        if (coefficients.Length != CellCount * (m + 1))
            throw new ArgumentException("An intercept and a slope for each column are needed for every cell.", nameof(coefficients));
        var triangle = (m + 1) * (m + 2) / 2;
        var newMeans = (double[])means.Clone();
        var newProducts = (double[])crossProducts.Clone();
        for (var cell = 0; cell < CellCount; cell++)
        {
            var b = coefficients.Slice(cell * (m + 1), m + 1);
            var products = crossProducts.AsSpan(cell * triangle, triangle);
            var last = newProducts.AsSpan((cell + 1) * triangle - m - 1, m + 1);
            newMeans[cell * (m + 1) + m] -= b[0];
            for (var a = 0; a < m; a++)
            {
                newMeans[cell * (m + 1) + m] -= b[a + 1] * means[cell * (m + 1) + a];
                var own = 0.0;
                for (var c = 0; c < m; c++)
                    own += b[c + 1] * products[a >= c ? a * (a + 1) / 2 + c : c * (c + 1) / 2 + a];
                last[m] += b[a + 1] * (own - 2 * last[a]);
                last[a] -= own;
            }

            last[m] = Math.Max(0, last[m]);
        }

        return new CellMoments(m, rows, weights, newMeans, newProducts, LogWeightSum, WeightedRowCount, WeightedInverseSum);
    }

    // L with L L' the products of the columns, m x m by rows; columns without a pivot are zero. Gives the rank.
    private static int Root(ReadOnlySpan<double> products, int m, double[] root)
    {
        Array.Clear(root);
        var rank = 0;
        for (var a = 0; a < m; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var sum = products[a * (a + 1) / 2 + b];
                for (var c = 0; c < b; c++)
                    sum -= root[a * m + c] * root[b * m + c];
                if (b < a)
                {
                    root[a * m + b] = root[b * m + b] > 0 ? sum / root[b * m + b] : 0;
                    continue;
                }

                // What is left of a column by rounding alone is no pivot.
                if (!(sum > Identification.RelativeTolerance * products[a * (a + 1) / 2 + a]))
                    continue;
                root[a * m + a] = Math.Sqrt(sum);
                rank++;
            }
        }

        return rank;
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
