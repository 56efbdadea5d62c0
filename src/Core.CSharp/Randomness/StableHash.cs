namespace TypedPooling.Randomness;

/// <summary>A 64-bit hash of text that never changes: FNV-1a over the UTF-16 code units, low byte first, then the finaliser of SplitMix64.</summary>
/// <remarks>Keys the random streams of levels, so that a level's draws do not depend on the order of the levels. Sources: [FNV],
/// [Steele2014].</remarks>
internal static class StableHash
{
    private const ulong OffsetBasis = 0xCBF29CE484222325;
    private const ulong Prime = 0x00000100000001B3;

    /// <summary>Hashes a text.</summary>
    /// <param name="text">Any text, the empty one included.</param>
    /// <returns>The 64-bit hash.</returns>
    public static ulong Of(ReadOnlySpan<char> text)
    {
        var hash = OffsetBasis;
        foreach (var unit in text)
        {
            hash = (hash ^ (byte)unit) * Prime;
            hash = (hash ^ (byte)(unit >> 8)) * Prime;
        }

        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
