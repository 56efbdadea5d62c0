using MathNet.Numerics;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Responses;

namespace TypedPooling.Binding;

/// <summary>Collapses rows to cells in one pass. Used once, by one thread.</summary>
/// <remarks>Levels of categorical predictors are kept as numbers: which indicators they become is known when the pass ends.</remarks>
internal sealed class CellsWorkspace<TRow> : CollapsingWorkspace<TRow>
{
    private readonly ReadingPlan<TRow> plan;
    private readonly Family family;
    private readonly ResponseCellsBuilder cells;

    public CellsWorkspace(ReadingPlan<TRow> plan)
        : base(plan, checksResponse: plan.Family != Family.StudentT)
    {
        this.plan = plan;
        family = plan.Family;
        cells = new ResponseCellsBuilder(plan.NumericCount, plan.FactorCount + plan.CategoryCount, family);
    }

    private double Size => plan.WeightKind == RowWeight.None ? 1 : Weight;

    public override CollapsedRows Build()
    {
        // A level whose rows were all dropped is no level, and numbers follow the first row that counts.
        var built = cells.Build();
        var numbers = new int[Tables.Length][];
        var kept = new List<int>[Tables.Length];
        for (var k = 0; k < Tables.Length; k++)
        {
            numbers[k] = new int[Tables[k].Count];
            Array.Fill(numbers[k], -1);
            kept[k] = [];
            for (var cell = 0; cell < built.Count; cell++)
            {
                var level = built.Levels[cell * Tables.Length + k];
                if (numbers[k][level] >= 0)
                    continue;
                numbers[k][level] = kept[k].Count;
                kept[k].Add(level);
            }
        }

        LevelTable[] tables = [.. kept.Select((levels, k) => Kept(k, levels))];
        if (!tables.AsSpan().SequenceEqual(Tables))
        {
            var renumbered = new ResponseCellsBuilder(plan.NumericCount, Tables.Length, family);
            renumbered.Add(built, numbers);
            built = renumbered.Build();
        }

        return new CollapsedCells(plan.Signature, built, tables[..plan.FactorCount], tables[plan.FactorCount..], DroppedRowCount);
    }

    protected override void AddCollapsed(CollapsedRows other) =>
        cells.Add(((CollapsedCells)other).Cells, [.. other.Levels.Concat(other.Categories).Select((table, key) => NumbersHere(key, table))]);

    protected override void AddRow()
    {
        var offset = 0.0;
        foreach (var value in Offsets)
            offset += value;
        if (!double.IsFinite(offset))
        {
            Faults.NotFinite(plan.Reader.Columns[^1].Name, RowNumber, offset);
            return;
        }

        // Where a shape says how counts vary, those of different exposures are no sum: the exposure is an offset.
        if (family == Family.NegativeBinomial)
            cells.Add(Values, offset + Math.Log(Size), Levels, Response, 1, LogConstant(), 0);
        else
            cells.Add(Values, offset, Levels, Response, Size, LogConstant(), family.HasShape ? 0 : Saturated());
    }

    protected override bool IsFaultyResponse()
    {
        var name = plan.Reader.Columns[plan.NumericCount].Name;
        if (family.Name == Family.Bernoulli.Name)
        {
            if (Response is 0 or 1)
                return false;
            Faults.NotBinary(name, RowNumber, Response);
            return true;
        }

        if (family == Family.StudentT)
            return false;
        if (family == Family.Gamma)
        {
            if (Response > 0)
                return false;
            Faults.ResponseNotPositive(family.Name, name, RowNumber, Response);
            return true;
        }

        // A count above 2^53 is not a whole number that a double tells from its neighbours.
        if (!(Response >= 0 && Response <= 1L << 53 && Response == Math.Floor(Response)))
        {
            Faults.ResponseNotACount(family.Name, name, RowNumber, Response);
            return true;
        }

        if (plan.WeightKind != RowWeight.Trials || !double.IsFinite(Size) || Response <= Size || !RowWeights.IsUsable(RowWeight.Trials, Size))
            return false;
        Faults.MoreSuccessesThanTrials(name, plan.Reader.Columns[plan.NumericCount + 1].Name, RowNumber, Response, Size);
        return true;
    }

    private static double LogFactorial(double n) => n <= 170 ? SpecialFunctions.FactorialLn((int)n) : SpecialFunctions.GammaLn(n + 1);

    // log n! - n log n + n; beyond 170 by Stirling's series, whose next term is below 1e-18.
    private static double StirlingRest(double n) => n switch
    {
        0 => 0,
        <= 170 => LogFactorial(n) - n * Math.Log(n) + n,
        _ => 0.5 * Math.Log(2 * Math.PI * n) + (1 / 12.0 - (1 / 360.0 - 1 / (1260 * n * n)) / (n * n)) / n,
    };

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
}
