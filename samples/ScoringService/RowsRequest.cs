namespace TypedPooling.Samples.ScoringService;

/// <summary>The body of POST /rows.</summary>
public sealed record RowsRequest(IReadOnlyList<Visit> Rows);
