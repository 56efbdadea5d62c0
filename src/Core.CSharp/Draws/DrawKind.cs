namespace TypedPooling.Draws;

/// <summary>How the draws of a posterior depend on each other.</summary>
public enum DrawKind
{
    /// <summary>Each chain is a Markov chain: draws of one chain are autocorrelated, chains are compared by R-hat.</summary>
    MarkovChains,

    /// <summary>All draws are independent; R-hat has no meaning.</summary>
    Independent,
}
