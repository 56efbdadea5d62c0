namespace TypedPooling;

/// <summary>How rows became <see cref="ModelData{TRow}"/>.</summary>
public enum DataOrigin
{
    /// <summary>Rows were read, by <c>model.Read</c> or from a file of such data.</summary>
    Rows,

    /// <summary>Queries summed or grouped them, by <c>model.Query</c>.</summary>
    Queries,

    /// <summary>Some were read and some were summed by queries: the data were merged.</summary>
    RowsAndQueries,
}
