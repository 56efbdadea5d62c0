using System.ComponentModel;

namespace TypedPooling;

/// <summary>The old type of what <c>Sums(rows)</c> returned: <see cref="ModelData{TRow}"/>, into which it turns by itself.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: it is immutable, and any number of threads may use it at once.</remarks>
[Obsolete("Use ModelData<TRow>, which Read(rows) returns for every family. The next version removes NormalSums.")]
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class NormalSums<TRow>
{
    private readonly ModelData<TRow> data;

    internal NormalSums(ModelData<TRow> data) => this.data = data;

    /// <inheritdoc cref="ModelData{TRow}.RowCount"/>
    public long RowCount => data.RowCount;

    /// <inheritdoc cref="ModelData{TRow}.DroppedRowCount"/>
    public long DroppedRowCount => data.DroppedRowCount;

    /// <inheritdoc cref="ModelData{TRow}.CellCount"/>
    public int CellCount => data.CellCount;

    /// <summary>The data themselves.</summary>
    /// <param name="old">What <c>Sums(rows)</c> returned.</param>
    /// <returns>What <c>Read(rows)</c> returns.</returns>
    public static implicit operator ModelData<TRow>(NormalSums<TRow> old) => old?.data!;

    /// <inheritdoc cref="ModelData{TRow}.Add"/>
    public NormalSums<TRow> Add(IEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        new(data.Add(rows, progress, cancellation));

    /// <inheritdoc cref="ModelData{TRow}.Merge"/>
    public NormalSums<TRow> Merge(NormalSums<TRow> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new(data.Merge(other.data));
    }
}
