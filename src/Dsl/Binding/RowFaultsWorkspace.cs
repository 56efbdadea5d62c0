using System.Globalization;
using TypedPooling.Selectors;

namespace TypedPooling.Binding;

/// <summary>Counts what is wrong with rows, by column and kind, with the first row of each.</summary>
internal sealed class RowFaultsWorkspace
{
    private const string Fill = "Fill them in, leave such rows out, or call DropRowsWithMissingValues().";

    private readonly Dictionary<(ProblemCode Code, string Term), Tally> tallies = [];
    private readonly List<(ProblemCode Code, string Term)> order = [];

    public void MissingRow(long row) => Count(ProblemCode.MissingValues, string.Empty, row, "null");

    public void Missing(string column, long row) => Count(ProblemCode.MissingValues, column, row, "null");

    public void NullKey(string key, long row) => Count(ProblemCode.NullKey, key, row, "null");

    public void NotFinite(string column, long row, double value) => Count(ProblemCode.NotFinite, column, row, Text(value));

    public void NotPositive(string column, long row, double value) => Count(ProblemCode.NotPositive, column, row, Text(value));

    /// <summary>Throws where anything was counted.</summary>
    /// <exception cref="ModelException">A problem for every column and kind.</exception>
    public void ThrowIfAny(long rowCount)
    {
        if (order.Count > 0)
            throw new ModelException([.. order.Select(key => Describe(key.Code, key.Term, tallies[key], rowCount))]);
    }

    private static Problem Describe(ProblemCode code, string term, Tally tally, long rowCount)
    {
        var rows = string.Create(CultureInfo.InvariantCulture, $"{tally.Count} of {rowCount} {(rowCount == 1 ? "row" : "rows")}");
        var (sentence, remedy) = code switch
        {
            ProblemCode.MissingValues when term.Length == 0 => ($"The row itself is null in {rows}.", Fill),
            ProblemCode.MissingValues => ($"'{term}' has no value in {rows}.", Fill),
            ProblemCode.NullKey => ($"The key '{term}' is null in {rows}.", "Give them a key, leave such rows out, or call DropRowsWithMissingValues()."),
            ProblemCode.NotFinite => ($"'{term}' is not a finite number in {rows}; here it is {tally.First}.", "Correct the values or leave such rows out."),
            _ => (
                $"The known standard error '{term}' is not a positive number of a usable size in {rows}; here it is {tally.First}.",
                "Correct the values or leave such rows out."),
        };
        return new(code, sentence, remedy) { Term = term.Length == 0 ? null : term, Row = tally.FirstRow };
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private void Count(ProblemCode code, string term, long row, string value)
    {
        if (tallies.TryGetValue((code, term), out var tally))
        {
            tallies[(code, term)] = tally with { Count = tally.Count + 1 };
            return;
        }

        tallies.Add((code, term), new(1, row, value));
        order.Add((code, term));
    }

    private readonly record struct Tally(long Count, long FirstRow, string First);
}
