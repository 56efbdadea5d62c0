namespace TypedPooling.Declarations;

/// <summary>What a column says about how much a row counts. A model has at most one such column; how many rows a row
/// stands for is said by another, its count.</summary>
internal enum RowWeight
{
    /// <summary>Rows count alike.</summary>
    None,

    /// <summary>The sd of the row's error, in place of sigma.</summary>
    KnownSd,

    /// <summary>A weight w: the row's residual sd is sigma / sqrt(w).</summary>
    Precision,

    /// <summary>The number of trials of a Binomial response.</summary>
    Trials,

    /// <summary>The exposure of a count of events, by which its expectation is multiplied.</summary>
    Exposure,
}
