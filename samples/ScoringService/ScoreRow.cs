namespace TypedPooling.Samples.ScoringService;

/// <summary>A visit that is to come.</summary>
public sealed record ScoreRow(string Cafe, bool Afternoon);
