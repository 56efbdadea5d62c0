namespace TypedPooling.Draws;

/// <summary>How the draws of m chains fall into 2 m half-chains; the middle draw of a chain of odd length is left out.</summary>
internal readonly struct SplitLayout
{
    private readonly int chainLength;

    public SplitLayout(int drawCount, int chains)
    {
        chainLength = drawCount / chains;
        Length = chainLength / 2;
        Chains = 2 * chains;
    }

    /// <summary>Number of half-chains.</summary>
    public int Chains { get; }

    /// <summary>Number of draws a half-chain.</summary>
    public int Length { get; }

    /// <summary>Number of draws kept.</summary>
    public int Count => Chains * Length;

    /// <summary>Place of a draw after the split, half-chain after half-chain; -1 where it is left out.</summary>
    public int Slot(int draw)
    {
        if (chainLength % 2 == 0)
            return draw;
        var (chain, position) = Math.DivRem(draw, chainLength);
        if (position == Length)
            return -1;
        return draw - chain - (position > Length ? 1 : 0);
    }

    /// <summary>A new array of the draws kept, half-chain after half-chain. Length <see cref="Count"/>.</summary>
    public double[] Copy(ReadOnlySpan<double> draws)
    {
        var kept = new double[Count];
        for (var half = 0; half < Chains; half++)
        {
            var start = half / 2 * chainLength + (half % 2 == 0 ? 0 : chainLength - Length);
            draws.Slice(start, Length).CopyTo(kept.AsSpan(half * Length));
        }

        return kept;
    }
}
