using TypedPooling.Selectors;

namespace TypedPooling.Declarations;

/// <summary>Words for row weights and counts, and what is said where two meet.</summary>
internal static class RowWeights
{
    /// <summary>What the number of equal rows is called.</summary>
    public const string CountName = "count";

    /// <summary>The least known sd whose 1 / sd^2 is finite, rounded up.</summary>
    public const double LeastSd = 7.5e-155;

    /// <summary>The greatest known sd whose 1 / sd^2 is above 0, rounded down.</summary>
    public const double GreatestSd = 1.3e154;

    private const string OneForEach = "Give each of the N rows that a row stands for, with its weight. "
        + "Or give the mean of N rows with N times the weight of one row.";

    public static string NameOf(RowWeight kind) => kind switch
    {
        RowWeight.KnownSd => "known standard error",
        RowWeight.Precision => "precision weight",
        RowWeight.Trials => "number of trials",
        _ => "exposure",
    };

    /// <summary>Whether a finite number is one that its kind allows.</summary>
    public static bool IsUsable(RowWeight kind, double weight) => kind switch
    {
        RowWeight.KnownSd => weight > 0 && 1 / (weight * weight) is > 0 and < double.PositiveInfinity,
        RowWeight.Precision or RowWeight.Exposure => weight > 0,
        _ => IsCount(weight),
    };

    /// <summary>Whether a finite number is a positive whole one. One above 2^53 is not told from its neighbours by a double.</summary>
    public static bool IsCount(double count) => count >= 1 && count <= 1L << 53 && count == Math.Floor(count);

    /// <summary>The refusal of a weight where the response has a weight or a count already.</summary>
    public static ModelException Conflict(ResponseDeclaration response, RowWeight kind, ColumnSelector column)
    {
        if (response.Weight is not { } weight)
            return Conflict(CountName, response.Count!, NameOf(kind), column, OneForEach);
        return response.WeightKind == kind ? Twice(NameOf(kind), weight, column) : Conflict(
            NameOf(response.WeightKind),
            weight,
            NameOf(kind),
            column,
            "If errors are known up to a common factor, leave knownSd out and give 1 / sd^2 as the precision weight. "
                + "If they are known fully, leave the weight out.");
    }

    /// <summary>The refusal of a count where the response has one already, or weights beside which it has no meaning.</summary>
    public static ModelException CountConflict(ResponseDeclaration response, ColumnSelector column) => response.Count is { } count
        ? Twice(CountName, count, column)
        : Conflict(
            NameOf(response.WeightKind),
            response.Weight!,
            CountName,
            column,
            response.HasKnownSd
                ? "Give each of the N rows that a row stands for, or their mean as the response with the standard error of the mean."
                : OneForEach);

    private static ModelException Twice(string name, ColumnSelector first, ColumnSelector second) => new(new Problem(
        ProblemCode.DuplicateTerm, $"The {name} of rows is declared twice, as '{first.Name}' and '{second.Name}'.", "Declare it once.")
    { Term = second.Name });

    private static ModelException Conflict(string first, ColumnSelector own, string second, ColumnSelector column, string remedy) => new(new Problem(
        ProblemCode.ConflictingWeights, $"Rows have both a {first}, '{own.Name}', and a {second}, '{column.Name}'.", remedy)
    { Term = column.Name });
}
