using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling.Binding;

/// <summary>A pass over rows: reads and numbers them, counts what is wrong, and hands on those without fault. Used by one thread.</summary>
internal abstract class RowsWorkspace<TRow>
{
    private readonly RowReader<TRow> reader;
    private readonly bool hasRules;                          // of the weight or the response, beside being finite
    private readonly bool[]? ignored;
    private long rowNumber;
    private long equalRows = 1;                              // that a row stands for, beside its own count

    /// <param name="plan">What is read.</param>
    /// <param name="faults">Counts what is wrong.</param>
    /// <param name="ignored">By key whether it does not matter, also where it is null; null where all matter.</param>
    protected RowsWorkspace(ReadingPlan<TRow> plan, RowFaultsWorkspace faults, bool[]? ignored = null)
    {
        Plan = plan;
        Faults = faults;
        reader = plan.Reader;
        hasRules = plan.Weight >= 0 || plan.Count >= 0 || (plan.Response >= 0 && !plan.Family.TakesAnyNumber);
        this.ignored = ignored;
        Tables = reader.NewIndexes();
        Values = new double[reader.Columns.Count];
        Levels = new int[reader.Keys.Count];
    }

    protected ReadingPlan<TRow> Plan { get; }

    protected RowFaultsWorkspace Faults { get; }

    /// <summary>The levels met so far: of the factors, then of the categorical predictors.</summary>
    protected LevelTable[] Tables { get; }

    /// <summary>The values of the row, in the order of the plan.</summary>
    protected double[] Values { get; }

    /// <summary>The numbers of its keys in <see cref="Tables"/>.</summary>
    protected int[] Levels { get; }

    /// <summary>The number of the row, from 1.</summary>
    protected long RowNumber => rowNumber;

    protected double Response => Values[Plan.Response];

    /// <summary>The row's weight, trials, exposure or known error.</summary>
    protected double Weight => Values[Plan.Weight];

    /// <summary>Number of equal rows that the row stands for.</summary>
    protected long Replicates => Plan.Count < 0 ? equalRows : equalRows * (long)Values[Plan.Count];

    protected ReadOnlySpan<double> Offsets => Values.AsSpan(Values.Length - Plan.OffsetCount);

    protected long DroppedRowCount { get; set; }

    /// <summary>Reads rows; throws at the end, once all faults are counted.</summary>
    /// <param name="rows">The rows; an array or a list is read without an enumerator.</param>
    /// <param name="progress">Told of the number of rows read, as often as <see cref="RowReports"/> says; null where nobody listens.</param>
    /// <param name="cancellation">Looked at before the first row is asked for, and for every row.</param>
    public void Add(IEnumerable<TRow> rows, IProgress<long>? progress, CancellationToken cancellation)
    {
        Read(rows, 0, progress, cancellation);
        ThrowIfFaulty();
    }

    /// <summary>Reads rows that arrive one by one; throws at the end, once all faults are counted. The bits of the same rows at once.</summary>
    /// <param name="rows">The rows; the thread waits for none of them.</param>
    /// <param name="progress">Told of the number of rows read, every <see cref="RowReports.RowsOfUnknownNumber"/>; null where nobody
    /// listens.</param>
    /// <param name="cancellation">Handed to the source; looked at before the first row is asked for, and for every row.</param>
    public async Task AddAsync(IAsyncEnumerable<TRow> rows, IProgress<long>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await foreach (var row in rows.WithCancellation(cancellation).ConfigureAwait(false))
        {
            cancellation.ThrowIfCancellationRequested();
            Read(row);
            if (rowNumber % RowReports.RowsOfUnknownNumber == 0)
                progress?.Report(rowNumber);
        }

        if (rowNumber % RowReports.RowsOfUnknownNumber != 0)
            progress?.Report(rowNumber);
        Faults.ThrowIfAny(rowNumber);
    }

    /// <summary>Takes equal rows that were read elsewhere; what is wrong with them is counted.</summary>
    /// <param name="values">Their values, in the order of the plan.</param>
    /// <param name="keys">Their keys; null where one is missing.</param>
    /// <param name="rows">How many they are.</param>
    public void AddEqual(ReadOnlySpan<double> values, ReadOnlySpan<object?> keys, long rows)
    {
        values.CopyTo(Values);
        for (var key = 0; key < keys.Length; key++)
            Levels[key] = reader.Keys[key].NumberOf(Tables[key], keys[key]);
        rowNumber += rows;
        equalRows = rows;
        (Faults.Rows, Faults.HasNumbers) = (rows, false);
        Take();
    }

    /// <summary>Throws where a row had a fault.</summary>
    /// <exception cref="ModelException">A problem for every column and kind.</exception>
    protected void ThrowIfFaulty() => Faults.ThrowIfAny(rowNumber);

    /// <summary>Reads rows and leaves it to the caller to look at the faults.</summary>
    /// <returns>The number of the last row.</returns>
    protected long Read(IEnumerable<TRow> rows, long rowsBefore, IProgress<long>? progress, CancellationToken cancellation)
    {
        rowNumber = rowsBefore;
        cancellation.ThrowIfCancellationRequested();
        var between = RowReports.Between(rows);
        if (rows is TRow[] array)
            Read(new ReadOnlySpan<TRow>(array), between, progress, cancellation);
        else if (rows is List<TRow> list)
            Read(CollectionsMarshal.AsSpan(list), between, progress, cancellation);
        else
        {
            foreach (var row in rows)
            {
                cancellation.ThrowIfCancellationRequested();
                Read(row);
                if (rowNumber % between == 0)
                    progress?.Report(rowNumber);
            }
        }

        if (rowNumber % between != 0)
            progress?.Report(rowNumber);
        return rowNumber;
    }

    /// <summary>Takes a row without fault: <see cref="Values"/>, <see cref="Levels"/>.</summary>
    protected abstract void AddRow();

    /// <summary>A row with a fault, which is counted, has been read.</summary>
    protected virtual void AddFaultyRow()
    {
    }

    private void Read(ReadOnlySpan<TRow> rows, int between, IProgress<long>? progress, CancellationToken cancellation)
    {
        while (rows.Length > 0)
        {
            var count = Math.Min(rows.Length, between);
            foreach (var row in rows[..count])
            {
                cancellation.ThrowIfCancellationRequested();
                Read(row);
            }

            rows = rows[count..];
            if (count == between)
                progress?.Report(rowNumber);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Read(TRow row)
    {
        rowNumber++;
        if (row is null)
        {
            AddNullRow();
            return;
        }

        reader.ReadNumbered(row, rowNumber, Values, Levels, Tables);
        Take();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Take()
    {
        // v - v is 0 for finite v and NaN for all others; the sign bit of an or is that of any.
        var probe = 0.0;
        foreach (var value in Values)
            probe += value - value;
        var signs = 0;
        foreach (var level in Levels)
            signs |= level;
        if (hasRules || probe != 0 || signs < 0)
            AddUnsure();
        else
            AddRow();
    }

    private void AddNullRow()
    {
        if (Plan.DropsMissing)
            DroppedRowCount++;
        else
            Faults.MissingRow(rowNumber);
    }

    private void AddUnsure()
    {
        for (var key = 0; ignored is not null && key < ignored.Length; key++)
        {
            if (ignored[key])
                Levels[key] = 0;
        }

        var isMissing = Levels.AsSpan().ContainsAnyInRange(int.MinValue, -1);
        var isFaulty = isMissing;
        foreach (var value in Values)
        {
            if (double.IsFinite(value))
                continue;
            isFaulty = true;
            isMissing |= ValueFaults.Of(value) == ValueFault.Missing;
        }

        if (isMissing && Plan.DropsMissing)
        {
            DroppedRowCount += equalRows;
            return;
        }

        var breaksRule = IsFaultyWeight();
        breaksRule |= IsFaultyCount();
        breaksRule |= Plan.Response >= 0 && double.IsFinite(Response) && IsFaultyResponse();
        if (isFaulty)
            Faults.Count(reader.Columns, Values, reader.Keys, Levels, rowNumber);
        if (isFaulty || breaksRule)
            AddFaultyRow();
        else
            AddRow();
    }

    private bool IsFaultyWeight()
    {
        if (Plan.Weight < 0 || !double.IsFinite(Weight) || RowWeights.IsUsable(Plan.WeightKind, Weight))
            return false;
        Faults.BadWeight(Plan.WeightKind, reader.Columns[Plan.Weight].Name, rowNumber, Weight);
        return true;
    }

    private bool IsFaultyCount()
    {
        if (Plan.Count < 0 || Values[Plan.Count] is var count && (!double.IsFinite(count) || RowWeights.IsCount(count)))
            return false;
        Faults.BadCount(RowWeights.CountName, reader.Columns[Plan.Count].Name, rowNumber, count);
        return true;
    }

    private bool IsFaultyResponse()
    {
        var size = Plan.Weight < 0 ? 1 : RowWeights.IsUsable(Plan.WeightKind, Weight) ? Weight : double.NaN;
        var fault = Plan.Family.FaultOf(Response, size);
        if (fault == ResponseFault.None)
            return false;
        var columns = reader.Columns;
        Faults.BadResponse(
            fault, Plan.Family.Name, columns[Plan.Response].Name, Plan.Weight < 0 ? null : columns[Plan.Weight].Name, rowNumber, Response, size);
        return true;
    }
}
