namespace TypedPooling.Samples.ScoringService;

/// <summary>The answer of GET /cafes/{cafe}: the mean wait in the morning, and how many minutes longer it is in the afternoon.</summary>
public sealed record CafeResponse(int Version, string Cafe, QuantitySummary Morning, QuantitySummary AfternoonLonger);
