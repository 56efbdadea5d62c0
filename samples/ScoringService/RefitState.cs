namespace TypedPooling.Samples.ScoringService;

/// <summary>How far a refit is.</summary>
public enum RefitState
{
    /// <summary>The model is being fitted; scores are those of the last fit.</summary>
    Running,

    /// <summary>The new fit is saved and scores.</summary>
    Done,

    /// <summary>It was cancelled. Its rows are not in the data.</summary>
    Cancelled,

    /// <summary>The model could not be fitted, or the fit not be saved. Its rows are not in the data.</summary>
    Failed,
}
