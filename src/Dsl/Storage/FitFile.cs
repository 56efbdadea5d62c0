using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Files;
using TypedPooling.Standardizing;

namespace TypedPooling.Storage;

/// <summary>A fit in a file: its data, the terms and priors of its model, and its posterior. See <c>docs/files.md</c>.</summary>
internal static class FitFile
{
    private const string TermsPart = "terms";
    private const string PosteriorPart = "posterior";
    private const string Remedy = "Load it with the model that was fitted. Priors that were left to defaults depend on the data and on the version; "
        + "name those that differ.";

    /// <summary>Writes a fit.</summary>
    /// <exception cref="ModelException">NotStorable.</exception>
    public static void Write<TRow>(FileWriter writer, Fit<TRow> fit)
    {
        DataFile.Write(writer, fit.Rows.Plan, fit.Rows.Data);
        writer.Section(TermsPart, part =>
        {
            part.Flag(fit is ILikelihoodFit);
            FittedSpec.SignatureOf(fit.Bound.Spec).Write(part);
        });
        writer.Section(PosteriorPart, part =>
        {
            part.Text(fit.EngineChoice);
            PosteriorFile.Write(part, fit.Bound, OfEngine(fit.Posterior));
        });
    }

    /// <summary>Reads a fit.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="plan">How the model reads rows.</param>
    /// <param name="layout">How rows are read for a fit of some data.</param>
    /// <param name="bind">Binds data, with priors or for the likelihood alone.</param>
    /// <param name="makerOf">Makes fits of the model's type, by likelihood or not.</param>
    /// <exception cref="ModelException">FileDamaged or FileOfAnotherModel.</exception>
    public static Fit<TRow> Read<TRow>(
        FileReader reader,
        ReadingPlan<TRow> plan,
        Func<CollapsedRows, RowLayout<TRow>> layout,
        Func<CollapsedRows, bool, BoundModel> bind,
        Func<bool, Func<FitParts<TRow>, Fit<TRow>>> makerOf)
    {
        var data = DataFile.Read(reader, plan);
        FileDamage.Unless(data.IsClosed, "the data of a fit have open blocks");
        var (isLikelihood, bound) = reader.Section(TermsPart, part =>
        {
            var isLikelihood = part.Flag();
            var bound = bind(data, !isLikelihood);
            FittedSpec.SignatureOf(bound.Spec).Check(part, Remedy);
            return (isLikelihood, bound);
        });
        return reader.Section(PosteriorPart, part =>
        {
            var choice = part.Text();
            var posterior = PosteriorFile.Read(part, bound);
            FileDamage.Unless(isLikelihood == posterior.Point is not null, "an estimate has no likelihood, or draws have one");
            var make = makerOf(isLikelihood);
            return make(new(bound, layout(data), Restored(bound, posterior), choice, make));
        });
    }

    /// <summary>The fit with some of its draws, the same share of every chain.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="draws">How many, over all chains.</param>
    public static Fit<TRow> Thin<TRow>(Fit<TRow> fit, int draws)
    {
        var posterior = OfEngine(fit.Posterior);
        var model = PosteriorFile.With(fit.Bound, posterior.Spec);
        return fit.Again(new(fit.Bound, fit.Rows, Restored(fit.Bound, ThinnedDraws.Of(posterior, model, draws)), fit.EngineChoice, fit.Again));
    }

    /// <summary>The posterior of a fit with some of its draws, as one chain, on the scale of the rows.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="draws">Places of the draws, over all chains.</param>
    public static Posterior Only<TRow>(Fit<TRow> fit, int[] draws)
    {
        var posterior = OfEngine(fit.Posterior);
        return Restored(fit.Bound, ThinnedDraws.Of(posterior, PosteriorFile.With(fit.Bound, posterior.Spec), draws));
    }

    private static Posterior Restored(BoundModel bound, Posterior posterior) =>
        OriginalScale.Restore(bound, posterior) with { Probability = posterior.Probability };

    private static Posterior OfEngine(Posterior posterior) =>
        posterior.Standardized is { } own ? own with { Probability = posterior.Probability, Notes = posterior.Notes } : posterior;
}
