using TypedPooling.Engines;

namespace TypedPooling.Samples.ScoringService;

/// <summary>Where the service keeps its files, and how it fits.</summary>
public sealed record ScorerSettings
{
    /// <summary>Folder of the saved data and fit; it is created where there is none.</summary>
    public string Folder { get; init; } = Path.Combine(AppContext.BaseDirectory, "state");

    /// <summary>The rows of the first fit, where nothing is saved yet: columns cafe, afternoon, wait.</summary>
    public string FirstRows { get; init; } = Path.Combine(AppContext.BaseDirectory, "cafe.csv");

    /// <summary>Draws that the scorer keeps of a fit: a score costs as much as it has draws.</summary>
    public int ScorerDraws { get; init; } = 1000;

    /// <summary>The engine; null for the best exact one.</summary>
    public INormalEngine? Engine { get; init; }

    /// <summary>Options of each fit.</summary>
    public RunOptions Options { get; init; } = RunOptions.Default;
}
