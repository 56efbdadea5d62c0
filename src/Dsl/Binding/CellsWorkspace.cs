using System.Runtime.InteropServices;
using MathNet.Numerics;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Model;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling.Binding;

/// <summary>Collapses rows to cells in one pass. Used once, by one thread.</summary>
/// <remarks>Levels of categorical predictors are kept as numbers: which indicators they become is known when the pass ends.</remarks>
internal sealed class CellsWorkspace<TRow>
{
    private readonly ReadingPlan<TRow> plan;
    private readonly Family family;
    private readonly RowReader<TRow> reader;
    private readonly ResponseCellsBuilder cells;
    private readonly RowFaultsWorkspace faults = new();
    private readonly LevelTable[] indexes;
    private readonly double[] values;               // as read: numeric columns, response, trials or exposure if there are any, offsets
    private readonly int[] levels;                  // factors, then categories
    private long rowNumber;
    private long dropped;

    public CellsWorkspace(ReadingPlan<TRow> plan)
    {
        this.plan = plan;
        family = plan.Family;
        reader = plan.Reader;
        cells = new ResponseCellsBuilder(plan.NumericCount, plan.FactorCount + plan.CategoryCount, family);
        indexes = plan.Reader.NewIndexes();
        values = new double[plan.Reader.Columns.Count];
        levels = new int[plan.Reader.Keys.Count];
    }

    private double Response => values[plan.NumericCount];

    private double Size => plan.WeightKind == RowWeight.None ? 1 : values[plan.NumericCount + 1];

    /// <summary>Adds rows; throws at the end, once all faults are counted.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="progress">Told of the number of rows read, as often as <see cref="RowReports"/> says; null where nobody listens.</param>
    /// <param name="cancellation">Looked at before the first row is asked for, and for every row.</param>
    public void Add(IEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        rowNumber = 0;
        cancellation.ThrowIfCancellationRequested();
        var between = RowReports.Between(rows);
        foreach (var row in rows)
        {
            cancellation.ThrowIfCancellationRequested();
            rowNumber++;
            Add(row);
            if (rowNumber % between == 0)
                progress?.Report(rowNumber);
        }

        if (rowNumber % between != 0)
            progress?.Report(rowNumber);
        faults.ThrowIfAny(rowNumber);
    }

    /// <summary>Adds finished cells of the same reading plan.</summary>
    public void Add(CellsData other)
    {
        LevelTable[] tables = [.. other.Levels, .. other.Categories];
        cells.Add(other.Cells, [.. tables.Select((table, k) => Enumerable.Range(0, table.Count).Select(level => indexes[k].GetOrAdd(table, level)).ToArray())]);
        dropped += other.DroppedRowCount;
    }

    /// <summary>The cells; the workspace must not be used again.</summary>
    public CellData<TRow> Build()
    {
        // A level whose rows were all dropped is no level, and numbers follow the first row that counts.
        var built = cells.Build();
        var numbers = new int[indexes.Length][];
        var kept = new List<int>[indexes.Length];
        for (var k = 0; k < indexes.Length; k++)
        {
            numbers[k] = new int[indexes[k].Count];
            Array.Fill(numbers[k], -1);
            kept[k] = [];
            for (var cell = 0; cell < built.Count; cell++)
            {
                var level = built.Levels[cell * indexes.Length + k];
                if (numbers[k][level] >= 0)
                    continue;
                numbers[k][level] = kept[k].Count;
                kept[k].Add(level);
            }
        }

        LevelTable[] tables = [.. indexes.Select((table, k) => IsUnchanged(table, kept[k]) ? table : table.Select(CollectionsMarshal.AsSpan(kept[k])))];
        if (!tables.AsSpan().SequenceEqual(indexes))
        {
            var renumbered = new ResponseCellsBuilder(plan.NumericCount, indexes.Length, family);
            renumbered.Add(built, numbers);
            built = renumbered.Build();
        }

        return new(plan, new CellsData(plan.Signature, built, tables[..plan.FactorCount], tables[plan.FactorCount..], dropped));
    }

    private static bool IsUnchanged(LevelTable table, List<int> kept)
    {
        for (var level = 0; level < kept.Count; level++)
        {
            if (kept[level] != level)
                return false;
        }

        return kept.Count == table.Count;
    }

    private static double LogFactorial(double n) => n <= 170 ? SpecialFunctions.FactorialLn((int)n) : SpecialFunctions.GammaLn(n + 1);

    // log n! - n log n + n; beyond 170 by Stirling's series, whose next term is below 1e-18.
    private static double StirlingRest(double n) => n switch
    {
        0 => 0,
        <= 170 => LogFactorial(n) - n * Math.Log(n) + n,
        _ => 0.5 * Math.Log(2 * Math.PI * n) + (1 / 12.0 - (1 / 360.0 - 1 / (1260 * n * n)) / (n * n)) / n,
    };

    private void Add(TRow row)
    {
        if (row is null)
        {
            if (plan.DropsMissing)
                dropped++;
            else
                faults.MissingRow(rowNumber);
            return;
        }

        reader.ReadNumbered(row, rowNumber, values, levels, indexes);
        if (IsFaulty())
            return;
        var offset = 0.0;
        foreach (var value in values.AsSpan(values.Length - plan.OffsetCount))
            offset += value;
        if (!double.IsFinite(offset))
        {
            faults.NotFinite(plan.Reader.Columns[^1].Name, rowNumber, offset);
            return;
        }

        // Where a shape says how counts vary, those of different exposures are no sum: the exposure is an offset.
        if (family == Family.NegativeBinomial)
            cells.Add(values, offset + Math.Log(Size), levels, Response, 1, LogConstant(), 0);
        else
            cells.Add(values, offset, levels, Response, Size, LogConstant(), family.HasShape ? 0 : Saturated());
    }

    // The row's log likelihood where it expects just what it is: p = y / n, or a mean of y. y log y - y, of the order of 1e10 for 1e9 events, cancels on paper.
    private double Saturated() => family.Name switch
    {
        "Binomial" => StirlingRest(Size) - StirlingRest(Response) - StirlingRest(Size - Response),
        "Poisson" => -StirlingRest(Response),
        _ => 0,
    };

    // What the row's log likelihood holds beside that of its cell.
    private double LogConstant() => family.Name switch
    {
        "Binomial" => LogFactorial(Size) - LogFactorial(Response) - LogFactorial(Size - Response),
        "Poisson" => (Response > 0 ? Response * Math.Log(Size) : 0) - LogFactorial(Response),
        "NegativeBinomial" => -LogFactorial(Response),
        "Gamma" => -Math.Log(Response),
        _ => 0,
    };

    private bool IsFaulty()
    {
        var isMissing = levels.AsSpan().ContainsAnyInRange(int.MinValue, -1);
        var isFaulty = isMissing;
        foreach (var value in values)
        {
            if (double.IsFinite(value))
                continue;
            isFaulty = true;
            isMissing |= ValueFaults.Of(value) == ValueFault.Missing;
        }

        if (isMissing && plan.DropsMissing)
        {
            dropped++;
            return true;
        }

        isFaulty |= IsBadSize() | IsBadResponse();
        if (isFaulty)
            faults.Count(plan.Reader.Columns, values, plan.Reader.Keys, levels, rowNumber);
        return isFaulty;
    }

    private bool IsBadSize()
    {
        if (plan.WeightKind == RowWeight.None || !double.IsFinite(Size) || RowWeights.IsUsable(plan.WeightKind, Size))
            return false;
        faults.BadWeight(plan.WeightKind, plan.Reader.Columns[plan.NumericCount + 1].Name, rowNumber, Size);
        return true;
    }

    private bool IsBadResponse()
    {
        if (!double.IsFinite(Response))
            return false;
        var name = plan.Reader.Columns[plan.NumericCount].Name;
        if (family.Name == Family.Bernoulli.Name)
        {
            if (Response is 0 or 1)
                return false;
            faults.NotBinary(name, rowNumber, Response);
            return true;
        }

        if (family == Family.StudentT)
            return false;
        if (family == Family.Gamma)
        {
            if (Response > 0)
                return false;
            faults.ResponseNotPositive(family.Name, name, rowNumber, Response);
            return true;
        }

        // A count above 2^53 is not a whole number that a double tells from its neighbours.
        if (!(Response >= 0 && Response <= 1L << 53 && Response == Math.Floor(Response)))
        {
            faults.ResponseNotACount(family.Name, name, rowNumber, Response);
            return true;
        }

        if (plan.WeightKind != RowWeight.Trials || !double.IsFinite(Size) || Response <= Size || !RowWeights.IsUsable(RowWeight.Trials, Size))
            return false;
        faults.MoreSuccessesThanTrials(name, plan.Reader.Columns[plan.NumericCount + 1].Name, rowNumber, Response, Size);
        return true;
    }
}
