using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>Columns of a set of terms without what the others explain: the intercept first, where there is one, then each term in its order less its
/// projections on those before. Immutable.</summary>
/// <remarks>
/// With Z the columns of the terms and C the centred ones Z = C T and C = Z T^-1, T triangular in that order with a diagonal of 1, so that Z u = C (T
/// u). A column far from 0, a calendar year say, keeps its digits, and a square beside it too. The projections are those of Gram and Schmidt, one
/// after another, weighted by rows. Source: [GolubVanLoan2013], section 5.2.
/// </remarks>
internal sealed class CentredColumns
{
    private CentredColumns(int count, double[] values)
    {
        Count = count;
        Values = values;
        Onto = new double[count * count];
        Back = new double[count * count];
        Spread = new double[count];
        for (var a = 0; a < count; a++)
            Onto[a * count + a] = Back[a * count + a] = 1;
    }

    /// <summary>Number of terms q.</summary>
    public int Count { get; }

    /// <summary>C, cells x q by rows.</summary>
    public double[] Values { get; }

    /// <summary>T, which takes coefficients of Z to coefficients of C. q x q by rows.</summary>
    public double[] Onto { get; }

    /// <summary>T^-1, which takes them back. q x q by rows.</summary>
    public double[] Back { get; }

    /// <summary>Root mean square of each column of C over rows; 1 where that is 0.</summary>
    public double[] Spread { get; }

    /// <summary>Whether C is Z.</summary>
    public bool IsPlain { get; private set; } = true;

    /// <summary>Centres the columns of terms.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="columns">The terms' columns, <see cref="ModelSpec.Ones"/> for the intercept.</param>
    public static CentredColumns Of(ResponseCells cells, int[] columns)
    {
        var (cellCount, m, q) = (cells.Count, cells.ColumnCount, columns.Length);
        var values = new double[cellCount * q];
        for (var i = 0; i < cellCount; i++)
        {
            for (var a = 0; a < q; a++)
                values[i * q + a] = CellSystem.Value(cells.Columns.Slice(i * m, m), columns[a]);
        }

        var centred = new CentredColumns(q, values);
        var order = Enumerable.Range(0, q).OrderBy(a => columns[a] == ModelSpec.Ones ? 0 : 1).ToArray();
        for (var at = 0; at < q; at++)
            centred.Centre(cells.Rows, order[at], order.AsSpan(0, at));

        // Coefficients back, the last column of the order first: u = T^-1 (T u).
        for (var at = q - 2; at >= 0; at--)
        {
            for (var later = at + 1; later < q; later++)
            {
                var share = centred.Onto[order[at] * q + order[later]];
                for (var a = 0; a < q; a++)
                    centred.Back[order[at] * q + a] -= share * centred.Back[order[later] * q + a];
            }
        }

        return centred;
    }

    // Column a less its projections on the columns before it, which are orthogonal; twice, so that rounding leaves nothing of them.
    private void Centre(ReadOnlySpan<long> rows, int a, ReadOnlySpan<int> before)
    {
        var q = Count;
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var b in before)
            {
                var (product, squares) = (0.0, 0.0);
                for (var i = 0; i < rows.Length; i++)
                {
                    product += rows[i] * Values[i * q + a] * Values[i * q + b];
                    squares += rows[i] * Values[i * q + b] * Values[i * q + b];
                }

                var share = squares > 0 ? product / squares : 0;
                if (share == 0)
                    continue;
                IsPlain = false;
                Onto[b * q + a] += share;
                for (var i = 0; i < rows.Length; i++)
                    Values[i * q + a] -= share * Values[i * q + b];
            }
        }

        var (sum, count) = (0.0, 0.0);
        for (var i = 0; i < rows.Length; i++)
            (sum, count) = (sum + rows[i] * Values[i * q + a] * Values[i * q + a], count + rows[i]);
        Spread[a] = sum > 0 ? Math.Sqrt(sum / count) : 1;
    }
}
