namespace TypedPooling;

/// <summary>The side to which a column of a table is set.</summary>
public enum ColumnAlignment
{
    /// <summary>To the left, as text.</summary>
    Left,

    /// <summary>To the right, as numbers with the same decimals.</summary>
    Right,
}
