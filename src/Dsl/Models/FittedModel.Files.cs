using TypedPooling.Binding;
using TypedPooling.Files;

namespace TypedPooling;

/// <content>Data from files.</content>
public abstract partial class FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
{
    /// <summary>Reads data that <see cref="ModelData{TRow}.Save(string)"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The data that were saved, bit by bit: to fit, to add rows to, and to merge. Rows that are added give the bits that they would have
    /// given there.</returns>
    /// <exception cref="ModelException">FileOfAnotherModel: the response, a column, a key or the rule for missing values differs; the message says
    /// which and how. FileDamaged: the file is truncated, altered or none of this library.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
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
}
