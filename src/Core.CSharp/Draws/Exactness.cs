namespace TypedPooling.Draws;

/// <summary>What the draws of an engine are draws of.</summary>
public enum Exactness
{
    /// <summary>The posterior itself; only Monte-Carlo error remains.</summary>
    Exact,

    /// <summary>An approximation of the posterior.</summary>
    Approximate,

    /// <summary>The curvature around a point estimate.</summary>
    Point,
}
