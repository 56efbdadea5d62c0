namespace TypedPooling.Predictions;

/// <summary>What is predicted of a response that is not Normal.</summary>
internal enum CellOutcome
{
    /// <summary>The response is Normal.</summary>
    None,

    /// <summary>The linear predictor.</summary>
    Link,

    /// <summary>The probability or rate in a group.</summary>
    Mean,

    /// <summary>The probability or rate over all groups.</summary>
    MeanOverGroups,

    /// <summary>A new observation.</summary>
    New,
}
