namespace TypedPooling;

/// <summary>What a Stan program samples for the varying effects. The posterior is the same.</summary>
public enum StanEffects
{
    /// <summary>Standard normal numbers, from which the effects are computed: mixes well where the data say little about each level.</summary>
    NonCentred,

    /// <summary>The effects themselves: mixes well where the data say much about each level.</summary>
    Centred,
}
