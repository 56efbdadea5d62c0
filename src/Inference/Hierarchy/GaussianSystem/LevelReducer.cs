using TypedPooling.Data;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>Rotates the sums of one level at a time into pseudo-rows; see <see cref="NormalSystem"/>. Mutable scratch.</summary>
internal sealed class LevelReducer
{
    // What a rotation leaves of a column in the span of Z is rounding, of about this fraction of the column's length.
    private const double NoiseFraction = 1e-14;

    private readonly int m;
    private readonly int q;
    private readonly int p;
    private readonly int width;              // q + p + 1 model columns: Z, X, y
    private readonly int rowCount;           // m + 1 rows that can hold a model column; y's own remainder is apart
    private readonly int[] sources;          // column of the data behind each model column of Z and X
    private readonly double[] origins;       // x* of these
    private readonly int[] twins;            // varying term with the same column as a population effect, or -1
    private readonly Pivot pivot;
    private readonly int[] fixedColumns;
    private readonly double[] fixedValues;
    private readonly double[] root;          // lower Cholesky factor of the centred cross-products, (m + 1) x (m + 1)
    private readonly double[] rows;          // rowCount x width
    private readonly double[] norms;         // length of each column of X in the level

    public LevelReducer(int columnCount, int[] varyingColumns, Pivot varyingPivot, PopulationSystem population)
    {
        m = columnCount;
        q = varyingColumns.Length;
        p = population.Count;
        width = q + p + 1;
        rowCount = m + 1;
        sources = [.. varyingColumns, .. population.Columns];
        origins = [.. varyingColumns.Select(varyingPivot.At), .. population.Origin];
        twins = [.. Enumerable.Range(q, p).Select(c => Array.FindIndex(sources, 0, q, s => s == sources[c])).Select(
            (t, c) => t >= 0 && origins[t] == origins[q + c] ? t : -1)];
        pivot = population.Pivot;
        fixedColumns = population.FixedColumns;
        fixedValues = population.FixedValues;
        root = new double[(m + 1) * (m + 1)];
        rows = new double[Math.Max(rowCount, q) * width];
        norms = new double[p];
        Response = new double[q];
        Varying = new double[q * q];
        PopulationRows = new double[q * p];
    }

    /// <summary>y_j of the last level. Length q.</summary>
    public double[] Response { get; }

    /// <summary>Z_j of the last level, q x q by rows, upper triangular.</summary>
    public double[] Varying { get; }

    /// <summary>X_j of the last level, q x p by rows.</summary>
    public double[] PopulationRows { get; }

    /// <summary>Reduces one level and adds its remaining rows to the pooled ones.</summary>
    public void Reduce(CellMoments cells, int cell, PooledRowsBuilder pooled)
    {
        Factorise(cells.CrossProducts(cell));
        FillRows(Math.Sqrt(cells.Weight(cell)), cells.Means(cell));
        for (var c = 0; c < p; c++)
            norms[c] = ColumnLength(q + c);
        Rotate();

        for (var r = 0; r < q; r++)
        {
            var row = rows.AsSpan(r * width, width);
            for (var c = 0; c < q; c++)
                Varying[r * q + c] = c < r ? 0 : row[c];

            // One column is rotated alike in X and in Z, but Z holds exact zeros below its diagonal.
            for (var c = 0; c < p; c++)
                PopulationRows[r * p + c] = twins[c] >= 0 ? Varying[r * q + twins[c]] : row[q + c];
            Response[r] = row[q + p];
        }

        for (var r = q; r < rowCount; r++)
        {
            var row = rows.AsSpan(r * width + q, p + 1);
            for (var c = 0; c < p; c++)
            {
                if (Math.Abs(row[c]) <= NoiseFraction * norms[c])
                    row[c] = 0;
            }

            pooled.Add(row);
        }

        pooled.AddSquare(root[m * (m + 1) + m]);
    }

    // Cholesky of the centred cross-products with columns in the span of earlier ones skipped. The response is last, its diagonal the root of the
    // residual sum of squares.
    private void Factorise(ReadOnlySpan<double> products)
    {
        var size = m + 1;
        for (var a = 0; a < size; a++)
            products.Slice(a * (a + 1) / 2, a + 1).CopyTo(root.AsSpan(a * size));
        SemidefiniteCholesky.Factorise(root, size, SemidefiniteCholesky.RoundingOfSums);
    }

    private void FillRows(double rootWeight, ReadOnlySpan<double> means)
    {
        var size = m + 1;
        Array.Clear(rows);
        for (var c = 0; c < sources.Length; c++)
        {
            var source = sources[c];
            if (source == ModelSpec.Ones)
            {
                rows[c] = rootWeight;
                continue;
            }

            rows[c] = rootWeight * (means[source] - origins[c]);
            for (var r = 0; r <= source; r++)
                rows[(1 + r) * width + c] = root[source * size + r];
        }

        // y - y* - sum of fixed effects. Row 1 + r holds the part of a column along the r-th direction of the root.
        var y = q + p;
        var mean = means[m] - pivot.Response;
        for (var r = 0; r < m; r++)
            rows[(1 + r) * width + y] = root[m * size + r];
        for (var t = 0; t < fixedColumns.Length; t++)
        {
            var source = fixedColumns[t];
            mean -= fixedValues[t] * (source == ModelSpec.Ones ? 1 : means[source]);
            for (var r = 0; source != ModelSpec.Ones && r <= source; r++)
                rows[(1 + r) * width + y] -= fixedValues[t] * root[source * size + r];
        }

        rows[y] = rootWeight * mean;
    }

    // Householder reflections that make the q columns of Z upper triangular with a diagonal of zero or more.
    private void Rotate()
    {
        for (var c = 0; c < q && c < rowCount; c++)
        {
            var below = 0.0;
            var whole = 0.0;
            for (var r = 0; r < rowCount; r++)
            {
                var square = rows[r * width + c] * rows[r * width + c];
                whole += square;
                if (r > c)
                    below += square;
            }

            var head = rows[c * width + c];
            var norm = Math.Sqrt(below + head * head);

            // Rounding noise is no direction: a column in the span of earlier ones is left as it is, so that equal designs stay equal.
            if (norm * norm <= 1e-26 * whole || norm == 0)
            {
                for (var r = c; r < rowCount; r++)
                    rows[r * width + c] = 0;
                continue;
            }

            if (below == 0)
            {
                if (head < 0)
                    Flip(c);
                continue;
            }

            // v = x + sign(x_0) |x| e_0; H = I - 2 v v' / v'v sends x to -sign(x_0) |x| e_0.
            var sign = head < 0 ? -1 : 1;
            rows[c * width + c] = head + sign * norm;
            var half = norm * (norm + Math.Abs(head));
            for (var t = c + 1; t < width; t++)
            {
                var dot = 0.0;
                for (var r = c; r < rowCount; r++)
                    dot += rows[r * width + c] * rows[r * width + t];
                dot /= half;
                for (var r = c; r < rowCount; r++)
                    rows[r * width + t] -= dot * rows[r * width + c];
            }

            rows[c * width + c] = -sign * norm;
            for (var r = c + 1; r < rowCount; r++)
                rows[r * width + c] = 0;
            if (rows[c * width + c] < 0)
                Flip(c);
        }
    }

    private double ColumnLength(int column)
    {
        var sum = 0.0;
        for (var r = 0; r < rowCount; r++)
            sum += rows[r * width + column] * rows[r * width + column];
        return Math.Sqrt(sum);
    }

    private void Flip(int r)
    {
        for (var t = 0; t < width; t++)
            rows[r * width + t] = -rows[r * width + t];
    }
}
