using TypedPooling.Declarations;
using TypedPooling.Model;

namespace TypedPooling.Export;

/// <summary>What formulas of lme4 and brms have in common. Used by one thread.</summary>
/// <param name="layout">The model's names.</param>
/// <param name="spec">The model; bound where there are rows.</param>
internal abstract class FormulaWriter(ProgramLayout layout, ModelSpec spec)
{
    private readonly List<Problem> problems = [];

    protected ProgramLayout Layout { get; } = layout;

    protected ModelSpec Spec { get; } = spec;

    protected List<string> Preparation { get; } = [];

    /// <summary>What stands for the population intercept.</summary>
    protected abstract string Intercept { get; }

    public static ModelFormula Write(FormulaDialect dialect, ProgramLayout layout, ModelSpec spec)
    {
        FormulaWriter writer = dialect switch
        {
            FormulaDialect.Lme4 => new Lme4Formula(layout, spec),
            FormulaDialect.Brms => new BrmsFormula(layout, spec),
            _ => throw new ModelException(new Problem(
                ProblemCode.OptionOutOfRange, $"The formula dialect {dialect} has no name.", "Use FormulaDialect.Lme4 or FormulaDialect.Brms.")),
        };
        var formula = writer.Write();
        return writer.problems.Count > 0 ? throw new ModelException(writer.problems) : formula;
    }

    protected abstract ModelFormula Write();

    protected static string InQuotes(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    protected void Refuse(string term, string sentence, string remedy) =>
        problems.Add(new(ProblemCode.NotExportable, sentence, remedy) { Term = term });

    /// <summary>The right-hand side: population, varying effects, offsets.</summary>
    protected string RightHandSide()
    {
        var terms = new List<string> { HasIntercept() ? Intercept : "0" };
        for (var effect = 0; effect < Layout.Population.Count; effect++)
        {
            if (Layout.ColumnOf(effect) is { } column && !IsLeftOut(Layout.Population[effect]))
                terms.Add(column.Name);
        }

        foreach (var factor in Layout.Factors)
        {
            if (Bar(factor) is { } bar)
                terms.Add(bar);
        }

        if (Layout.HasOffsets)
            terms.Add("offset(offsets)");
        if (Layout.WeightKind == RowWeight.Exposure)
            terms.Add($"offset(log({Layout.Weight}))");
        return string.Join(" + ", terms);
    }

    /// <summary>A population effect that is known to be 0, or that the package cannot have.</summary>
    protected abstract bool IsLeftOut(ProgramNumber number);

    /// <summary>The name of a column in the bars of a factor.</summary>
    protected virtual string NameIn(ProgramFactor factor, int term) => factor.Terms[term].Column!.Name;

    /// <summary>A varying effect whose sd is known to be 0, or that the package cannot have.</summary>
    protected abstract bool IsLeftOut(ProgramFactor factor, int term);

    private bool HasIntercept()
    {
        for (var effect = 0; effect < Layout.Population.Count; effect++)
        {
            if (Layout.ColumnOf(effect) is null)
                return !IsLeftOut(Layout.Population[effect]);
        }

        return false;
    }

    private string? Bar(ProgramFactor factor)
    {
        int[] used = [.. Enumerable.Range(0, factor.Size).Where(a => !IsLeftOut(factor, a))];
        if (used.Length == 0)
            return null;
        var terms = used.Where(a => factor.Terms[a].Column is not null).Select(a => NameIn(factor, a));
        var isUncorrelated = used.Length > 1 && factor.Concentration is null && factor.Covariance is null;
        var constant = used.Any(a => factor.Terms[a].Column is null) ? "1" : "0";
        return $"({string.Join(" + ", terms.Prepend(constant))} {(isUncorrelated ? "||" : "|")} {factor.Index})";
    }
}
