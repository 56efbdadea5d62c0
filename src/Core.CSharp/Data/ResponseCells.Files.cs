using TypedPooling.Files;
using TypedPooling.Responses;

namespace TypedPooling.Data;

/// <content>Cells in a file.</content>
public sealed partial class ResponseCells
{
    /// <summary>Writes the cells, column after column.</summary>
    internal void Write(FileWriter writer)
    {
        writer.Count(Count);
        writer.Counts(rows);
        WriteColumns(columns, ColumnCount);
        writer.Numbers(offsets);
        for (var k = 0; k < FactorCount; k++)
            writer.Counts(Enumerable.Range(0, Count).Select(cell => levels[cell * FactorCount + k]).ToArray());
        writer.Numbers(responses);
        writer.Numbers(sizes);
        writer.Number(sumOfConstants);
        writer.Number(compensation);
        writer.Number(SaturatedLogLikelihood);
        writer.Number(EventsGap);
        writer.Number(FailuresGap);
        writer.Count(open.Count);
        writer.Number(open.Log);
        writer.Number(open.LogCompensation);
        writer.Number(open.Mean);
        writer.Number(open.Squares);

        void WriteColumns(double[] values, int width)
        {
            var column = new double[Count];
            for (var c = 0; c < width; c++)
            {
                for (var cell = 0; cell < Count; cell++)
                    column[cell] = values[cell * width + c];
                writer.Numbers(column);
            }
        }
    }

    /// <summary>Reads cells.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="columnCount">Number of columns m.</param>
    /// <param name="levelCounts">Number of levels of each factor. Length K.</param>
    /// <param name="family">Distribution of the response.</param>
    /// <exception cref="ModelException">FileDamaged: no rows make such cells.</exception>
    internal static ResponseCells Read(FileReader reader, int columnCount, int[] levelCounts, CellsFamily family)
    {
        var count = reader.Room(reader.Count(), 1);
        var rows = reader.PositiveCounts(count);
        decimal sum = 0;
        foreach (var own in rows)
            sum += own;
        FileDamage.Unless(sum <= long.MaxValue, "the number of rows is out of range");
        FileDamage.Unless((long)count * columnCount <= Math.Min(reader.Left, Array.MaxLength), "cells are longer than the file");
        var columns = new double[count * columnCount];
        for (var c = 0; c < columnCount; c++)
        {
            var column = reader.FiniteNumbers(count);
            for (var cell = 0; cell < count; cell++)
                columns[cell * columnCount + c] = column[cell];
        }

        var offsets = reader.FiniteNumbers(count);
        FileDamage.Unless((long)count * levelCounts.Length <= Math.Min(reader.Left, Array.MaxLength), "cells are longer than the file");
        var levels = new int[count * levelCounts.Length];
        for (var k = 0; k < levelCounts.Length; k++)
        {
            var own = reader.Counts(count, levelCounts[k] - 1);
            for (var cell = 0; cell < count; cell++)
                levels[cell * levelCounts.Length + k] = own[cell];
        }

        var responses = reader.FiniteNumbers(count);
        var sizes = reader.FiniteNumbers(count);
        for (var cell = 0; cell < count; cell++)
        {
            FileDamage.Unless(sizes[cell] > 0, "the size of a cell is not positive");
            FileDamage.Unless(IsPossible(family, responses[cell], sizes[cell]), "a response is out of range");
        }

        return new(
            columnCount,
            levelCounts.Length,
            columns,
            offsets,
            levels,
            responses,
            sizes,
            rows,
            reader.Finite(),
            compensation: reader.Finite(),
            saturatedLogLikelihood: reader.Finite(),
            gaps: (reader.Finite(), reader.Finite()),
            sums: new ResponseSums(reader.Count(), reader.Finite(), reader.Finite(), reader.Finite(), reader.Finite()));
    }

    // Of sums over the rows of a cell, or of what they have in common.
    private static bool IsPossible(CellsFamily family, double response, double size) =>
        family.KeepsResponses || !(family.IsProportion || family.IsCount)
            ? family.FaultOf(response, size) == ResponseFault.None
            : response >= 0 && (!family.IsProportion || response <= size);
}
