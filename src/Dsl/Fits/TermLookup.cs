using System.Linq.Expressions;
using TypedPooling.Model;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <summary>Finds the terms of a fitted model by name or by the selector they were declared with.</summary>
internal static class TermLookup
{
    public static string NameOf(ModelSpec spec, ColumnSelector selector)
    {
        foreach (var column in spec.Columns)
        {
            if (column.Formula == selector.Formula)
                return column.Name;
        }

        return selector.Name;
    }

    public static int Population(ModelSpec spec, string name)
    {
        for (var t = 0; t < spec.Population.Length; t++)
        {
            if (spec.Population[t].Name == name)
                return t;
        }

        throw Unknown(
            name,
            "The model has no population effect of this name.",
            AskFor(spec.Population.Select(t => t.Name), "The model has no population effects; declare one with Intercept() or Slope(...)."));
    }

    /// <summary>Index of a population effect, -1 where the model has none of the name.</summary>
    public static int FindPopulation(ModelSpec spec, string name)
    {
        for (var t = 0; t < spec.Population.Length; t++)
        {
            if (spec.Population[t].Name == name)
                return t;
        }

        return -1;
    }

    public static int Varying(FactorSpec factor, string name)
    {
        for (var a = 0; a < factor.Terms.Length; a++)
        {
            if (factor.Terms[a].Name == name)
                return a;
        }

        throw Unknown(
            name, $"No effect of this name varies by {factor.Name}.", AskFor(factor.Terms.Select(t => t.Name), $"Nothing varies by {factor.Name}."));
    }

    public static ColumnSelector Selector<TRow, TValue>(Expression<Func<TRow, TValue>> selector)
        where TValue : struct
    {
        ArgumentNullException.ThrowIfNull(selector);
        return ColumnSelector.Numeric(selector, null);
    }

    public static ColumnSelector SelectorOrMissing<TRow, TValue>(Expression<Func<TRow, TValue?>> selector)
        where TValue : struct
    {
        ArgumentNullException.ThrowIfNull(selector);
        return ColumnSelector.NumericOrMissing(selector, null);
    }

    /// <summary>That a model has no grouping factor of a name and type.</summary>
    public static ModelException NoFactor(ModelSpec spec, string name, Type key) => new(new Problem(
        ProblemCode.UnknownTerm,
        $"The model has no grouping factor '{name}' with keys of type {key.Name}.",
        AskFor(spec.Factors.Select(f => f.Name), "The model has no grouping factors; declare one with Varying(...)."))
    { Term = name });

    /// <summary>The remedy for an unknown name: the known ones, or another sentence where there are none.</summary>
    public static string AskFor(IEnumerable<string> known, string otherwise)
    {
        var names = string.Join(", ", known);
        return names.Length > 0 ? $"Ask for one of: {names}." : otherwise;
    }

    /// <summary>That a table has no row of a name.</summary>
    public static ModelException NoRow(string name, IEnumerable<string> rows)
    {
        string[] names = [.. rows];
        var all = AskFor(names, "The model has no parameters.");
        return Unknown(name, "The table has no row of this name.", NearKeys.Question(name, names) is { } question ? $"{question} {all}" : all);
    }

    private static ModelException Unknown(string name, string sentence, string remedy) =>
        new(new Problem(ProblemCode.UnknownTerm, sentence, remedy) { Term = name });
}
