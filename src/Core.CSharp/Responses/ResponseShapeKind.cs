namespace TypedPooling.Responses;

/// <summary>What the second positive parameter of a family is.</summary>
internal enum ResponseShapeKind
{
    /// <summary>A shape: the response varies less the greater it is.</summary>
    Shape,

    /// <summary>Degrees of freedom: the tails are lighter the greater they are.</summary>
    DegreesOfFreedom,

    /// <summary>A precision: the response varies less the greater it is.</summary>
    Precision,
}
