namespace TypedPooling.Samples.ScoringService;

/// <summary>The answer of GET /refits/{id}.</summary>
/// <param name="Id">Number of the refit.</param>
/// <param name="State">How far it is.</param>
/// <param name="Rows">Number of rows that it adds.</param>
/// <param name="Completed">Steps done so far; what a step is depends on the engine.</param>
/// <param name="Total">Steps that there will be, as far as is known; 0 before the first one.</param>
/// <param name="Version">Version of the fit that it made; null before that.</param>
/// <param name="Problem">Why it failed; null where it did not, or where only the log says why.</param>
public sealed record RefitResponse(int Id, RefitState State, int Rows, long Completed, long Total, int? Version, ModelException? Problem);
