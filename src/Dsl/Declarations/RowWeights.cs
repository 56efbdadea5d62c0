using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling.Declarations;

/// <summary>Words for row weights, and what is said where two meet.</summary>
internal static class RowWeights
{
    public static string NameOf(RowWeight kind) => kind switch
    {
        RowWeight.KnownSd => "known standard error",
        RowWeight.Precision => "precision weight",
        RowWeight.Trials => "number of trials",
        RowWeight.Exposure => "exposure",
        _ => "count",
    };

    /// <summary>Whether a finite number is one that its kind allows. A count above 2^53 is not a whole number that a double tells from its
    /// neighbours.</summary>
    public static bool IsUsable(RowWeight kind, double weight) => kind switch
    {
        RowWeight.KnownSd => weight > 0 && 1 / (weight * weight) is > 0 and < double.PositiveInfinity,
        RowWeight.Precision or RowWeight.Exposure => weight > 0,
        _ => weight >= 1 && weight <= 1L << 53 && weight == Math.Floor(weight),
    };

    /// <summary>Counts of rows that are kept as cells: a later version takes them.</summary>
    public static ModelException NotYet(Family family, ColumnSelector column) => new(new Problem(
        ProblemCode.NotForThisFamily,
        $"Rows have a count, '{column.Name}'. This version takes counts for Normal and LogNormal responses only, "
            + $"and this response is {family.Name}.",
        "Give each of the N rows that a row stands for: equal rows are kept as one cell.")
    { Term = column.Name });

    public static ModelException Conflict(ResponseDeclaration response, RowWeight kind, ColumnSelector column)
    {
        if (response.WeightKind == kind)
        {
            return new(new Problem(
                ProblemCode.DuplicateTerm,
                $"The {NameOf(kind)} of rows is declared twice, as '{response.Weight!.Name}' and '{column.Name}'.",
                "Declare it once.")
            { Term = column.Name });
        }

        var remedy = (response.WeightKind, kind) switch
        {
            (RowWeight.KnownSd, RowWeight.Precision) =>
                "If errors are known up to a common factor, leave knownSd out and give 1 / sd^2 as the precision weight. "
                + "If they are known fully, leave the weight out.",
            (RowWeight.KnownSd, RowWeight.Count) =>
                "Give each of the N rows that a row stands for, or their mean as the response with the standard error of the mean.",
            _ =>
                "Give each of the N rows that a row stands for, with its weight. "
                + "Or give the mean of N rows with N times the weight of one row.",
        };
        return new(new Problem(
            ProblemCode.ConflictingWeights,
            $"Rows have both a {NameOf(response.WeightKind)}, '{response.Weight!.Name}', and a {NameOf(kind)}, '{column.Name}'.",
            remedy)
        { Term = column.Name });
    }
}
