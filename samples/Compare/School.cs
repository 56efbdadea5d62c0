namespace TypedPooling.Samples.Compare;

/// <summary>The trial of a coaching course in one school.</summary>
/// <param name="Name">The school, A to H.</param>
/// <param name="Effect">Estimated effect of the course, in points of the test.</param>
/// <param name="Se">Its standard error, taken as known.</param>
public sealed record School(string Name, double Effect, double Se);
