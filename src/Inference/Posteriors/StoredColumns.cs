using TypedPooling.Files;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Tables of draws, draw after draw, in a file: column after column.</summary>
internal static class StoredColumns
{
    /// <summary>One column of a table.</summary>
    /// <param name="table">Draw after draw, as many numbers each as the table is wide.</param>
    /// <param name="width">Columns.</param>
    /// <param name="column">Which one.</param>
    public static double[] Of(double[] table, int width, int column)
    {
        var values = new double[table.Length / width];
        for (var s = 0; s < values.Length; s++)
            values[s] = table[s * width + column];
        return values;
    }

    /// <summary>Writes a table.</summary>
    public static void Write(FileWriter writer, double[] table, int width)
    {
        for (var column = 0; column < width; column++)
            writer.Numbers(Of(table, width, column));
    }

    /// <summary>Reads a table.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="width">Columns.</param>
    /// <param name="count">Draws.</param>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static double[] Read(FileReader reader, int width, int count)
    {
        FileDamage.Unless((long)width * count <= Math.Min(reader.Left, Array.MaxLength), "draws are longer than the file");
        var table = new double[width * count];
        for (var column = 0; column < width; column++)
        {
            var values = reader.FiniteNumbers(count);
            for (var s = 0; s < count; s++)
                table[s * width + column] = values[s];
        }

        return table;
    }

    /// <summary>Some of the draws of a table.</summary>
    public static double[] Take(double[] table, int width, int[] draws)
    {
        var taken = new double[draws.Length * width];
        for (var s = 0; s < draws.Length; s++)
            table.AsSpan(draws[s] * width, width).CopyTo(taken.AsSpan(s * width));
        return taken;
    }
}
