namespace TypedPooling.Predictions;

/// <summary>What the verbs of prediction mean for a response.</summary>
/// <param name="Link">The linear predictor.</param>
/// <param name="Mean">The expected response in a group.</param>
/// <param name="MeanOverGroups">The expected response over the distribution of groups.</param>
/// <param name="New">A new observation.</param>
internal sealed record PredictedOutcomes(PredictedOutcome Link, PredictedOutcome Mean, PredictedOutcome MeanOverGroups, PredictedOutcome New)
{
    /// <summary>Of a Normal response.</summary>
    public static PredictedOutcomes OfNormal { get; } =
        new(PredictedOutcome.NormalLink, PredictedOutcome.Mean, PredictedOutcome.NormalMeanOverGroups, PredictedOutcome.New);

    /// <summary>Of a LogNormal response.</summary>
    public static PredictedOutcomes OfLogNormal { get; } =
        new(PredictedOutcome.NormalLink, PredictedOutcome.LogNormalMean, PredictedOutcome.LogNormalMeanOverGroups, PredictedOutcome.LogNormalNew);

    /// <summary>Of a response that is fitted from cells.</summary>
    public static PredictedOutcomes OfCells { get; } =
        new(PredictedOutcome.Link, PredictedOutcome.CellMean, PredictedOutcome.CellMeanOverGroups, PredictedOutcome.CellNew);
}
