using TypedPooling.Binding;

namespace TypedPooling.Predictions;

/// <summary>What is predicted of a row: a function of its linear predictor and its residual sd s.</summary>
/// <param name="Name">What it is, as quantities are named: <c>mean</c>, <c>new</c>, <c>median</c>.</param>
/// <param name="Purpose">What is read of rows for it.</param>
internal sealed record PredictedOutcome(string Name, RowPurpose Purpose)
{
    /// <summary>eta.</summary>
    public static PredictedOutcome Mean { get; } = new("mean", RowPurpose.Predictor);

    /// <summary>eta, named as the linear predictor of other responses is.</summary>
    public static PredictedOutcome NormalLink { get; } = new("link", RowPurpose.Predictor);

    /// <summary>eta without effects of groups, which have mean 0.</summary>
    public static PredictedOutcome NormalMeanOverGroups { get; } = new("mean over groups", RowPurpose.Predictor) { IsOverGroups = true };

    /// <summary>eta + s z.</summary>
    public static PredictedOutcome New { get; } = new("new", RowPurpose.Observation) { IsNew = true };

    /// <summary>eta, of a LogNormal model.</summary>
    public static PredictedOutcome MeanLog { get; } = Mean with { IsOfLog = true };

    /// <summary>eta + s z, of a LogNormal model.</summary>
    public static PredictedOutcome NewLog { get; } = New with { IsOfLog = true };

    /// <summary>exp(eta).</summary>
    public static PredictedOutcome LogNormalMedian { get; } = new("median", RowPurpose.Predictor) { IsExponential = true };

    /// <summary>exp(eta + s^2 / 2).</summary>
    public static PredictedOutcome LogNormalMean { get; } = new("mean", RowPurpose.Observation) { IsExponential = true, AddsHalfVariance = true };

    /// <summary>exp(eta + v / 2 + s^2 / 2), v the variance of the effects of groups.</summary>
    public static PredictedOutcome LogNormalMeanOverGroups { get; } = LogNormalMean with { Name = "mean over groups", IsOverGroups = true };

    /// <summary>exp(eta + s z).</summary>
    public static PredictedOutcome LogNormalNew { get; } = New with { IsExponential = true };

    /// <summary>eta, of a response that is not Normal.</summary>
    public static PredictedOutcome Link { get; } = new("link", RowPurpose.Predictor) { Kind = CellOutcome.Link };

    /// <summary>The inverse of the link at eta.</summary>
    public static PredictedOutcome CellMean { get; } = new("mean", RowPurpose.Predictor) { Kind = CellOutcome.Mean };

    /// <summary>The inverse of the link at eta, averaged over the effects of groups.</summary>
    public static PredictedOutcome CellMeanOverGroups { get; } = new(
        "mean over groups", RowPurpose.Predictor)
    { Kind = CellOutcome.MeanOverGroups, IsOverGroups = true };

    /// <summary>A draw of a proportion's successes or of a count.</summary>
    public static PredictedOutcome CellNew { get; } = new("new", RowPurpose.Observation) { Kind = CellOutcome.New };

    /// <summary>What is predicted of a response that is not Normal; none where it is.</summary>
    public CellOutcome Kind { get; private init; }

    /// <summary>True where groups that are not held are averaged over.</summary>
    public bool IsOverGroups { get; private init; }

    /// <summary>True for a new observation: s z is added, z standard normal.</summary>
    public bool IsNew { get; private init; }

    /// <summary>True where s^2 / 2 is added, which makes the median of a LogNormal response its mean.</summary>
    public bool AddsHalfVariance { get; private init; }

    /// <summary>True for a positive response: the exponential is taken.</summary>
    public bool IsExponential { get; private init; }

    /// <summary>True where the log of the response is predicted.</summary>
    public bool IsOfLog { get; private init; }
}
