namespace TypedPooling;

/// <summary>A coefficient that all levels share.</summary>
/// <param name="Term">Name of the term.</param>
/// <param name="Estimate">The estimate; null where the rows do not determine it beside the levels' own coefficients.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public sealed record SharedCoefficient(string Term, LeastSquaresEstimate? Estimate);
