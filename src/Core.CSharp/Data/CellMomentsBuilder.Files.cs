using TypedPooling.Files;

namespace TypedPooling.Data;

/// <content>The state of the sums: to go on from, and in a file.</content>
internal sealed partial class CellMomentsBuilder
{
    /// <summary>True where a cell has rows that are not merged yet.</summary>
    public bool HasOpenBlocks => openRows.AsSpan(0, cellCount).ContainsAnyExcept(0);

    /// <summary>A builder in the same state, which goes on by itself: rows added to it give the bits that they would have given here.</summary>
    /// <returns>The copy; this one is not changed.</returns>
    public CellMomentsBuilder Copy() => new(ColumnCount)
    {
        open = open.AsSpan(0, cellCount * stride).ToArray(),
        openRows = openRows.AsSpan(0, cellCount).ToArray(),
        rows = rows.AsSpan(0, cellCount).ToArray(),
        closedSlot = closedSlot.AsSpan(0, cellCount).ToArray(),
        closed = closed.AsSpan(0, closedCount * ClosedStride).ToArray(),
        closedCount = closedCount,
        cellCount = cellCount,
        logWeightSum = logWeightSum,
        inverseWeightSum = inverseWeightSum,
        weightedRowCount = weightedRowCount,
    };

    /// <summary>Writes the state: the blocks that are still open, and what the full ones were merged to.</summary>
    /// <param name="writer">The file.</param>
    public void Write(FileWriter writer)
    {
        writer.Count(cellCount);
        writer.Count(weightedRowCount);
        writer.Number(logWeightSum);
        writer.Number(inverseWeightSum);
        writer.Counts(rows.AsSpan(0, cellCount));
        writer.Counts(openRows.AsSpan(0, cellCount));
        WriteColumns(writer, open, stride, cellCount, cell => openRows[cell] > 0 ? cell : -1);
        writer.Flags([.. closedSlot.AsSpan(0, cellCount).ToArray().Select(slot => slot >= 0)]);
        WriteColumns(writer, closed, ClosedStride, cellCount, cell => closedSlot[cell]);
    }

    /// <summary>Reads a state.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="columnCount">Number of columns m.</param>
    /// <returns>A builder in that state.</returns>
    /// <exception cref="ModelException">FileDamaged: no builder has such a state.</exception>
    public static CellMomentsBuilder Read(FileReader reader, int columnCount)
    {
        var count = reader.Count();
        var builder = new CellMomentsBuilder(columnCount)
        {
            cellCount = reader.Room(count, 2),
            weightedRowCount = reader.Count(),
            logWeightSum = reader.Finite(),
            inverseWeightSum = reader.Finite(),
            rows = reader.PositiveCounts(count),
        };
        builder.openRows = reader.Counts(count, BlockLength - 1);
        var (width, stride) = (builder.width, builder.stride);
        int[] cells = [.. Enumerable.Range(0, builder.cellCount).Where(cell => builder.openRows[cell] > 0)];
        builder.open = ReadColumns(reader, stride, cells, builder.cellCount);
        CheckMoments(builder.open, stride, 1 + 2 * width, cells);

        builder.closedSlot = new int[builder.cellCount];
        var isClosed = reader.Flags(count);
        for (var cell = 0; cell < isClosed.Length; cell++)
            builder.closedSlot[cell] = isClosed[cell] ? builder.closedCount++ : -1;
        int[] slots = [.. Enumerable.Range(0, builder.closedCount)];
        builder.closed = ReadColumns(reader, builder.ClosedStride, slots, builder.closedCount);
        CheckMoments(builder.closed, builder.ClosedStride, 1 + width, slots);

        decimal sum = 0;
        for (var cell = 0; cell < builder.cellCount; cell++)
        {
            FileDamage.Unless(isClosed[cell] || builder.openRows[cell] > 0, "a cell has no sums");
            FileDamage.Unless(builder.rows[cell] >= builder.openRows[cell], "a cell has fewer rows than are in its open block");
            sum += builder.rows[cell];
        }

        FileDamage.Unless(sum <= long.MaxValue && builder.weightedRowCount <= sum, "the number of rows is out of range");
        return builder;
    }

    // A number of all cells after the other, so that those that are whole, such as indicators, take little room.
    private static void WriteColumns(FileWriter writer, double[] values, int stride, int cellCount, Func<int, int> placeOf)
    {
        int[] places = [.. Enumerable.Range(0, cellCount).Select(placeOf).Where(place => place >= 0)];
        var column = new double[places.Length];
        for (var c = 0; c < stride; c++)
        {
            for (var i = 0; i < places.Length; i++)
                column[i] = values[places[i] * stride + c];
            writer.Numbers(column);
        }
    }

    private static double[] ReadColumns(FileReader reader, int stride, int[] places, int count)
    {
        // A number takes a byte at least.
        FileDamage.Unless((long)places.Length * stride <= reader.Left && (long)count * stride <= Array.MaxLength, "sums are longer than the file");
        var values = new double[count * stride];
        for (var c = 0; c < stride; c++)
        {
            var column = reader.FiniteNumbers(places.Length);
            for (var i = 0; i < places.Length; i++)
                values[places[i] * stride + c] = column[i];
        }

        return values;
    }

    // Weights are positive, and no sum of squares is negative.
    private static void CheckMoments(double[] values, int stride, int products, int[] places)
    {
        foreach (var place in places)
        {
            var own = values.AsSpan(place * stride, stride);
            FileDamage.Unless(own[0] > 0, "a weight is not positive");
            for (var (at, step) = (products, 2); at < stride; at += step, step++)
                FileDamage.Unless(own[at] >= 0, "a sum of squares is negative");
        }
    }
}
