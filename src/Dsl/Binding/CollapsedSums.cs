using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Files;

namespace TypedPooling.Binding;

/// <summary>Rows as sums: all that a Normal likelihood needs. Immutable.</summary>
/// <param name="Signature">Of the reading plan that made them.</param>
/// <param name="Cells">Moments by cell: numeric columns, then an indicator column for each of <paramref name="Indicators"/>; weighted by 1 / sd^2
/// where the sd is known, or by the precision weight.</param>
/// <param name="Unweighted">One cell of unweighted moments where <paramref name="Cells"/> are weighted; null otherwise.</param>
/// <param name="Levels">The levels of each factor, all with rows, in order of first appearance.</param>
/// <param name="CellLevels">For each factor the level of each cell.</param>
/// <param name="Categories">The levels of each categorical predictor.</param>
/// <param name="Indicators">The category and level of each indicator column, in order of first appearance.</param>
/// <param name="LogResponseSum">Sum of the log of the response over all rows where that is what is modelled; 0 otherwise.</param>
/// <param name="DroppedRowCount">Rows dropped on request.</param>
internal sealed record CollapsedSums(
    string Signature,
    CellMoments Cells,
    CellMoments? Unweighted,
    LevelTable[] Levels,
    int[][] CellLevels,
    LevelTable[] Categories,
    IndicatorColumn[] Indicators,
    double LogResponseSum,
    long DroppedRowCount) : CollapsedRows(Signature, Levels, Categories, Indicators, DroppedRowCount)
{
    /// <summary>What the moments were made from, blocks of rows that are still open included: rows that are added go on from there. Never added to.
    /// Null where these sums were not made by reading rows.</summary>
    public CellMomentsBuilder? Open { get; init; }

    /// <summary>The same of the unweighted moments.</summary>
    public CellMomentsBuilder? OpenUnweighted { get; init; }

    public override long RowCount => Cells.RowCount;

    public override int CellCount => Cells.CellCount;

    public override CollapsedRows WithoutFactors(int[] columns, string signature)
    {
        int[] all = [.. columns, .. Enumerable.Range(Cells.ColumnCount - Indicators.Length, Indicators.Length)];
        return this with
        {
            Signature = signature,
            Cells = Cells.Total().Select(all),
            Unweighted = Unweighted?.Select(all),
            Levels = [],
            CellLevels = [],
            Open = null,
            OpenUnweighted = null,
        };
    }

    /// <summary>Reads sums.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="plan">How the model reads rows.</param>
    /// <param name="levels">The levels of each factor.</param>
    /// <param name="categories">Those of each categorical predictor.</param>
    /// <param name="dropped">Rows dropped on request.</param>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static CollapsedSums Read<TRow>(FileReader reader, ReadingPlan<TRow> plan, LevelTable[] levels, LevelTable[] categories, long dropped)
    {
        var logResponseSum = reader.Finite();
        var indicators = new IndicatorColumn[reader.Room(reader.Count(), 2)];
        for (var i = 0; i < indicators.Length; i++)
        {
            var category = reader.Count(categories.Length - 1);
            indicators[i] = new(category, reader.Count(categories[category].Count - 1));
        }

        FileDamage.Unless(indicators.Distinct().Count() == indicators.Length, "an indicator occurs twice");
        var open = CellMomentsBuilder.Read(reader, plan.NumericCount + indicators.Length);
        var isWeighted = plan.WeightKind is RowWeight.KnownSd or RowWeight.Precision;
        var unweighted = isWeighted ? CellMomentsBuilder.Read(reader, open.ColumnCount) : null;
        var cells = open.Build();
        FileDamage.Unless(cells.WeightedRowCount == (isWeighted ? cells.RowCount : 0), "the number of weighted rows is another");
        FileDamage.Unless(levels.Length > 0 || cells.CellCount <= 1, "there are no keys and several cells");
        var cellLevels = new int[levels.Length][];
        for (var k = 0; k < levels.Length; k++)
        {
            cellLevels[k] = reader.Counts(cells.CellCount, levels[k].Count - 1);
            DataFile.CheckOrder(levels[k].Count, cellLevels[k]);
        }

        var index = new CellIndexWorkspace(levels.Length);
        var combination = new int[levels.Length];
        for (var cell = 0; cell < cells.CellCount; cell++)
        {
            for (var k = 0; k < combination.Length; k++)
                combination[k] = cellLevels[k][cell];
            FileDamage.Unless(index.GetOrAdd(combination) == cell, "two cells have the same levels");
        }

        var total = unweighted?.Build();
        FileDamage.Unless(
            total is null || (total.CellCount == Math.Min(1, cells.CellCount) && total.RowCount == cells.RowCount), "two sums have other rows");
        return new(plan.Signature, cells, total, levels, cellLevels, categories, indicators, logResponseSum, dropped)
        {
            Open = open,
            OpenUnweighted = unweighted,
        };
    }

    public override bool IsClosed => Open is not { HasOpenBlocks: true } && OpenUnweighted is not { HasOpenBlocks: true };

    public override CollapsedRows Closed() => this with { Open = null, OpenUnweighted = null };

    public override void Write(FileWriter writer)
    {
        writer.Number(LogResponseSum);
        writer.Count(Indicators.Length);
        foreach (var (category, level) in Indicators)
        {
            writer.Count(category);
            writer.Count(level);
        }

        (Open ?? Merged(Cells)).Write(writer);
        if (Unweighted is not null)
            (OpenUnweighted ?? Merged(Unweighted)).Write(writer);
        foreach (var own in CellLevels)
            writer.Counts(own);
    }

    private static CellMomentsBuilder Merged(CellMoments moments)
    {
        var builder = new CellMomentsBuilder(moments.ColumnCount);
        builder.Merge(moments, [.. Enumerable.Range(0, moments.CellCount)]);
        return builder;
    }
}
