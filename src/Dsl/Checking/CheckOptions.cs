namespace TypedPooling;

/// <summary>How a posterior predictive check is made. Immutable.</summary>
/// <remarks>Thread-safe: it is immutable.</remarks>
public sealed record CheckOptions
{
    /// <summary>All defaults.</summary>
    public static CheckOptions Default { get; } = new();

    /// <summary>How many draws of the fit are replicated, at equal distances; null for 1,000, or all where the fit has fewer.</summary>
    public int? Draws { get; init; }

    /// <summary>Probability of the intervals, strictly between 0 and 1; null for that of the fit.</summary>
    public double? Probability { get; init; }

    /// <summary>Whether responses are replicated for the groups of the data or for new ones of the same sizes.</summary>
    public ReplicatedGroups Groups { get; init; } = ReplicatedGroups.Known;

    /// <summary>Told of the number of draws replicated so far; null where nobody listens.</summary>
    public IProgress<int>? Progress { get; init; }

    /// <summary>Stops the check; looked at for every draw, and for every 4,096 rows of a block of draws.</summary>
    public CancellationToken Cancellation { get; init; }
}
