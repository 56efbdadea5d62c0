namespace TypedPooling.Samples.ScoringService;

/// <summary>The body of POST /score.</summary>
public sealed record ScoreRequest(IReadOnlyList<ScoreRow> Rows, NewCafes NewCafes = NewCafes.Predict, double? Probability = null);
