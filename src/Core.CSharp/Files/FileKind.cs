namespace TypedPooling.Files;

/// <summary>What a file holds. The numbers are part of the format.</summary>
internal enum FileKind
{
    /// <summary>The sums or cells of rows.</summary>
    Data = 1,

    /// <summary>A fit, its data included.</summary>
    Fit = 2,
}
