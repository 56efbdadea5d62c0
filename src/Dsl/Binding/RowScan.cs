using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Model;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling.Binding;

/// <summary>Reads rows for a purpose by one compiled delegate, and counts what is wrong with them. Thread-safe.</summary>
/// <remarks>Values: the numeric columns, the response if asked for, the row weight if there is one and it is asked for, then the offsets. Keys: the grouping factors, then the categorical predictors.</remarks>
internal sealed class RowScan<TRow>
{
    private readonly LoweredModel model;
    private readonly RowReader<TRow> reader;
    private readonly RowPurpose purpose;

    public RowScan(LoweredModel model, RowPurpose purpose)
    {
        this.model = model;
        this.purpose = purpose;
        var response = model.Declaration.Response;
        var reads = purpose == RowPurpose.Likelihood;
        var weighs = reads ? response.Weight is not null : purpose == RowPurpose.Observation && response.WeightKind is RowWeight.KnownSd or RowWeight.Precision or RowWeight.Trials or RowWeight.Exposure;
        Response = reads ? model.Columns.Length : -1;
        Weight = weighs ? model.Columns.Length + (reads ? 1 : 0) : -1;
        reader = new RowReader<TRow>(
            [.. model.Columns, .. reads ? new[] { response.Column } : [], .. weighs ? new[] { response.Weight! } : [], .. model.Declaration.Offsets],
            [.. model.Declaration.Factors.Select(factor => factor.Key), .. model.Categories.Select(category => category.Selector)]);
    }

    /// <summary>Number of values of a row.</summary>
    public int ValueCount => reader.Columns.Count;

    /// <summary>Number of keys of a row.</summary>
    public int KeyCount => reader.Keys.Count;

    /// <summary>Number of the response among the values, which are its log where that is modelled; -1 where it is not read.</summary>
    public int Response { get; }

    /// <summary>Number of the row weight among the values; -1 where it is not read.</summary>
    public int Weight { get; }

    /// <summary>Number of the first offset among the values.</summary>
    public int FirstOffset => ValueCount - model.Declaration.Offsets.Count;

    private bool DropsMissing => purpose == RowPurpose.Likelihood && model.Declaration.DropsMissing;

    private RowWeight WeightKind => Weight < 0 ? RowWeight.None : model.Declaration.Response.WeightKind;

    private bool TakesLog => Response >= 0 && model.Declaration.Response.Family == Family.LogNormal;

    /// <summary>Name of a key.</summary>
    public string KeyName(int key) => reader.Keys[key].Name;

    /// <summary>Faults worded for the purpose: that a model can drop rows with missing values helps only where it does.</summary>
    public RowFaultsWorkspace NewFaults() => new(purpose == RowPurpose.Likelihood);

    /// <summary>Reads rows; those that are faulty are counted and hold anything.</summary>
    /// <param name="rows">The rows; enumerated once.</param>
    /// <param name="rowsBefore">Number of rows that came before them.</param>
    /// <param name="faults">Counts what is wrong.</param>
    /// <param name="ignored">By key whether it does not matter, also where it is null; null where all matter.</param>
    /// <exception cref="ModelException">A selector threw.</exception>
    public ScannedRows Read(IEnumerable<TRow> rows, long rowsBefore, RowFaultsWorkspace faults, bool[]? ignored = null)
    {
        var indexes = reader.NewIndexes();
        var values = new double[ValueCount];
        var levels = new int[KeyCount];
        var allValues = new List<double>();
        var allLevels = new List<int>();
        var numbers = new List<long>();
        var row = rowsBefore;
        foreach (var next in rows)
        {
            row++;
            if (next is null)
            {
                if (!DropsMissing)
                    faults.MissingRow(row);
                continue;
            }

            reader.ReadNumbered(next, row, values, levels, indexes);
            if (DropsMissing && IsMissing(values, levels))
                continue;
            for (var k = 0; ignored is not null && k < ignored.Length; k++)
            {
                if (ignored[k])
                    levels[k] = 0;
            }

            Check(values, levels, row, faults);
            allValues.AddRange(values);
            allLevels.AddRange(levels);
            numbers.Add(row);
        }

        return new(row - rowsBefore, [.. allValues], [.. allLevels], [.. numbers], indexes);
    }

    private static bool IsMissing(double[] values, int[] levels) =>
        levels.AsSpan().ContainsAnyInRange(int.MinValue, -1) || Array.Exists(values, value => ValueFaults.Of(value) == ValueFault.Missing);

    private void Check(double[] values, int[] levels, long row, RowFaultsWorkspace faults)
    {
        faults.Count(reader.Columns, values, reader.Keys, levels, row);
        if (Weight >= 0 && double.IsFinite(values[Weight]) && !RowWeights.IsUsable(WeightKind, values[Weight]))
            faults.BadWeight(WeightKind, reader.Columns[Weight].Name, row, values[Weight]);
        if (!TakesLog)
            return;
        if (double.IsFinite(values[Response]) && values[Response] <= 0)
            faults.ResponseNotPositive(Family.LogNormal.Name, reader.Columns[Response].Name, row, values[Response]);
        values[Response] = Math.Log(values[Response]);
    }
}

/// <summary>What <see cref="RowScan{TRow}"/> read.</summary>
/// <param name="Seen">Number of rows looked at, those that are null or dropped included.</param>
/// <param name="Values">Values, row after row.</param>
/// <param name="Levels">Numbers of the keys in <paramref name="Tables"/>, row after row.</param>
/// <param name="Numbers">Numbers of the rows, from 1. Length: number of rows read.</param>
/// <param name="Tables">The levels of each key, in these rows.</param>
internal sealed record ScannedRows(long Seen, double[] Values, int[] Levels, long[] Numbers, LevelTable[] Tables);
