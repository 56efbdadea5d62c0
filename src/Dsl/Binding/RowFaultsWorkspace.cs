using System.Globalization;
using TypedPooling.Declarations;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling.Binding;

/// <summary>Counts what is wrong with rows, by column and kind, with the first row of each.</summary>
/// <param name="canDrop">Whether the model can be asked to drop rows with missing values; it cannot where a row is to be predicted.</param>
internal sealed class RowFaultsWorkspace(bool canDrop = true)
{
    private const string NullRule = "null by the database";

    private readonly Dictionary<(ProblemCode Code, string Term), Tally> tallies = [];
    private readonly List<(ProblemCode Code, string Term)> order = [];

    public bool HasAny => order.Count > 0;

    /// <summary>How many equal rows each row that is counted stands for.</summary>
    public long Rows { get; set; } = 1;

    /// <summary>False where rows come from a query: they have no order and so no numbers.</summary>
    public bool HasNumbers { get; set; } = true;

    /// <summary>Faults worded for a purpose: that a model can drop rows with missing values helps only where it does.</summary>
    public static RowFaultsWorkspace For(RowPurpose purpose) => new(purpose is RowPurpose.Likelihood or RowPurpose.Program);

    public void MissingRow(long row) => Count(ProblemCode.MissingValues, string.Empty, row, "null");

    public void Missing(string column, long row) => Count(ProblemCode.MissingValues, column, row, "null");

    /// <summary>A null that a database gave for a column that cannot be missing.</summary>
    public void NullOfDatabase(string column) => Count(ProblemCode.MissingValues, column, 0, "null", NullRule);

    public void NullKey(string key, long row) => Count(ProblemCode.NullKey, key, row, "null");

    public void NotFinite(string column, long row, double value) => Count(ProblemCode.NotFinite, column, row, Text(value));

    public void BadResponse(ResponseFault fault, string family, string column, string? sizeColumn, long row, double value, double size)
    {
        var (code, rule) = fault switch
        {
            ResponseFault.NotBinary => (ProblemCode.NotBinary, "is neither 0 nor 1"),
            ResponseFault.NotPositive => (ProblemCode.NotPositive, "is not positive"),
            ResponseFault.NotBetweenZeroAndOne => (ProblemCode.NotBetweenZeroAndOne, "is not strictly between 0 and 1"),
            ResponseFault.NotACount => (ProblemCode.NotACount, "is not a whole number of 0 or more"),
            _ => (ProblemCode.MoreSuccessesThanTrials, string.Empty),
        };
        if (code == ProblemCode.MoreSuccessesThanTrials)
            Count(code, column, row, $"{Text(value)} of {Text(size)}", $"The successes '{column}' are more than the trials '{sizeColumn}'");
        else
            Count(code, column, row, Text(value), $"The response '{column}' of a {family} model {rule}");
    }

    public void BadWeight(RowWeight kind, string column, long row, double value)
    {
        if (kind == RowWeight.Trials)
            BadCount(RowWeights.NameOf(kind), column, row, value);
        else
            BadSize(
                ProblemCode.NotPositive,
                RowWeights.NameOf(kind),
                column,
                row,
                value,
                kind == RowWeight.KnownSd ? "number of a usable size" : "number");
    }

    /// <summary>A number of rows or trials that is not a positive whole number.</summary>
    public void BadCount(string name, string column, long row, double value) =>
        BadSize(ProblemCode.NotACount, name, column, row, value, "whole number");

    public void UnseenCategory(string category, string level, long row) => Count(ProblemCode.UnknownTerm, category, row, level);

    /// <summary>Counts the values of a row that are missing or not finite, and its null keys.</summary>
    public void Count(
        IReadOnlyList<ColumnSelector> columns, ReadOnlySpan<double> values, IReadOnlyList<KeySelector> keys, ReadOnlySpan<int> levels, long row)
    {
        for (var c = 0; c < values.Length; c++)
        {
            switch (ValueFaults.Of(values[c]))
            {
                case ValueFault.None:
                    break;
                case ValueFault.Missing:
                    Missing(columns[c].Name, row);
                    break;
                default:
                    NotFinite(columns[c].Name, row, values[c]);
                    break;
            }
        }

        for (var key = 0; key < levels.Length; key++)
        {
            if (levels[key] < 0)
                NullKey(keys[key].Name, row);
        }
    }

    /// <summary>Throws where anything was counted.</summary>
    /// <exception cref="ModelException">A problem for every column and kind.</exception>
    public void ThrowIfAny(long rowCount)
    {
        if (order.Count > 0)
            throw new ModelException([.. order.Select(key => Describe(key.Code, key.Term, tallies[key], rowCount))]);
    }

    private Problem Describe(ProblemCode code, string term, Tally tally, long rowCount)
    {
        var rows = string.Create(CultureInfo.InvariantCulture, $"{tally.Count} of {rowCount} {(rowCount == 1 ? "row" : "rows")}");
        var first = HasNumbers ? "the first is" : "one is";
        var drop = canDrop ? ", leave such rows out, or call DropRowsWithMissingValues()." : " or leave such rows out.";
        var (sentence, remedy) = code switch
        {
            ProblemCode.MissingValues when term.Length == 0 => ($"The row itself is null in {rows}.", "Fill them in" + drop),
            ProblemCode.MissingValues when tally.Rule == NullRule => (
                $"The database gave NULL for '{term}', which cannot be missing, in {rows}.",
                "It stands for NaN, x / 0 or a logarithm that does not exist. Correct the values or leave such rows out by Where."),
            ProblemCode.MissingValues => ($"'{term}' has no value in {rows}.", "Fill them in" + drop),
            ProblemCode.NullKey => ($"The key '{term}' is null in {rows}.", "Give them a key" + drop),
            ProblemCode.UnknownTerm => (
                $"The categorical predictor '{term}' has a level in {rows} that no row of the data had; the first is '{tally.First}'.",
                "The data do not inform its effect. Give such rows a level of the data, leave them out, or fit the model to rows that have this "
                    + "level."),
            ProblemCode.NotFinite =>
                ($"'{term}' is not a finite number in {rows}; {first} {tally.First}.", "Correct the values or leave such rows out."),
            _ => ($"{tally.Rule} in {rows}; {first} {tally.First}.", "Correct the values or leave such rows out."),
        };
        return new(
            code,
            sentence,
            remedy)
        {
            Term = term.Length == 0 ? null : term,
            Row = HasNumbers ? tally.FirstRow : null,
            Level = code == ProblemCode.UnknownTerm ? tally.First : null,
        };
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private void BadSize(ProblemCode code, string name, string column, long row, double value, string what) =>
        Count(code, column, row, Text(value), $"The {name} '{column}' is not a positive {what}");

    // rule: what the value breaks, for kinds of fault that have no sentence of their own.
    private void Count(ProblemCode code, string term, long row, string value, string rule = "")
    {
        if (tallies.TryGetValue((code, term), out var tally))
        {
            tallies[(code, term)] = tally with { Count = tally.Count + Rows };
            return;
        }

        tallies.Add((code, term), new(Rows, row, value, rule));
        order.Add((code, term));
    }

    private readonly record struct Tally(long Count, long FirstRow, string First, string Rule);
}
