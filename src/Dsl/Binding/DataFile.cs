using TypedPooling.Data;
using TypedPooling.Files;

namespace TypedPooling.Binding;

/// <summary>Data in a file: the signature of the model that read them, then levels, and sums or cells. See <c>docs/files.md</c>.</summary>
internal static class DataFile
{
    private const string SignaturePart = "model";
    private const string DataPart = "data";
    private const string Remedy = "Load it with a model of the same response, columns and keys; priors and link may differ.";

    /// <summary>Writes data.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="plan">How the model reads rows.</param>
    /// <param name="content">The data.</param>
    /// <exception cref="ModelException">NotStorable: keys that no text reads back.</exception>
    public static void Write<TRow>(FileWriter writer, ReadingPlan<TRow> plan, CollapsedRows content)
    {
        string[] names = [.. plan.Reader.Keys.Select(key => key.Name)];
        writer.Section(SignaturePart, plan.FileSignature.Write);
        writer.Section(DataPart, part =>
        {
            part.Count(content.DroppedRowCount);
            foreach (var (table, name) in content.Levels.Concat(content.Categories).Zip(names))
                table.Write(part, name);
            content.Write(part);
            if (content.Origin != DataOrigin.Rows)
                part.Count((int)content.Origin);
        });
    }

    /// <summary>Reads data.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="plan">How the model reads rows.</param>
    /// <exception cref="ModelException">FileDamaged or FileOfAnotherModel.</exception>
    public static CollapsedRows Read<TRow>(FileReader reader, ReadingPlan<TRow> plan)
    {
        reader.Section(SignaturePart, part =>
        {
            plan.FileSignature.Check(part, Remedy);
            return true;
        });
        return reader.Section(DataPart, part =>
        {
            var dropped = part.Count();
            var tables = plan.Reader.NewIndexes();
            foreach (var (table, key) in tables.Zip(plan.Reader.Keys))
                table.Read(part, key.Name);
            var (levels, categories) = (tables[..plan.FactorCount], tables[plan.FactorCount..]);
            var content = plan.Family.IsNormal
                ? CollapsedSums.Read(part, plan, levels, categories, dropped)
                : (CollapsedRows)CollapsedCells.Read(part, plan, levels, categories, dropped);
            return part.Left == 0 ? content : content with { Origin = OriginOf(part) };
        });
    }

    // Written where it is not the usual one.
    private static DataOrigin OriginOf(FileReader reader)
    {
        var origin = (DataOrigin)reader.Count((int)DataOrigin.RowsAndQueries);
        FileDamage.Unless(origin != DataOrigin.Rows, "the origin of rows is written though they were read");
        return origin;
    }

    /// <summary>Checks that levels are numbered in the order in which cells first have them, as readers of rows number them, so that each has
    /// one.</summary>
    /// <param name="levelCount">Number of levels.</param>
    /// <param name="cellLevels">The level of each cell.</param>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static void CheckOrder(int levelCount, IEnumerable<int> cellLevels)
    {
        var seen = 0;
        foreach (var level in cellLevels)
        {
            FileDamage.Unless(level <= seen, "levels are not in the order of their cells");
            seen = Math.Max(seen, level + 1);
        }

        FileDamage.Unless(seen == levelCount, "a level has no cell");
    }
}
