using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>Sets of coordinates of a <see cref="PanelLayout"/> whose pairs all have a number there: sums of products of rows over a set, and products
/// of rows with a set's block of a matrix. Immutable; shared by threads.</summary>
/// <remarks>
/// A set is what one level of the eliminated factor meets, d coordinates. Eliminating the level adds products of its q rows to the matrix M of the
/// rest; its part of the inverse is its rows times its block of M^-1. Equal sets share one table of places. A set in the dense panel needs none, and
/// beyond <see cref="MostPlaces"/> numbers in all tables places are found anew each time, so that memory has a bound.
/// </remarks>
internal sealed class PanelPairs
{
    // Numbers in all tables at most: 200 MB.
    private const long MostPlaces = 50_000_000;

    private readonly PanelLayout layout;
    private readonly int[] starts;
    private readonly int[] coordinates;
    private readonly int[]?[] tables;             // by distinct set: (a, b), a >= b, by rows of the triangle
    private readonly int[] tableOf;               // by set

    /// <summary>Finds the places.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="starts">First of each set among <paramref name="coordinates"/>, and their number. Length: sets + 1.</param>
    /// <param name="coordinates">The sets one after the other, each ascending.</param>
    /// <param name="mostPlaces">Numbers in all tables at most.</param>
    public PanelPairs(PanelLayout layout, int[] starts, int[] coordinates, long mostPlaces = MostPlaces)
    {
        (this.layout, this.starts, this.coordinates) = (layout, starts, coordinates);
        tableOf = new int[starts.Length - 1];
        var found = new List<int[]?>();
        var known = new Dictionary<int, List<int>>();
        var total = 0L;
        for (var set = 0; set < tableOf.Length; set++)
        {
            var own = Of(set);
            Widest = Math.Max(Widest, own.Length);
            if (IsDense(own))
            {
                tableOf[set] = -1;
                continue;
            }

            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes(own));
            ref var candidates = ref CollectionsMarshal.GetValueRefOrAddDefault(known, hash.ToHashCode(), out _);
            candidates ??= [];
            var equal = candidates.FindIndex(other => Of(other).SequenceEqual(Of(set)));
            if (equal >= 0)
            {
                tableOf[set] = tableOf[candidates[equal]];
                continue;
            }

            candidates.Add(set);
            tableOf[set] = found.Count;
            total += own.Length * (own.Length + 1L) / 2;
            found.Add(total > mostPlaces ? null : TableOf(own));
        }

        tables = [.. found];
    }

    /// <summary>Coordinates of the largest set.</summary>
    public int Widest { get; }

    /// <summary>The coordinates of a set, ascending.</summary>
    public ReadOnlySpan<int> Of(int set) => coordinates.AsSpan(starts[set]..starts[set + 1]);

    /// <summary>Adds weight sum_t r_t r_t' to the rows of a matrix between two coordinates.</summary>
    /// <param name="set">The set.</param>
    /// <param name="rows">r_t, q x d by rows.</param>
    /// <param name="q">Number of rows.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="values">The matrix, as the layout says; the lower triangle is added to.</param>
    /// <param name="first">First coordinate of the matrix' rows; other than 0 where the layout is one dense panel alone.</param>
    /// <param name="end">The first after them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddProducts(
        int set, ReadOnlySpan<double> rows, int q, double weight, Span<double> values, int first = 0, int end = int.MaxValue)
    {
        var own = Of(set);
        var d = own.Length;
        if (IsDense(own))
        {
            AddDense(own, rows, q, weight, values, first, end);
            return;
        }

        var table = tables[tableOf[set]];
        for (var t = 0; t < q; t++)
        {
            var row = rows.Slice(t * d, d);
            for (var (a, at) = (0, 0); a < row.Length; a++)
            {
                var value = weight * row[a];
                if (table is not null)
                {
                    for (var b = 0; b <= a; b++)
                        values[table[at++]] += value * row[b];
                    continue;
                }

                for (var b = 0; b <= a; b++)
                    values[layout.PlaceOf(own[a], own[b])] += value * row[b];
            }
        }
    }

    /// <summary>Rows times a set's block C of a symmetric matrix.</summary>
    /// <param name="set">The set.</param>
    /// <param name="rows">q x d by rows.</param>
    /// <param name="q">Number of rows.</param>
    /// <param name="matrix">The matrix, as the layout says.</param>
    /// <param name="scratch">Spent. Length: d^2 or more.</param>
    /// <param name="result">Overwritten. q x d by rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Multiply(int set, ReadOnlySpan<double> rows, int q, ReadOnlySpan<double> matrix, Span<double> scratch, Span<double> result)
    {
        var own = Of(set);
        var d = own.Length;
        var isDense = IsDense(own);
        var table = isDense ? null : tables[tableOf[set]];
        if (q == 1 && (isDense || table is not null))
        {
            MultiplyOne(own, rows, table, matrix, result);
            return;
        }

        for (var (a, at) = (0, 0); a < d; a++)
        {
            var row = isDense ? DenseRow(matrix, own[a]) : [];
            for (var b = 0; b <= a; b++)
            {
                scratch[a * d + b] = scratch[b * d + a] =
                    isDense ? row[own[b] - layout.DenseStart] : matrix[table is null ? layout.PlaceOf(own[a], own[b]) : table[at++]];
            }
        }

        for (var t = 0; t < q; t++)
        {
            for (var a = 0; a < d; a++)
                result[t * d + a] = DenseRows.Dot(scratch.Slice(a * d, d), rows.Slice(t * d, d));
        }
    }

    // One row: every element of C is met once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyOne(ReadOnlySpan<int> own, ReadOnlySpan<double> x, int[]? table, ReadOnlySpan<double> matrix, Span<double> result)
    {
        result.Clear();
        for (var (a, at) = (0, 0); a < own.Length; a++)
        {
            var (sum, mine) = (0.0, x[a]);
            if (table is not null)
            {
                for (var b = 0; b < a; b++)
                {
                    var value = matrix[table[at++]];
                    sum += value * x[b];
                    result[b] += value * mine;
                }

                result[a] = sum + matrix[table[at++]] * mine;
                continue;
            }

            var row = DenseRow(matrix, own[a]);
            ref var start = ref MemoryMarshal.GetReference(row);
            for (var b = 0; b < a; b++)
            {
                var value = Unsafe.Add(ref start, own[b] - layout.DenseStart);
                sum += value * x[b];
                result[b] += value * mine;
            }

            result[a] = sum + row[^1] * mine;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddDense(ReadOnlySpan<int> own, ReadOnlySpan<double> rows, int q, double weight, Span<double> values, int first, int end)
    {
        var d = own.Length;
        var isWhole = d > 0 && own[^1] - own[0] == d - 1;
        var begin = first == 0 ? 0 : own.BinarySearch(first);
        for (var a = begin < 0 ? ~begin : begin; a < d && own[a] < end; a++)
        {
            var coordinate = own[a] - layout.DenseStart;
            var into = values.Slice(layout.DenseValueStart + coordinate * layout.DenseOrder, coordinate + 1);
            for (var t = 0; t < q; t++)
            {
                var row = rows.Slice(t * d, a + 1);
                var value = weight * row[a];
                if (isWhole)
                {
                    DenseRows.AddScaled(row, value, into[(own[0] - layout.DenseStart)..]);
                    continue;
                }

                ref var start = ref MemoryMarshal.GetReference(into);
                for (var b = 0; b < row.Length; b++)
                    Unsafe.Add(ref start, own[b] - layout.DenseStart) += value * row[b];
            }
        }
    }

    private bool IsDense(ReadOnlySpan<int> set) => set.IsEmpty || set[0] >= layout.DenseStart;

    // A row of the dense panel up to its diagonal.
    private ReadOnlySpan<double> DenseRow(ReadOnlySpan<double> values, int coordinate) =>
        values.Slice(layout.DenseValueStart + (coordinate - layout.DenseStart) * layout.DenseOrder, coordinate - layout.DenseStart + 1);

    private int[] TableOf(ReadOnlySpan<int> set)
    {
        var table = new int[set.Length * (set.Length + 1) / 2];
        for (var (a, at) = (0, 0); a < set.Length; a++)
        {
            for (var b = 0; b <= a; b++)
                table[at++] = layout.PlaceOf(set[a], set[b]);
        }

        return table;
    }
}
