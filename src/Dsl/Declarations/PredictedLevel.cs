using TypedPooling.Keys;

namespace TypedPooling.Declarations;

/// <summary>The group a row is predicted for.</summary>
/// <param name="Kind">What the row is to the factor.</param>
/// <param name="Level">Number of a known level; -1 otherwise.</param>
/// <param name="Text">The key as text; empty for the average, for all, and where rows' own keys
/// count.</param>
internal readonly record struct PredictedLevel(LevelKind Kind, int Level, string Text)
{
    public string Describe(string factor) => Kind switch
    {
        LevelKind.Known => KeyText.Printed($"{factor} {Text}"),
        LevelKind.New => KeyText.Printed($"{factor} {Text} (new)"),
        LevelKind.Renewed => $"{factor} (new levels)",
        LevelKind.Any => $"{factor} (all)",
        _ => $"{factor} (average)",
    };
}
