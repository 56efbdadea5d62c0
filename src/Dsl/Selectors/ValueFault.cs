namespace TypedPooling.Selectors;

/// <summary>What can be wrong with a number read from a row.</summary>
internal enum ValueFault
{
    /// <summary>Nothing: the number is finite.</summary>
    None,

    /// <summary>The column is null in the row.</summary>
    Missing,

    /// <summary>The number is NaN.</summary>
    NotANumber,

    /// <summary>The number is an infinity.</summary>
    Infinite,
}
