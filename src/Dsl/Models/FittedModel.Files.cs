using TypedPooling.Binding;
using TypedPooling.Files;
using TypedPooling.Storage;

namespace TypedPooling;

/// <content>Data and fits from files.</content>
public abstract partial class FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
{
    /// <summary>Reads data that <see cref="ModelData{TRow}.Save(string)"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The data that were saved, bit by bit: to fit, to add rows to, and to merge. Rows that are added give the bits that they would have
    /// given there.</returns>
    /// <exception cref="ModelException">FileOfAnotherModel: the response, a column, a key or the rule for missing values differs; the message says
    /// which and how. FileDamaged: the file is truncated, altered or none of this library.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or the path is that of a folder.</exception>
    /// <remarks>O(cells m^2). No length in the file is trusted, and nothing in it is executed.</remarks>
    public ModelData<TRow> LoadData(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(NewWorkspace, Plan, FileEnvelope.Read(path, FileKind.Data, reader => DataFile.Read(reader, Plan)));
    }

    /// <summary>Reads data that <see cref="ModelData{TRow}.Save(Stream)"/> wrote.</summary>
    /// <param name="stream">The stream, which stands where the data begin; left open, and behind them where it can seek.</param>
    /// <returns>The data, as <see cref="LoadData(string)"/> gives them.</returns>
    /// <exception cref="ModelException">FileOfAnotherModel or FileDamaged, as <see cref="LoadData(string)"/>.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public ModelData<TRow> LoadData(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new(NewWorkspace, Plan, FileEnvelope.Read(stream, FileKind.Data, reader => DataFile.Read(reader, Plan)));
    }

    /// <summary>Reads a fit that <see cref="Fit{TRow}.Save(string)"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The fit: everything that a fit can be asked, with the same bits where this version saved it. A later version gives draws of the same
    /// distribution and says so in <see cref="Fit{TRow}.Notes"/>. A fit by maximum likelihood has that type at run time; see
    /// <see cref="LoadLikelihoodFit(string)"/>.</returns>
    /// <exception cref="ModelException">FileOfAnotherModel: the response, a column, a key, a term or a prior differs; the message says which and how.
    /// FileDamaged: the file is truncated, altered or none of this library.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or the path is that of a folder.</exception>
    /// <remarks>Binds the data of the file as a fit does. No length in the file is trusted, and nothing in it is executed.</remarks>
    public TFit LoadFit(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return (TFit)FileEnvelope.Read(path, FileKind.Fit, ReadFit);
    }

    /// <summary>Reads a fit that <see cref="Fit{TRow}.Save(Stream)"/> wrote.</summary>
    /// <param name="stream">The stream, which stands where the fit begins; left open, and behind it where it can seek.</param>
    /// <returns>The fit, as <see cref="LoadFit(string)"/> gives it.</returns>
    /// <exception cref="ModelException">FileOfAnotherModel or FileDamaged, as <see cref="LoadFit(string)"/>.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public TFit LoadFit(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return (TFit)FileEnvelope.Read(stream, FileKind.Fit, ReadFit);
    }

    /// <summary>Reads a fit by maximum likelihood.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The fit, as <see cref="LoadFit(string)"/> gives it, which also has a likelihood.</returns>
    /// <exception cref="ModelException">FileOfAnotherModel or FileDamaged, as <see cref="LoadFit(string)"/>; NotALikelihoodFit: the file holds
    /// draws of a posterior.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or the path is that of a folder.</exception>
    public TLikelihoodFit LoadLikelihoodFit(string path) => Likely(LoadFit(path));

    /// <summary>Reads a fit by maximum likelihood.</summary>
    /// <param name="stream">The stream, which stands where the fit begins; left open, and behind it where it can seek.</param>
    /// <returns>The fit, as <see cref="LoadFit(Stream)"/> gives it, which also has a likelihood.</returns>
    /// <exception cref="ModelException">As <see cref="LoadLikelihoodFit(string)"/>.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public TLikelihoodFit LoadLikelihoodFit(Stream stream) => Likely(LoadFit(stream));

    private static TLikelihoodFit Likely(TFit fit) => (Fit<TRow>)fit is TLikelihoodFit likely
        ? likely
        : throw new ModelException(new Problem(
            ProblemCode.NotALikelihoodFit,
            $"The file holds draws of a posterior by engine {fit.Posterior.Engine}, not a fit by maximum likelihood.",
            "Load it with LoadFit."));

    private Fit<TRow> ReadFit(FileReader reader) =>
        FitFile.Read(reader, Plan, data => new RowLayout<TRow>(Lowered, data), Bind, isLikelihood => MakerOf(isLikelihood));
}
