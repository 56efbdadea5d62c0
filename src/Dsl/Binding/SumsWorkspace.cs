using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Model;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling.Binding;

/// <summary>Accumulates <see cref="NormalSums{TRow}"/> in one pass. Used once, by one thread.</summary>
internal sealed class SumsWorkspace<TRow>
{
    private readonly ReadingPlan<TRow> plan;
    private readonly RowReader<TRow> reader;
    private readonly int numericCount;
    private readonly int offsetCount;
    private readonly RowWeight weightKind;
    private readonly bool isWeighted;                        // by known sd or precision weight, so that sums without weights are kept too
    private readonly bool takesLog;
    private readonly bool hasCategories;
    private readonly bool isPlain;                           // a row is its columns and a response as they stand
    private readonly CellMomentsBuilder moments;
    private readonly CellMomentsBuilder? unweighted;
    private readonly CellIndexWorkspace cells;
    private readonly RowFaultsWorkspace faults = new();
    private readonly LevelTable[] indexes;
    private readonly double[] values;                        // as read: numeric columns, response, row weight, offsets
    private readonly int[] levels;
    private readonly List<IndicatorColumn> indicators = [];
    private readonly List<int>[] indicatorOf;                // by category and level: number of the indicator column, -1 while the level has no row
    private readonly int[] raised;                           // by category: the indicator that is 1 in the last row, -1 before the first
    private double[] wide;                                   // with categories: numeric columns, indicators, response
    private long rowNumber;
    private long dropped;
    private double logResponseSum;

    public SumsWorkspace(ReadingPlan<TRow> plan)
    {
        this.plan = plan;
        reader = plan.Reader;
        numericCount = plan.NumericCount;
        offsetCount = plan.OffsetCount;
        weightKind = plan.WeightKind;
        isWeighted = weightKind is RowWeight.KnownSd or RowWeight.Precision;
        takesLog = plan.TakesLog;
        hasCategories = plan.CategoryCount > 0;
        isPlain = weightKind == RowWeight.None && offsetCount == 0 && !takesLog && !hasCategories;
        moments = new CellMomentsBuilder(numericCount);
        unweighted = isWeighted ? new CellMomentsBuilder(numericCount) : null;
        cells = new CellIndexWorkspace(plan.FactorCount);
        indexes = plan.Reader.NewIndexes();
        values = new double[plan.Reader.Columns.Count];
        levels = new int[plan.Reader.Keys.Count];
        indicatorOf = [.. Enumerable.Range(0, plan.CategoryCount).Select(_ => new List<int>())];
        raised = new int[plan.CategoryCount];
        Array.Fill(raised, -1);
        wide = new double[numericCount + 1];
    }

    private double Weight => values[numericCount + 1];

    /// <summary>Adds rows; throws at the end, once all faults are counted.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="progress">Told of the number of rows read, as often as <see cref="RowReports"/> says; null where nobody listens.</param>
    /// <param name="cancellation">Looked at before the first row is asked for, and for every row.</param>
    public void Add(IEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        rowNumber = 0;
        cancellation.ThrowIfCancellationRequested();
        var between = RowReports.Between(rows);
        if (rows is TRow[] array)
            Add(new ReadOnlySpan<TRow>(array), between, progress, cancellation);
        else if (rows is List<TRow> list)
            Add(CollectionsMarshal.AsSpan(list), between, progress, cancellation);
        else
        {
            foreach (var row in rows)
            {
                cancellation.ThrowIfCancellationRequested();
                Add(row);
                if (rowNumber % between == 0)
                    progress?.Report(rowNumber);
            }
        }

        if (rowNumber % between != 0)
            progress?.Report(rowNumber);
        faults.ThrowIfAny(rowNumber);
    }

    /// <summary>Adds finished sums of the same reading plan.</summary>
    public void Add(NormalSumsData other)
    {
        var levelHere = new int[plan.FactorCount][];
        for (var k = 0; k < levelHere.Length; k++)
        {
            levelHere[k] = new int[other.Levels[k].Count];
            for (var level = 0; level < levelHere[k].Length; level++)
                levelHere[k][level] = indexes[k].GetOrAdd(other.Levels[k], level);
        }

        var cellHere = new int[other.Cells.CellCount];
        Span<int> combination = new int[plan.FactorCount];
        for (var cell = 0; cell < cellHere.Length; cell++)
        {
            for (var k = 0; k < combination.Length; k++)
                combination[k] = levelHere[k][other.CellLevels[k][cell]];
            cellHere[cell] = cells.GetOrAdd(combination);
        }

        var indicatorHere = new int[other.Indicators.Length];
        for (var i = 0; i < indicatorHere.Length; i++)
        {
            var (category, level) = other.Indicators[i];
            indicatorHere[i] = Indicator(category, indexes[plan.FactorCount + category].GetOrAdd(other.Categories[category], level));
        }

        // A column that the other sums do not have was 0 in all their rows.
        var columns = new int[numericCount + indicators.Count];
        for (var c = 0; c < columns.Length; c++)
            columns[c] = c < numericCount ? c : -1;
        for (var i = 0; i < indicatorHere.Length; i++)
            columns[numericCount + indicatorHere[i]] = numericCount + i;
        moments.Merge(other.Cells.Select(columns), cellHere);
        if (other.Unweighted is not null)
            unweighted!.Merge(other.Unweighted.Select(columns), new int[other.Unweighted.CellCount]);
        dropped += other.DroppedRowCount;
        logResponseSum += other.LogResponseSum;
    }

    /// <summary>The sums; the workspace must not be used again.</summary>
    public NormalSums<TRow> Build()
    {
        var cellLevels = cells.Levels();
        var tables = new LevelTable[plan.FactorCount];
        for (var k = 0; k < tables.Length; k++)
            tables[k] = KeepLevelsWithRows(indexes[k], cellLevels[k]);
        var data = new NormalSumsData(
            plan.Signature, moments.Build(), unweighted?.Build(), tables, cellLevels, [.. indexes.Skip(plan.FactorCount)], [.. indicators], logResponseSum, dropped);
        return new NormalSums<TRow>(plan, data);
    }

    // A level whose rows were all dropped is no level, and numbers follow the first row that counts. Renumbers the levels of the cells in place.
    private static LevelTable KeepLevelsWithRows(LevelTable table, int[] cellLevels)
    {
        var kept = new List<int>();
        var numbers = new int[table.Count];
        foreach (var level in cellLevels)
        {
            if (numbers[level] == 0)
            {
                kept.Add(level);
                numbers[level] = kept.Count;
            }
        }

        var isUnchanged = kept.Count == table.Count;
        for (var level = 0; isUnchanged && level < kept.Count; level++)
            isUnchanged = kept[level] == level;
        if (isUnchanged)
            return table;
        for (var cell = 0; cell < cellLevels.Length; cell++)
            cellLevels[cell] = numbers[cellLevels[cell]] - 1;
        return table.Select(CollectionsMarshal.AsSpan(kept));
    }

    private void Add(ReadOnlySpan<TRow> rows, int between, IProgress<long>? progress, CancellationToken cancellation)
    {
        while (rows.Length > 0)
        {
            var count = Math.Min(rows.Length, between);
            foreach (var row in rows[..count])
            {
                cancellation.ThrowIfCancellationRequested();
                Add(row);
            }

            rows = rows[count..];
            if (count == between)
                progress?.Report(rowNumber);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(TRow row)
    {
        rowNumber++;
        if (row is null)
        {
            AddNullRow();
            return;
        }

        reader.ReadNumbered(row, rowNumber, values, levels, indexes);

        // v - v is 0 for finite v and NaN for all others; the sign bit of an or is that of any.
        var probe = 0.0;
        foreach (var value in values)
            probe += value - value;
        var signs = 0;
        foreach (var level in levels)
            signs |= level;
        if (probe != 0 || signs < 0 || !isPlain)
        {
            AddUncommon();
            return;
        }

        moments.Add(cells.GetOrAdd(levels), values);
    }

    private void AddNullRow()
    {
        if (plan.DropsMissing)
            dropped++;
        else
            faults.MissingRow(rowNumber);
    }

    private void AddUncommon()
    {
        if (IsFaulty())
            return;
        Transform();
        var rowValues = values;
        if (hasCategories)
        {
            SetIndicators();
            rowValues = wide;
        }

        var cell = cells.GetOrAdd(levels.AsSpan(0, plan.FactorCount));
        switch (weightKind)
        {
            case RowWeight.None:
                moments.Add(cell, rowValues);
                break;
            case RowWeight.Count:
                moments.AddReplicates(cell, rowValues, (long)Weight);
                break;
            default:
                moments.Add(cell, rowValues, weightKind == RowWeight.KnownSd ? 1 / (Weight * Weight) : Weight);
                unweighted!.Add(0, rowValues);
                break;
        }
    }

    // From the response as read to what is summed: its log where that is modelled, less the offsets.
    private void Transform()
    {
        var y = values[numericCount];
        if (takesLog)
        {
            y = Math.Log(y);
            logResponseSum += weightKind == RowWeight.Count ? Weight * y : y;
        }

        foreach (var offset in values.AsSpan(values.Length - offsetCount))
            y -= offset;
        values[numericCount] = y;
    }

    private bool IsFaulty()
    {
        var isMissing = levels.AsSpan().ContainsAnyInRange(int.MinValue, -1);
        var isFaulty = isMissing;
        foreach (var value in values)
        {
            var fault = ValueFaults.Of(value);
            isMissing |= fault == ValueFault.Missing;
            isFaulty |= fault != ValueFault.None;
        }

        if (isMissing && plan.DropsMissing)
        {
            dropped++;
            return true;
        }

        if (weightKind != RowWeight.None && double.IsFinite(Weight) && !RowWeights.IsUsable(weightKind, Weight))
        {
            faults.BadWeight(weightKind, plan.Reader.Columns[numericCount + 1].Name, rowNumber, Weight);
            isFaulty = true;
        }

        if (takesLog && double.IsFinite(values[numericCount]) && values[numericCount] <= 0)
        {
            faults.ResponseNotPositive(Family.LogNormal.Name, plan.Reader.Columns[numericCount].Name, rowNumber, values[numericCount]);
            isFaulty = true;
        }

        if (isFaulty)
            faults.Count(plan.Reader.Columns, values, plan.Reader.Keys, levels, rowNumber);
        return isFaulty;
    }

    private void SetIndicators()
    {
        for (var c = 0; c < raised.Length; c++)
        {
            if (raised[c] >= 0)
                wide[numericCount + raised[c]] = 0;
            raised[c] = Indicator(c, levels[plan.FactorCount + c]);
        }

        values.AsSpan(0, numericCount).CopyTo(wide);
        foreach (var indicator in raised)
            wide[numericCount + indicator] = 1;
        wide[numericCount + indicators.Count] = values[numericCount];
    }

    private int Indicator(int category, int level)
    {
        var numbers = indicatorOf[category];
        while (numbers.Count <= level)
            numbers.Add(-1);
        if (numbers[level] < 0)
        {
            numbers[level] = indicators.Count;
            indicators.Add(new(category, level));
            moments.AddColumn();
            unweighted?.AddColumn();
            Array.Resize(ref wide, numericCount + indicators.Count + 1);
            wide[^2] = 0;
        }

        return numbers[level];
    }
}
