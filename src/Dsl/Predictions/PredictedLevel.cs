namespace TypedPooling.Predictions;

/// <summary>The group a row is predicted for.</summary>
/// <param name="Kind">What the row is to the factor.</param>
/// <param name="Level">Number of a known level; -1 otherwise.</param>
/// <param name="Text">The key as text; empty for the average.</param>
internal readonly record struct PredictedLevel(LevelKind Kind, int Level, string Text)
{
    public string Describe(string factor) => Kind switch
    {
        LevelKind.Known => $"{factor} {Text}",
        LevelKind.New => $"{factor} {Text} (new)",
        _ => $"{factor} (average)",
    };
}
