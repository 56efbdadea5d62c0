using TypedPooling.Data;
using TypedPooling.Declarations;

namespace TypedPooling.Binding;

/// <summary>Collapses rows to sums in one pass. Used once, by one thread.</summary>
internal sealed class SumsWorkspace<TRow> : CollapsingWorkspace<TRow>
{
    private readonly int numericCount;
    private readonly bool isWeighted;                        // by known sd or precision weight, so that sums without weights are kept too
    private readonly bool hasCategories;
    private readonly bool isPlain;                           // a row is its columns and a response as they stand
    private CellMomentsBuilder moments;
    private CellMomentsBuilder? unweighted;
    private readonly CellIndexWorkspace cells;
    private readonly List<IndicatorColumn> indicators = [];
    private readonly List<int>[] indicatorOf;                // by category and level: number of the indicator column, -1 while the level has no row
    private readonly int[] raised;                           // by category: the indicator that is 1 in the last row, -1 before the first
    private double[] wide;                                   // with categories: numeric columns, indicators, response
    private double logResponseSum;

    public SumsWorkspace(ReadingPlan<TRow> plan)
        : base(plan)
    {
        numericCount = plan.NumericCount;
        isWeighted = plan.WeightKind is RowWeight.KnownSd or RowWeight.Precision;
        hasCategories = plan.CategoryCount > 0;
        isPlain = plan.WeightKind == RowWeight.None && plan.Count < 0 && plan.OffsetCount == 0 && !plan.TakesLog && !hasCategories;
        moments = new CellMomentsBuilder(numericCount);
        unweighted = isWeighted ? new CellMomentsBuilder(numericCount) : null;
        cells = new CellIndexWorkspace(plan.FactorCount);
        indicatorOf = [.. Enumerable.Range(0, plan.CategoryCount).Select(_ => new List<int>())];
        raised = new int[plan.CategoryCount];
        Array.Fill(raised, -1);
        wide = new double[numericCount + 1];
    }

    protected override CollapsedRows Collapse()
    {
        var cellLevels = cells.Levels();
        var tables = new LevelTable[Plan.FactorCount];
        for (var k = 0; k < tables.Length; k++)
            tables[k] = KeepLevelsWithRows(k, cellLevels[k]);
        return new CollapsedSums(
            Plan.Signature,
            moments.Build(),
            unweighted?.Build(),
            tables,
            cellLevels,
            Tables[Plan.FactorCount..],
            [.. indicators],
            logResponseSum,
            DroppedRowCount)
        {
            Open = moments,
            OpenUnweighted = unweighted,
        };
    }

    protected override void AddCollapsed(CollapsedRows other)
    {
        var sums = (CollapsedSums)other;
        var isFirst = moments.CellCount == 0;
        int[][] levelHere = [.. sums.Levels.Select((table, k) => NumbersHere(k, table))];
        var cellHere = new int[sums.Cells.CellCount];
        Span<int> combination = new int[Plan.FactorCount];
        for (var cell = 0; cell < cellHere.Length; cell++)
        {
            for (var k = 0; k < combination.Length; k++)
                combination[k] = levelHere[k][sums.CellLevels[k][cell]];
            cellHere[cell] = cells.GetOrAdd(combination);
        }

        var indicatorHere = new int[sums.Indicators.Length];
        for (var i = 0; i < indicatorHere.Length; i++)
        {
            var (category, level) = sums.Indicators[i];
            indicatorHere[i] = Indicator(category, Tables[Plan.FactorCount + category].GetOrAdd(sums.Categories[category], level));
        }

        // Rows that follow then give the bits that they would have given there.
        if (isFirst && sums.Open is not null)
        {
            (moments, unweighted) = (sums.Open.Copy(), sums.OpenUnweighted?.Copy());
            logResponseSum = sums.LogResponseSum;
            return;
        }

        // A column that the other sums do not have was 0 in all their rows.
        var columns = new int[numericCount + indicators.Count];
        for (var c = 0; c < columns.Length; c++)
            columns[c] = c < numericCount ? c : -1;
        for (var i = 0; i < indicatorHere.Length; i++)
            columns[numericCount + indicatorHere[i]] = numericCount + i;
        moments.Merge(sums.Cells.Select(columns), cellHere);
        if (sums.Unweighted is not null)
            unweighted!.Merge(sums.Unweighted.Select(columns), new int[sums.Unweighted.CellCount]);
        logResponseSum += sums.LogResponseSum;
    }

    protected override void AddRow()
    {
        if (isPlain)
            moments.Add(cells.GetOrAdd(Levels), Values);
        else
            AddTransformed();
    }

    private void AddTransformed()
    {
        Transform();
        var rowValues = Values;
        if (hasCategories)
        {
            SetIndicators();
            rowValues = wide;
        }

        var cell = cells.GetOrAdd(Levels.AsSpan(0, Plan.FactorCount));
        switch (Plan.WeightKind)
        {
            case RowWeight.None when Plan.Count < 0:
                moments.Add(cell, rowValues);
                break;
            case RowWeight.None:
                moments.AddReplicates(cell, rowValues, Replicates);
                break;
            default:
                moments.Add(cell, rowValues, Plan.WeightKind == RowWeight.KnownSd ? 1 / (Weight * Weight) : Weight);
                unweighted!.Add(0, rowValues);
                break;
        }
    }

    // From the response as read to what is summed: its log where that is modelled, less the offsets.
    private void Transform()
    {
        var y = Response;
        if (Plan.TakesLog)
        {
            y = Math.Log(y);
            logResponseSum += Replicates * y;
        }

        foreach (var offset in Offsets)
            y -= offset;
        Values[numericCount] = y;
    }

    // Renumbers the levels of the cells in place.
    private LevelTable KeepLevelsWithRows(int factor, int[] cellLevels)
    {
        var kept = new List<int>();
        var numbers = new int[Tables[factor].Count];
        foreach (var level in cellLevels)
        {
            if (numbers[level] == 0)
            {
                kept.Add(level);
                numbers[level] = kept.Count;
            }
        }

        var table = Kept(factor, kept);
        for (var cell = 0; cell < cellLevels.Length; cell++)
            cellLevels[cell] = numbers[cellLevels[cell]] - 1;
        return table;
    }

    private void SetIndicators()
    {
        for (var c = 0; c < raised.Length; c++)
        {
            if (raised[c] >= 0)
                wide[numericCount + raised[c]] = 0;
            raised[c] = Indicator(c, Levels[Plan.FactorCount + c]);
        }

        Values.AsSpan(0, numericCount).CopyTo(wide);
        foreach (var indicator in raised)
            wide[numericCount + indicator] = 1;
        wide[numericCount + indicators.Count] = Values[numericCount];
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
