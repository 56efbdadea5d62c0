namespace TypedPooling.Samples.ScoringService;

/// <summary>What is known of a visit that is to come.</summary>
/// <param name="Cafe">The café, as in the request.</param>
/// <param name="IsKnown">Whether the data have visits to it.</param>
/// <param name="Mean">The mean wait at such visits.</param>
/// <param name="Next">The wait at the next one.</param>
public sealed record Score(string Cafe, bool IsKnown, QuantitySummary Mean, QuantitySummary Next);
