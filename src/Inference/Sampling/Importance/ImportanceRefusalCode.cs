namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>The reasons for which an importance sample is not used.</summary>
internal enum ImportanceRefusalCode
{
    /// <summary>The density has too many dimensions.</summary>
    Dimension,

    /// <summary>The density may have tails that no proposal covers and no check sees.</summary>
    HeavyTails,

    /// <summary>No start led to a mode with a finite density.</summary>
    NoMode,

    /// <summary>After adaptation the proposals fit so badly that the draws asked for would take more proposals than allowed.</summary>
    Inefficient,

    /// <summary>Pareto k-hat says that the weights' tail is too heavy.</summary>
    ParetoK,

    /// <summary>The weights' effective sample size is below the draws asked for.</summary>
    LowEss,

    /// <summary>Two half-samples do not agree.</summary>
    HalvesDisagree,
}
