namespace TypedPooling.Inference.InferNet;

/// <summary>What is known of the precision of a block of varying effects.</summary>
internal enum PrecisionKind
{
    /// <summary>Scalar effects of a known sd.</summary>
    Known,

    /// <summary>Scalar effects whose precision has a Gamma prior.</summary>
    Gamma,

    /// <summary>Effects of several terms whose precision matrix has a Wishart prior.</summary>
    Wishart,
}
