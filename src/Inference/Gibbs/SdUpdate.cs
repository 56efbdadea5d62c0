namespace TypedPooling.Inference.Gibbs;

/// <summary>How a standard deviation is drawn given the squares it is the scale of.</summary>
internal enum SdUpdate
{
    /// <summary>Not drawn: its value is known.</summary>
    Fixed,

    /// <summary>Inverse gamma on the variance: conjugate.</summary>
    InverseGamma,

    /// <summary>Flat on the sd: an inverse gamma variance with half a degree of freedom less.</summary>
    Flat,

    /// <summary>A slice step on its unconstrained coordinate.</summary>
    Slice,
}
