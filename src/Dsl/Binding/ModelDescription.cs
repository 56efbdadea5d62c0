using System.Globalization;
using System.Text;
using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>A bound model as text: its mathematics with the priors decided, the sizes of its data, and what there is to know of both.</summary>
internal static class ModelDescription
{
    public static string Of(BoundModel bound, DataOrigin origin)
    {
        var text = new StringBuilder(ModelPrinter.Print(bound.Spec)).Append("\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{bound.RowCount} {(bound.RowCount == 1 ? "row" : "rows")}");
        if (bound.DroppedRowCount > 0)
            text.Append(CultureInfo.InvariantCulture, $" ({bound.DroppedRowCount} dropped for missing values)");
        for (var k = 0; k < bound.Levels.Length; k++)
        {
            var levels = bound.Levels[k].Count;
            text.Append(CultureInfo.InvariantCulture, $"; {bound.Spec.Factors[k].Name}: {levels} {(levels == 1 ? "level" : "levels")}");
        }

        if (bound is CellBoundModel { Cells.Count: var cells })
            text.Append(CultureInfo.InvariantCulture, $"; {cells:N0} {(cells == 1 ? "cell" : "cells")}");
        text.Append(OriginText.Of(origin));
        if (bound.Standardization is { } standardization)
            text.Append("\nStandardised: ").AppendJoin("; ", Scales(bound.Spec, standardization));
        if (CrossedPlan.WorkOf(bound) is { } work)
            text.Append("\nWork: ").Append(work);
        return text.Append(ModelChecks.Of(bound)).ToString();
    }

    private static IEnumerable<string> Scales(ModelSpec spec, Standardization standardization)
    {
        if (spec.Response.Family.IsLocationScale)
        {
            var isCentred = spec.Population.Any(term => term.Column == ModelSpec.Ones);
            yield return Scale(spec.Response.Name, isCentred, standardization.ResponseOrigin, standardization.ResponseScale);
        }

        for (var c = 0; c < spec.Columns.Length; c++)
            yield return Scale(spec.Columns[c].Name, standardization.IsCentred(c), standardization.Origins[c], standardization.Scales[c]);
    }

    private static string Scale(string name, bool isCentred, double origin, double scale) => isCentred
        ? string.Create(CultureInfo.InvariantCulture, $"{name} less {origin:G6}, over {scale:G6}")
        : string.Create(CultureInfo.InvariantCulture, $"{name} over {scale:G6}");
}
