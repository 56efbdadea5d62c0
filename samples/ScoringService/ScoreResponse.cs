namespace TypedPooling.Samples.ScoringService;

/// <summary>The answer of POST /score: all scores are of one version of the fit.</summary>
public sealed record ScoreResponse(int Version, IReadOnlyList<Score> Scores);
