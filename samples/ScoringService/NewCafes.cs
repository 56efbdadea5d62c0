namespace TypedPooling.Samples.ScoringService;

/// <summary>What to do with a café that the data do not have.</summary>
public enum NewCafes
{
    /// <summary>It is a new café: its prediction is as uncertain as cafés differ.</summary>
    Predict,

    /// <summary>The request is refused.</summary>
    Refuse,
}
