using TypedPooling.Binding;

namespace TypedPooling.Predictions;

/// <summary>What is predicted of a row: a function of its linear predictor and its residual sd s.</summary>
/// <param name="Name">What it is, as quantities are named: <c>mean</c>, <c>new</c>, <c>median</c>.</param>
/// <param name="Purpose">What is read of rows for it.</param>
internal sealed record PredictedOutcome(string Name, RowPurpose Purpose)
{
    /// <summary>eta.</summary>
    public static PredictedOutcome Mean { get; } = new("mean", RowPurpose.Predictor);

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

    /// <summary>exp(eta + s z).</summary>
    public static PredictedOutcome LogNormalNew { get; } = New with { IsExponential = true };

    /// <summary>True for a new observation: s z is added, z standard normal.</summary>
    public bool IsNew { get; private init; }

    /// <summary>True where s^2 / 2 is added, which makes the median of a LogNormal response its mean.</summary>
    public bool AddsHalfVariance { get; private init; }

    /// <summary>True for a positive response: the exponential is taken.</summary>
    public bool IsExponential { get; private init; }

    /// <summary>True where the log of the response is predicted.</summary>
    public bool IsOfLog { get; private init; }
}
