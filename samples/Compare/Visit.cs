namespace TypedPooling.Samples.Compare;

/// <summary>A visit to a café.</summary>
/// <param name="Cafe">Number of the café.</param>
/// <param name="Afternoon">True in the afternoon.</param>
/// <param name="Wait">Minutes waited.</param>
public sealed record Visit(int Cafe, bool Afternoon, double Wait);
