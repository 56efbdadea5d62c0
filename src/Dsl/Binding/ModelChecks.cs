using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>What a model and its data leave a reader to know although the model can be fitted: the one home of such checks. Immutable.</summary>
/// <remarks>What cannot be fitted is refused when the model is bound. A warning says that answers may not mean what they seem to; a note, that a
/// model is less usual than its author may believe. Each check is a file beside this one.</remarks>
internal sealed class ModelChecks
{
    private ModelChecks(ModelSpec spec, CellMoments total, BoundModel model)
    {
        Warnings = [.. DependentColumns.Check(spec, total), .. DistantOrigins.Check(spec, total), .. PriorConflicts.Check(model)];
        Notes = [.. MissingIntercept.Check(spec, total)];
    }

    public ImmutableArray<FitWarning> Warnings { get; }

    public ImmutableArray<FitWarning> Notes { get; }

    /// <summary>Checks a bound model. O(p^3), and one fit without groups.</summary>
    public static ModelChecks Of(BoundModel model) => new(model.Spec, TotalOf(model), model);

    /// <summary>Both as lines of text, each with a line feed before it.</summary>
    public override string ToString() =>
        string.Concat([.. Warnings.Select(warning => $"\nWarning: {warning}"), .. Notes.Select(note => $"\nNote: {note}")]);

    /// <summary>Moments of the columns over all rows, each row counting once, as one cell.</summary>
    private static CellMoments TotalOf(BoundModel model) => model switch
    {
        NormalBoundModel normal => normal.Unweighted ?? normal.Cells.Total(),
        CellBoundModel cells => CellsBinding.Total(cells.Cells),
        _ => throw new NotSupportedException(),
    };
}
