using System.Text.RegularExpressions;
using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Export;

namespace TypedPooling.Tests.Export;

/// <summary>Finds the quantity of a fit that a variable of a program is.</summary>
internal static class ExportVariables
{
    /// <summary>The quantity of a variable, such as b_Kind[2], sd_Group_X, cor_Group_Intercept_X, u_Group[3,1], sigma or shape.</summary>
    /// <param name="fit">A fit of the model.</param>
    /// <param name="model">The model.</param>
    /// <param name="variable">The variable; indices from 1.</param>
    public static Quantity Of(Fit<ExportCases.Row> fit, LoweredModel model, string variable)
    {
        var layout = ProgramLayout.Of(model);
        var parts = Regex.Match(variable, @"^(\w+)(?:\[(\d+)(?:,(\d+))?\])?$");
        var name = parts.Groups[1].Value;
        var first = parts.Groups[2].Success ? int.Parse(parts.Groups[2].ValueSpan) - 1 : 0;
        var second = parts.Groups[3].Success ? int.Parse(parts.Groups[3].ValueSpan) - 1 : 0;
        if (name == layout.Sigma?.Name)
            return fit.Scale(ParameterKind.Sigma, null, string.Empty, null);
        if (name == layout.Shape?.Name)
            return fit.Scale(Parameter.OfShape(fit.Spec.Response.Family.Shape!).Kind, null, string.Empty, null);
        for (var effect = 0; effect < layout.Population.Count; effect++)
        {
            if (layout.Population[effect].Name == name)
            {
                return layout.ColumnOf(effect) is { Count: not null } category
                    ? fit.Coefficient(fit.Spec.Columns.Where(column => column.Category == category.Title).ElementAt(first).Name)
                    : fit.Coefficient(layout.Population[effect].Term);
            }
        }

        foreach (var factor in layout.Factors)
        {
            for (var a = 0; a < factor.Size; a++)
            {
                if (factor.Terms[a].SdName == name)
                    return fit.Scale(ParameterKind.VaryingSd, factor.Title, factor.Terms[a].Title, null);
                for (var b = a + 1; b < factor.Size; b++)
                {
                    if (factor.Correlations[a, b] == name)
                        return fit.Scale(ParameterKind.VaryingCorrelation, factor.Title, factor.Terms[a].Title, factor.Terms[b].Title);
                }
            }

            if (factor.Effects == name)
                return ExportCases.Effect(fit, factor.Title, first, factor.Terms[second].Title);
        }

        throw new NotSupportedException(variable);
    }
}
