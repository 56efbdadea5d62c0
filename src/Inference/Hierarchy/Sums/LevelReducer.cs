using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>Rotates the sums of one level at a time into pseudo-rows. Mutable scratch.</summary>
/// <remarks>
/// <para>
/// With R the Cholesky factor of the level's centred cross-products and means taken against the global pivot, [Z X y] has the same cross-products as
/// the rows [sqrt(W) mean; R], one for each distinct column besides the first. Householder reflections make Z upper triangular in the first q of
/// them. No product of uncentred columns is formed, and nothing large is subtracted from anything large. Sources: [Chan1983], [GolubVanLoan2013].
/// </para>
/// <para>
/// The one rule of rank: a column is in the span of earlier ones where what they leave of its centred sum of squares is below
/// <see cref="SemidefiniteCholesky.RoundingOfSums"/>, 1e-13 of it; R then is zero there, and what a reflection finds is rounding, below 1e-13 of the
/// column's length. The column's pseudo-row is zeros, the rows that are left are all pooled.
/// </para>
/// </remarks>
internal sealed class LevelReducer
{
    // What a rotation leaves of a column in the span of Z is rounding, of about this fraction of the column's length.
    private const double NoiseFraction = 1e-14;

    // The square of 1e-13, rounding of a few reflections.
    private const double RotationRounding = 1e-26;

    private readonly MomentTable moments;
    private readonly int m;                  // distinct columns
    private readonly int q;
    private readonly int p;
    private readonly int width;              // q + p + 1 features: Z, X, y
    private readonly int[] features;         // of Z and X
    private readonly int[] twins;            // varying term with the same feature as a population effect, or -1
    private readonly double[] root;          // lower Cholesky factor of the centred cross-products, (m + 1) x (m + 1)
    private readonly double[] rows;          // by width numbers; y's own remainder is apart
    private readonly double[] norms;         // length of each column of X in the level
    private int rowCount;                    // m + 1, and a row of zeros for each column without a pivot

    public LevelReducer(MomentTable moments, int[] varying, int[] population)
    {
        this.moments = moments;
        m = moments.ColumnFeatures.Length;
        q = varying.Length;
        p = population.Length;
        width = q + p + 1;
        features = [.. varying, .. population];
        twins = [.. population.Select(feature => Array.IndexOf(varying, feature))];
        root = new double[(m + 1) * (m + 1)];
        rows = new double[(m + 1 + q) * width];
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
    public void Reduce(int level, PooledRowsBuilder pooled)
    {
        Factorise(level);
        FillRows(level);
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

    /// <summary>N_j of the last level, which turns Z_j'(.) into its pseudo-rows: Z_j' = R'Q' with R the pseudo-rows of Z, so that row c of Q' is
    /// (z_c - sum of earlier rows R_rc q_r) / R_cc, and zeros where R_cc is 0.</summary>
    /// <param name="rotation">Overwritten. q x q by rows.</param>
    public void CopyRotation(Span<double> rotation)
    {
        rotation.Clear();
        for (var c = 0; c < q; c++)
        {
            var diagonal = Varying[c * q + c];
            if (diagonal == 0)
                continue;
            var row = rotation.Slice(c * q, q);
            row[c] = 1 / diagonal;
            for (var r = 0; r < c; r++)
            {
                for (var a = 0; a <= r; a++)
                    row[a] -= Varying[r * q + c] / diagonal * rotation[r * q + a];
            }
        }
    }

    // Cholesky of the centred cross-products with columns in the span of earlier ones skipped. The response is last, its diagonal the root of the
    // residual sum of squares.
    private void Factorise(int level)
    {
        var size = m + 1;
        for (var a = 0; a < size; a++)
        {
            for (var b = 0; b <= a; b++)
                root[a * size + b] = moments.Centred(level, FeatureAt(a), FeatureAt(b));
        }

        SemidefiniteCholesky.Factorise(root, size, SemidefiniteCholesky.RoundingOfSums);
    }

    private int FeatureAt(int column) => column < m ? moments.ColumnFeatures[column] : moments.Width - 1;

    private void FillRows(int level)
    {
        var size = m + 1;
        rowCount = size;
        Array.Clear(rows);
        var rootWeight = Math.Sqrt(moments.Weight[level]);
        var means = moments.Mean.AsSpan(level * moments.Width, moments.Width);
        for (var c = 0; c < width; c++)
        {
            var feature = c < width - 1 ? features[c] : moments.Width - 1;
            rows[c] = rootWeight * means[feature];

            // Row 1 + r holds the part of a column along the r-th direction of the root.
            var column = c < width - 1 ? moments.ColumnOfFeature[feature] : m;
            for (var r = 0; r <= column && r < m; r++)
                rows[(1 + r) * width + c] = root[column * size + r];
        }
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

            // Rounding noise is no direction: a column in the span of earlier ones has a row of zeros, so that equal designs stay equal.
            if (norm * norm <= RotationRounding * whole || norm == 0)
            {
                for (var r = c; r < rowCount; r++)
                    rows[r * width + c] = 0;
                rows.AsSpan(c * width, (rowCount - c) * width).CopyTo(rows.AsSpan((c + 1) * width));
                rows.AsSpan(c * width, width).Clear();
                rowCount++;
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
