namespace TypedPooling.Engines;

/// <summary>How an engine draws what it cannot integrate in closed form.</summary>
public enum SamplingMethod
{
    /// <summary>Independent draws by importance sampling where its checks pass, Markov chains otherwise; the posterior says which, and why.</summary>
    Automatic,

    /// <summary>Independent draws by importance sampling; a run that fails a check throws with the reason.</summary>
    Importance,

    /// <summary>Markov chains by NUTS.</summary>
    Nuts,
}
