using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Declarations;

/// <summary>Every row of a parameter table needs a name of its own: population effects carry the names of columns, which a user may choose, and
/// levels of categories, which data hold.</summary>
internal static class TableNames
{
    /// <summary>Refuses a model with two columns, or two rows of its table, of one name.</summary>
    /// <param name="spec">The model. A categorical predictor whose levels are not known yet has no rows of its own.</param>
    /// <exception cref="ModelException">NameNeeded.</exception>
    public static void Check(ModelSpec spec)
    {
        var columns = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in spec.Columns)
        {
            if (column.Name == ModelSpec.InterceptName)
                throw Refusal(column.Name, $"A column is called '{column.Name}', which is reserved for intercepts.");
            if (!columns.Add(column.Name))
                throw Refusal(column.Name, $"Two different columns are both called '{column.Name}'.");
        }

        var rows = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (var row in Rows(spec))
        {
            if (!rows.TryAdd(row.Name, row))
                throw Refusal(row.Name, $"Two rows of the parameter table are called '{row.Name}': {WhatOf(rows[row.Name])} and {WhatOf(row)}.");
        }
    }

    private static IEnumerable<Parameter> Rows(ModelSpec spec)
    {
        foreach (var term in spec.Population)
        {
            if (term.Column == ModelSpec.Ones || spec.Columns[term.Column] is { Category: null } or { CategoryLevel: not null })
                yield return new(ParameterKind.PopulationEffect, term.Name);
        }

        if (spec.Response.HasSigma)
            yield return new(ParameterKind.Sigma, string.Empty);
        if (spec.Response.Family.Shape is { } shape)
            yield return Parameter.OfShape(shape);
        foreach (var factor in spec.Factors)
        {
            for (var a = 0; a < factor.Terms.Length; a++)
            {
                yield return new(ParameterKind.VaryingSd, factor.Terms[a].Name) { Factor = factor.Name };
                for (var b = a + 1; b < factor.Terms.Length; b++)
                    yield return new(
                        ParameterKind.VaryingCorrelation, factor.Terms[a].Name)
                    { Factor = factor.Name, OtherTerm = factor.Terms[b].Name };
            }
        }
    }

    private static string WhatOf(Parameter row) => row.Kind switch
    {
        ParameterKind.PopulationEffect => "a population effect",
        ParameterKind.Sigma => "the residual sd",
        ParameterKind.Shape => "the shape of the response",
        ParameterKind.DegreesOfFreedom => "the degrees of freedom of the response",
        ParameterKind.Precision => "the precision of the response",
        ParameterKind.VaryingSd => $"the sd of an effect of {row.Factor}",
        _ => $"a correlation of effects of {row.Factor}",
    };

    private static ModelException Refusal(string name, string sentence) =>
        new(new Problem(ProblemCode.NameNeeded, sentence, "Give one of them another name with the argument 'name'.") { Term = name });
}
