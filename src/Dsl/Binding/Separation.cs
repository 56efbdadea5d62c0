using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>A population effect that may go to infinity without the likelihood ever falling, where no prior bounds it: there is no maximum, and with
/// flat priors no posterior.</summary>
/// <remarks>
/// The effects separate the response along d if x'd >= 0 in every cell with successes (events) and x'd &lt;= 0 in every cell with failures (of counts
/// in every cell: an expectation only grows), and not all are 0. With varying effects held fixed, the likelihood then never falls along d. Found
/// exactly, for single effects with flat priors and, with a flat intercept, for an intercept and one column: O(cells) a column. Directions of several
/// columns together are not looked for (<c>docs/limitations.md</c>).
/// </remarks>
internal static class Separation
{
    /// <summary>Finds them.</summary>
    /// <param name="model">The model with its cells.</param>
    /// <param name="hasPriors">False where the likelihood alone is maximised.</param>
    /// <returns>A problem for each effect concerned.</returns>
    public static IEnumerable<Problem> Check(CellBoundModel model, bool hasPriors)
    {
        // Every row keeps eta from both infinities.
        if (model.Family.Outcomes is null)
            yield break;
        var flat = model.Spec.Population.Where(term => term.Prior is { IsProper: false }).ToArray();
        var hasFlatIntercept = flat.Any(term => term.Column == ModelSpec.Ones);
        if (hasFlatIntercept && Ranges.Of(model, ModelSpec.Ones).IsSeparatedAtZero)
        {
            yield return Describe(
                flat.First(term => term.Column == ModelSpec.Ones),
                $"{Outcome(model, Ranges.Of(model, ModelSpec.Ones))} in {(IsCount(model) ? "any" : "every")} row",
                hasPriors);
            yield break;
        }

        foreach (var term in flat.Where(term => term.Column != ModelSpec.Ones))
        {
            var range = Ranges.Of(model, term.Column);
            if (range.IsZero)
                continue;
            if (range.IsSeparatedAtZero)
                yield return Describe(term, $"{Outcome(model, range)} where '{term.Name}' is not 0", hasPriors);
            else if (hasFlatIntercept && !range.IsConstant && range.IsSeparated)
                yield return Describe(
                    term,
                    $"'{term.Name}' and the intercept separate "
                        + (IsCount(model) ? "rows without events from all others" : "successes from failures"),
                    hasPriors);
        }
    }

    private static bool IsCount(CellBoundModel model) => model.Family.IsCount;

    // Where the column is not 0 there is one outcome only, or each is on its own side of 0.
    private static string Outcome(CellBoundModel model, Ranges range)
    {
        var name = model.Spec.Response.Name;
        if (IsCount(model))
            return $"'{name}' has no events";
        var successes = range.HasLower && (range.LowerMinimum != 0 || range.LowerMaximum != 0);
        var failures = range.HasUpper && (range.UpperMinimum != 0 || range.UpperMaximum != 0);
        return successes && failures
            ? $"'{name}' has successes and failures on different sides of 0"
            : $"'{name}' has only {(successes ? "successes" : "failures")}";
    }

    private static Problem Describe(PopulationTerm term, string finding, bool hasPriors)
    {
        var (consequence, remedy) = hasPriors
            ? ("its prior is flat, so the posterior is improper", "Give it a proper prior, such as Normal(0, 2.5).")
            : ("the likelihood has no maximum", "Leave the term out, or use priors and an engine that draws from the posterior.");
        return new(
            ProblemCode.Separated,
            $"{finding}: the likelihood does not fall as the coefficient of '{term.Name}' grows without bound; {consequence}.",
            remedy)
        { Term = term.Name };
    }

    /// <summary>Least and greatest values of a column where eta is kept from minus infinity (successes, events) and from infinity (failures; for
    /// counts everywhere).</summary>
    private readonly record struct Ranges(double LowerMinimum, double LowerMaximum, double UpperMinimum, double UpperMaximum)
    {
        public bool HasUpper => UpperMinimum <= UpperMaximum;

        public bool HasLower => LowerMinimum <= LowerMaximum;

        public bool IsZero => IsConstant && (HasUpper ? UpperMinimum : LowerMinimum) == 0;

        public bool IsConstant => Math.Min(LowerMinimum, UpperMinimum) == Math.Max(LowerMaximum, UpperMaximum);

        // Some c and sign s: s (x - c) >= 0 where eta is kept up, and <= 0 where it is kept down.
        public bool IsSeparated => HasLower && HasUpper && (UpperMaximum <= LowerMinimum || LowerMaximum <= UpperMinimum);

        public static Ranges Of(CellBoundModel model, int column)
        {
            var cells = model.Cells;
            var (lowerMinimum, lowerMaximum) = (double.PositiveInfinity, double.NegativeInfinity);
            var (upperMinimum, upperMaximum) = (double.PositiveInfinity, double.NegativeInfinity);
            for (var cell = 0; cell < cells.Count; cell++)
            {
                var x = column == ModelSpec.Ones ? 1 : cells.Columns[cell * cells.ColumnCount + column];
                var (fromBelow, fromAbove) = model.Family.Bounds(cells.Responses[cell], cells.Sizes[cell]);
                if (fromBelow)
                    (lowerMinimum, lowerMaximum) = (Math.Min(lowerMinimum, x), Math.Max(lowerMaximum, x));
                if (fromAbove)
                    (upperMinimum, upperMaximum) = (Math.Min(upperMinimum, x), Math.Max(upperMaximum, x));
            }

            return new(lowerMinimum, lowerMaximum, upperMinimum, upperMaximum);
        }

        // The same with c = 0.
        public bool IsSeparatedAtZero =>
            ((!HasLower || LowerMinimum >= 0) && (!HasUpper || UpperMaximum <= 0))
                || ((!HasLower || LowerMaximum <= 0) && (!HasUpper || UpperMinimum >= 0));
    }
}
