using TypedPooling.Files;
using TypedPooling.Storage;

namespace TypedPooling;

/// <content>Fits as files.</content>
public abstract partial class Fit<TRow>
{
    // What R-hat and ESS need of a chain.
    private const int FewestDraws = 4;

    /// <summary>Writes the fit to a file, which <c>model.LoadFit</c> of the same model reads, on any machine.</summary>
    /// <param name="path">The file; one that is there is replaced when the new one is complete.</param>
    /// <exception cref="ModelException">NotStorable: keys whose text does not read back, or an engine of another author returned what cannot be made
    /// again.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written, or the path is that of a folder.</exception>
    /// <remarks>
    /// The file holds the sums or cells of the data, the draws of population effects and scales, and the effects of groups where they are not made
    /// again from these: 8 bytes a number, and as much memory. It holds no rows and nothing that can be executed; see <c>docs/files.md</c>. For
    /// predictions elsewhere a few hundred draws do: <c>fit.Thin(200).Save(path)</c>.
    /// </remarks>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileEnvelope.Write(path, FileKind.Fit, ToFile());
    }

    /// <summary>Writes the fit to a stream, as to a file.</summary>
    /// <param name="stream">Where to; left open behind the last byte.</param>
    /// <exception cref="ModelException">NotStorable, as <see cref="Save(string)"/>. Nothing is written.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        FileEnvelope.Write(stream, FileKind.Fit, ToFile());
    }

    /// <summary>The fit with fewer draws, at equal distances in every chain: smaller to save and faster to predict with.</summary>
    /// <param name="draws">How many to keep, over all chains; the same number of each chain, so that a few more than a multiple of the chains are
    /// left out.</param>
    /// <returns>A fit of the same type. Each draw that is kept has the parameters, effects and predictions that it has here.
    /// Errors of means and quantiles are those of so few draws: 200 give a mean to a fourteenth of its sd.</returns>
    /// <exception cref="ModelException">OptionOutOfRange: fewer than 4 draws of each chain, or more than there are.</exception>
    /// <remarks>O(draws), where effects are stored O(draws effects). The weighted proposals behind resampled draws are left out.</remarks>
    public virtual Fit<TRow> Thin(int draws)
    {
        var (least, most) = (FewestDraws * Posterior.ChainCount, Posterior.DrawCount);
        if (draws < least || draws > most)
        {
            throw new ModelException(new Problem(
                ProblemCode.OptionOutOfRange, $"The number of draws to keep is {draws}.", $"Use a number from {least} to {most}.")
            { Term = nameof(draws) });
        }

        return FitFile.Thin(this, draws);
    }

    private FileWriter ToFile()
    {
        var writer = new FileWriter();
        FitFile.Write(writer, this);
        return writer;
    }
}
