namespace TypedPooling.Samples.Cafe;

/// <summary>One visit to a café: which one, whether it was in the afternoon, and how many minutes the coffee took.</summary>
public sealed record Visit(string Cafe, bool Afternoon, double Wait);
