namespace TypedPooling.Model;

/// <summary>A numeric column of the data.</summary>
/// <param name="Name">The name the column's terms take, for example <c>Afternoon</c>.</param>
/// <param name="Formula">The column as an expression over the row, for printing, for example <c>(Year - 1952) / 5</c>.</param>
public sealed record ColumnSpec(string Name, string Formula)
{
    /// <summary>Index of the grouping factor in whose groups the column must be constant (a group-level predictor); null for other columns.</summary>
    public int? ConstantWithin { get; init; }

    /// <summary>Name of the categorical predictor that the column is an indicator of; null for other columns.</summary>
    /// <remarks>Before data are bound one column with a category and no <see cref="CategoryLevel"/> stands for all its levels.</remarks>
    public string? Category { get; init; }

    /// <summary>The reference level of the categorical predictor, the one that has no column; null for other columns and before data are
    /// bound.</summary>
    public string? ReferenceLevel { get; init; }

    /// <summary>The level whose indicator the column is, as text; null where the column is not one of a categorical predictor's.</summary>
    public string? CategoryLevel { get; init; }
}
