using TypedPooling.Data;
using TypedPooling.Declarations;

namespace TypedPooling.Binding;

/// <summary>How rows are read for a fit: its model, and the levels of its factors and categorical predictors as its data had them. Immutable;
/// compiles what it needs when it is first needed.</summary>
internal sealed class RowLayout<TRow>
{
    private const int BatchSize = 1024;

    private readonly LevelTable[] levels;
    private readonly LevelTable[] categories;
    private readonly IndicatorColumn[] indicators;
    private readonly bool[][] known;                 // by category and level: whether a row that counts had it
    private readonly BoundColumns columns;
    private readonly Lazy<ReadingPlan<TRow>>[] plans;    // by purpose

    /// <param name="model">The model.</param>
    /// <param name="data">Its data.</param>
    public RowLayout(LoweredModel model, CollapsedRows data)
    {
        levels = data.Levels;
        categories = data.Categories;
        indicators = data.Indicators;
        Data = data.Closed();
        Model = model;
        columns = BoundColumns.Of(model, categories, indicators);
        known = [.. categories.Select(table => new bool[table.Count])];
        foreach (var (category, level) in indicators)
            known[category][level] = true;
        WeightKind = model.Declaration.Response.WeightKind;
        plans = [.. Enum.GetValues<RowPurpose>().Select(purpose => new Lazy<ReadingPlan<TRow>>(() => new(model, purpose)))];
    }

    /// <summary>The model, with the selectors behind its columns and keys.</summary>
    public LoweredModel Model { get; }

    /// <summary>The data of the fit, with all blocks closed.</summary>
    public CollapsedRows Data { get; }

    /// <summary>How rows were read for the fit.</summary>
    public ReadingPlan<TRow> Plan => plans[(int)RowPurpose.Likelihood].Value;

    /// <summary>What the weights of rows say.</summary>
    public RowWeight WeightKind { get; }

    /// <summary>Reads rows all at once.</summary>
    /// <param name="rows">The rows; enumerated once.</param>
    /// <param name="purpose">What they are read for.</param>
    /// <param name="rowsBefore">Number of rows that came before them: numbers in messages go on from there.</param>
    /// <param name="ignored">By factor whether the key does not matter, also where it is null; then its level number here means nothing. Null where
    /// all matter.</param>
    /// <exception cref="ModelException">Values are missing, not finite or out of range, keys are null, or levels of categorical predictors are not
    /// those of the data; every kind is listed with its first row.</exception>
    public RowDesign Read(IEnumerable<TRow> rows, RowPurpose purpose, long rowsBefore = 0, bool[]? ignored = null)
    {
        var faults = RowFaultsWorkspace.For(purpose);
        var design = Read(rows, purpose, rowsBefore, faults, ignored);
        faults.ThrowIfAny(rowsBefore + design.Seen);
        return design.Rows!;
    }

    /// <summary>Reads rows in batches, lazily; memory O(batch).</summary>
    /// <exception cref="ModelException">As <see cref="Read(IEnumerable{TRow}, RowPurpose, long, bool[])"/>; thrown when the batch is reached, for its
    /// rows. <see cref="Check"/> first what can be read twice.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled; looked at for every row.</exception>
    public IEnumerable<RowDesign> Batches(
        IEnumerable<TRow> rows, RowPurpose purpose, int batchSize = BatchSize, bool[]? ignored = null, CancellationToken cancellation = default)
    {
        var before = 0L;
        foreach (var batch in Until(cancellation, rows).Chunk(batchSize))
        {
            yield return Read(batch, purpose, before, ignored);
            before += batch.Length;
        }
    }

    /// <summary>Looks at all rows and keeps none.</summary>
    /// <returns>Number of rows that would be used.</returns>
    /// <exception cref="ModelException">As <see cref="Read(IEnumerable{TRow}, RowPurpose, long, bool[])"/>, for all rows together.</exception>
    public long Check(IEnumerable<TRow> rows, RowPurpose purpose, bool[]? ignored = null)
    {
        var faults = RowFaultsWorkspace.For(purpose);
        var (seen, used) = (0L, 0L);
        foreach (var batch in rows.Chunk(BatchSize))
        {
            var design = Read(batch, purpose, seen, faults, ignored);
            seen += design.Seen;
            used += design.Rows?.RowCount ?? 0;
        }

        faults.ThrowIfAny(seen);
        return used;
    }

    private static IEnumerable<TRow> Until(CancellationToken cancellation, IEnumerable<TRow> rows)
    {
        cancellation.ThrowIfCancellationRequested();
        foreach (var row in rows)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return row;
        }
    }

    // Rows are null once there are faults.
    private (long Seen, RowDesign? Rows) Read(IEnumerable<TRow> rows, RowPurpose purpose, long rowsBefore, RowFaultsWorkspace faults, bool[]? ignored)
    {
        var plan = plans[(int)purpose].Value;
        var scanned = new ScanWorkspace<TRow>(plan, faults, ignored).Scan(rows, rowsBefore);
        int[][] levelOf = [.. scanned.Tables.Select((table, key) => Numbers(table, key))];
        CheckCategories(plan, scanned, levelOf, faults);
        return (scanned.Seen, faults.HasAny ? null : RowDesign.Of(plan, scanned, columns, indicators, levelOf));
    }

    private int[] Numbers(LevelTable table, int key)
    {
        var category = key - levels.Length;
        var numbers = new int[table.Count];
        for (var level = 0; level < numbers.Length; level++)
        {
            numbers[level] = category < 0 ? levels[key].Find(table, level) : categories[category].Find(table, level);
            if (category >= 0 && numbers[level] >= 0 && !known[category][numbers[level]])
                numbers[level] = -1;
        }

        return numbers;
    }

    private void CheckCategories(ReadingPlan<TRow> plan, ScannedRows rows, int[][] levelOf, RowFaultsWorkspace faults)
    {
        for (var i = 0; i < rows.Numbers.Length; i++)
        {
            for (var key = levels.Length; key < levelOf.Length; key++)
            {
                var own = rows.Levels[i * levelOf.Length + key];
                if (own >= 0 && levelOf[key][own] < 0)
                    faults.UnseenCategory(plan.Reader.Keys[key].Name, rows.Tables[key].Text(own), rows.Numbers[i]);
            }
        }
    }
}
