using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TypedPooling.Data;

/// <summary>Accumulates <see cref="CellMoments"/> in one pass; rows are not kept. Not thread-safe.</summary>
/// <remarks>
/// Digits are kept in two steps. A cell takes rows in blocks of at most <see cref="BlockLength"/>: a block's first row is its pivot v0, and the block
/// holds sum w, sum w d and sum w d d' of d = v - v0, so a constant added to a column changes no difference. A full block is turned into mean and
/// centred cross-products and merged by Chan's formula C = C_a + C_b + (W_a W_b / W)(mean_b - mean_a)(mean_b - mean_a)'. The loss of digits of a
/// block is at most a factor of its length, because its pivot is one of its own rows. O(m^2) a row; allocates only when a new cell appears. Source:
/// [Chan1983].
/// </remarks>
internal sealed partial class CellMomentsBuilder
{
    /// <summary>Rows of a block before it is merged: bounds the cancellation inside a block.</summary>
    public const int BlockLength = 256;

    private int width;               // k = m + 1: columns, then response
    private int triangle;            // k (k + 1) / 2
    private int stride;              // of a cell in open: W, pivot (k), sum w d (k), sum w d d' (triangle)
    private double[] open = [];
    private int[] openRows = [];
    private long[] rows = [];
    private int[] closedSlot = [];   // index into closed; -1 until a block of the cell is full
    private double[] closed = [];    // a slot: W, mean (k), C (triangle)
    private int closedCount;
    private int cellCount;
    private double logWeightSum;
    private double inverseWeightSum;
    private long weightedRowCount;

    /// <summary>Creates an empty builder.</summary>
    /// <param name="columnCount">Number of columns m, the response not counted; zero or more.</param>
    public CellMomentsBuilder(int columnCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(columnCount);
        SetWidth(columnCount + 1);
    }

    /// <summary>Number of columns m, the response not counted.</summary>
    public int ColumnCount => width - 1;

    /// <summary>Number of cells seen.</summary>
    public int CellCount => cellCount;

    /// <summary>Number of rows taken by a cell.</summary>
    /// <param name="cell">Number of the cell, from 0.</param>
    /// <returns>The count.</returns>
    public long Rows(int cell) => rows[cell];

    private int ClosedStride => 1 + width + triangle;

    /// <summary>Adds a row of weight 1.</summary>
    /// <param name="cell">Number of the cell, from 0; a number at most one above those seen makes a new cell.</param>
    /// <param name="values">The m columns, then the response; all finite. Length m + 1 or more (the rest is ignored).</param>
    public void Add(int cell, ReadOnlySpan<double> values)
    {
        ref var block = ref OpenBlock(cell, values);
        var length = width;
        ref var pivot = ref Unsafe.Add(ref block, 1);
        ref var sums = ref Unsafe.Add(ref pivot, length);
        ref var products = ref Unsafe.Add(ref sums, length);
        block += 1;
        var at = 0;
        for (var a = 0; a < length; a++)
        {
            var d = values[a] - Unsafe.Add(ref pivot, a);
            Unsafe.Add(ref sums, a) += d;
            for (var b = 0; b < a; b++)
                Unsafe.Add(ref products, at++) += d * (values[b] - Unsafe.Add(ref pivot, b));
            Unsafe.Add(ref products, at++) += d * d;
        }

        Count(cell, 1);
    }

    /// <summary>Adds a row with a weight.</summary>
    /// <param name="cell">Number of the cell, from 0; a number at most one above those seen makes a new cell.</param>
    /// <param name="values">The m columns, then the response; all finite. Length m + 1 or more (the rest is ignored).</param>
    /// <param name="weight">Precision weight, positive and finite: 1 / sd^2 for a row of known standard error sd.</param>
    public void Add(int cell, ReadOnlySpan<double> values, double weight)
    {
        AddTimes(cell, values, weight);
        logWeightSum += Math.Log(weight);
        inverseWeightSum += 1 / weight;
        weightedRowCount++;
        Count(cell, 1);
    }

    /// <summary>Adds a row that stands for several rows of the same values: as many rows, each of weight 1.</summary>
    /// <param name="cell">Number of the cell, from 0; a number at most one above those seen makes a new cell.</param>
    /// <param name="values">The m columns, then the response; all finite. Length m + 1 or more (the rest is ignored).</param>
    /// <param name="count">How many rows, at least 1.</param>
    public void AddReplicates(int cell, ReadOnlySpan<double> values, long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        AddTimes(cell, values, count);
        Count(cell, count);
    }

    /// <summary>Adds a column behind the present ones, whose value was 0 in every row so far: the indicator of a category not met before.</summary>
    /// <remarks>Rebuilds the storage: O(cells m^2), rare.</remarks>
    public void AddColumn()
    {
        var built = cellCount == 0 ? null : Build();
        var oldWidth = width;
        cellCount = 0;
        closedCount = 0;
        var logWeights = logWeightSum;
        SetWidth(oldWidth + 1);
        if (built is null)
            return;

        // The new column sits just before the response.
        var wide = new double[width];
        var wideTriangle = new double[triangle];
        for (var cell = 0; cell < built.CellCount; cell++)
        {
            var means = built.Means(cell);
            means[..(oldWidth - 1)].CopyTo(wide);
            wide[oldWidth - 1] = 0;
            wide[oldWidth] = means[oldWidth - 1];
            var products = built.CrossProducts(cell);
            var columns = (oldWidth - 1) * oldWidth / 2;
            products[..columns].CopyTo(wideTriangle);
            wideTriangle.AsSpan(columns, oldWidth).Clear();
            var response = columns + oldWidth;
            products.Slice(columns, oldWidth - 1).CopyTo(wideTriangle.AsSpan(response));
            wideTriangle[response + oldWidth - 1] = 0;
            wideTriangle[response + oldWidth] = products[columns + oldWidth - 1];
            MergeCell(cell, built.Rows(cell), built.Weight(cell), wide, wideTriangle);
        }

        logWeightSum = logWeights;
    }

    /// <summary>Adds finished moments.</summary>
    /// <param name="other">Moments with the same columns.</param>
    /// <param name="cells">The cell here of each cell there; new cells are numbered on without gaps. Length: number of cells there.</param>
    /// <exception cref="ArgumentException">The columns differ in number, or the map has another length.</exception>
    public void Merge(CellMoments other, ReadOnlySpan<int> cells)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.ColumnCount != ColumnCount || cells.Length != other.CellCount)
            throw new ArgumentException(
                "The moments to merge do not have the same columns, or the map of cells is not as long as their cells.", nameof(other));
        // The first sums are taken as they are, to the sign of a zero: 0 + -0 is 0.
        var isFirst = cellCount == 0;
        for (var cell = 0; cell < other.CellCount; cell++)
            MergeCell(cells[cell], other.Rows(cell), other.Weight(cell), other.Means(cell), other.CrossProducts(cell));
        logWeightSum = isFirst ? other.LogWeightSum : logWeightSum + other.LogWeightSum;
        inverseWeightSum = isFirst ? other.WeightedInverseSum : inverseWeightSum + other.WeightedInverseSum;
        weightedRowCount += other.WeightedRowCount;
    }

    /// <summary>The moments so far; the builder can go on.</summary>
    /// <returns>Immutable moments. O(cells m^2).</returns>
    public CellMoments Build()
    {
        var weights = new double[cellCount];
        var means = new double[cellCount * width];
        var products = new double[cellCount * triangle];
        for (var cell = 0; cell < cellCount; cell++)
        {
            var mean = means.AsSpan(cell * width, width);
            var product = products.AsSpan(cell * triangle, triangle);
            if (closedSlot[cell] >= 0)
            {
                var slot = closed.AsSpan(closedSlot[cell] * ClosedStride, ClosedStride);
                weights[cell] = slot[0];
                slot.Slice(1, width).CopyTo(mean);
                slot.Slice(1 + width, triangle).CopyTo(product);
            }

            if (openRows[cell] > 0)
                weights[cell] = MergeBlock(OpenSpan(cell), weights[cell], mean, product);
        }

        return new CellMoments(
            ColumnCount, rows.AsSpan(0, cellCount).ToArray(), weights, means, products, logWeightSum, weightedRowCount, inverseWeightSum);
    }

    private void AddTimes(int cell, ReadOnlySpan<double> values, double weight)
    {
        ref var block = ref OpenBlock(cell, values);
        var length = width;
        ref var pivot = ref Unsafe.Add(ref block, 1);
        ref var sums = ref Unsafe.Add(ref pivot, length);
        ref var products = ref Unsafe.Add(ref sums, length);
        block += weight;
        var at = 0;
        for (var a = 0; a < length; a++)
        {
            var wd = weight * (values[a] - Unsafe.Add(ref pivot, a));
            Unsafe.Add(ref sums, a) += wd;
            for (var b = 0; b <= a; b++)
                Unsafe.Add(ref products, at++) += wd * (values[b] - Unsafe.Add(ref pivot, b));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref double OpenBlock(int cell, ReadOnlySpan<double> values)
    {
        if (values.Length < width)
            throw new ArgumentException("A row needs a value for each column and the response.", nameof(values));
        if ((uint)cell >= (uint)cellCount)
            NewCell(cell);
        ref var block = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(open), (nint)cell * stride);
        if (openRows[cell] == 0)
            values[..width].CopyTo(open.AsSpan(cell * stride + 1));
        return ref block;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Count(int cell, long count)
    {
        rows[cell] += count;
        if (++openRows[cell] == BlockLength)
            Close(cell);
    }

    private Span<double> OpenSpan(int cell) => open.AsSpan(cell * stride, stride);

    private void SetWidth(int value)
    {
        width = value;
        triangle = value * (value + 1) / 2;
        stride = 1 + 2 * value + triangle;
        open = [];
        closed = [];
        openRows = [];
        rows = [];
        closedSlot = [];
    }

    private void NewCell(int cell)
    {
        if (cell != cellCount)
            throw new ArgumentOutOfRangeException(nameof(cell), cell, "Cells are numbered without gaps.");
        if (cellCount == rows.Length)
        {
            var capacity = Math.Max(16, 2 * rows.Length);
            Array.Resize(ref rows, capacity);
            Array.Resize(ref openRows, capacity);
            Array.Resize(ref closedSlot, capacity);
            Array.Resize(ref open, checked(capacity * stride));
        }

        closedSlot[cell] = -1;
        cellCount++;
    }

    private Span<double> ClosedSlot(int cell)
    {
        if (closedSlot[cell] < 0)
        {
            if ((closedCount + 1) * ClosedStride > closed.Length)
                Array.Resize(ref closed, Math.Max(4, 2 * closedCount) * ClosedStride);
            closedSlot[cell] = closedCount++;
        }

        return closed.AsSpan(closedSlot[cell] * ClosedStride, ClosedStride);
    }

    private void Close(int cell)
    {
        var slot = ClosedSlot(cell);
        slot[0] = MergeBlock(OpenSpan(cell), slot[0], slot.Slice(1, width), slot.Slice(1 + width, triangle));
        OpenSpan(cell).Clear();
        openRows[cell] = 0;
    }

    private void MergeCell(int cell, long rowCount, double weight, ReadOnlySpan<double> mean, ReadOnlySpan<double> products)
    {
        if (cell >= cellCount)
            NewCell(cell);
        var slot = ClosedSlot(cell);
        slot[0] = Chan(slot[0], slot.Slice(1, width), slot.Slice(1 + width, triangle), weight, mean, products);
        rows[cell] += rowCount;
    }

    // A block's sums about its pivot become mean and centred products, and join those of weight wa. Returns the joint weight.
    private double MergeBlock(ReadOnlySpan<double> block, double wa, Span<double> mean, Span<double> products)
    {
        Span<double> blockMean = stackalloc double[width <= 64 ? width : 0];
        Span<double> blockProducts = stackalloc double[width <= 64 ? triangle : 0];
        if (width > 64)
        {
            blockMean = new double[width];
            blockProducts = new double[triangle];
        }

        var w = block[0];
        var sums = block.Slice(1 + width, width);
        var at = 1 + 2 * width;
        var to = 0;
        for (var a = 0; a < width; a++)
        {
            blockMean[a] = block[1 + a] + sums[a] / w;
            for (var b = 0; b <= a; b++, at++, to++)
                blockProducts[to] = block[at] - sums[a] * (sums[b] / w);

            // A column constant in the block has differences of exactly 0; for others rounding must not make a negative square.
            blockProducts[to - 1] = Math.Max(0, blockProducts[to - 1]);
        }

        return Chan(wa, mean, products, w, blockMean, blockProducts);
    }

    private static double Chan(
        double wa, Span<double> mean, Span<double> products, double wb, ReadOnlySpan<double> meanB, ReadOnlySpan<double> productsB)
    {
        if (wa == 0)
        {
            meanB.CopyTo(mean);
            productsB.CopyTo(products);
            return wb;
        }

        var w = wa + wb;
        var at = 0;
        for (var a = 0; a < mean.Length; a++)
        {
            var scaled = wa * (wb / w) * (meanB[a] - mean[a]);
            for (var b = 0; b <= a; b++, at++)
                products[at] += productsB[at] + scaled * (meanB[b] - mean[b]);
        }

        for (var a = 0; a < mean.Length; a++)
            mean[a] += (meanB[a] - mean[a]) * (wb / w);
        return w;
    }
}
