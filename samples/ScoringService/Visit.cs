namespace TypedPooling.Samples.ScoringService;

/// <summary>A visit to a café: when, and how many minutes one waited for the coffee.</summary>
public sealed record Visit(string Cafe, bool Afternoon, double Wait);
