using System.Runtime.CompilerServices;

namespace TypedPooling.Randomness;

/// <summary>Uniform numbers that have an address instead of a history: those of one draw of one group, as many as are needed. Mutable and not
/// thread-safe.</summary>
/// <remarks>The counters are those of <see cref="PhiloxNormals"/>: of one draw and group use either. Source: [Salmon2011].</remarks>
internal struct PhiloxUniforms
{
    private const double TwoToMinus53 = 1.0 / (1L << 53);
    private const ulong AddressedBlock = 1UL << 63;

    private readonly ulong seed;
    private readonly ulong counterLow;
    private readonly ulong counterHigh;
    private uint block;
    private ulong waiting;
    private bool isWaiting;

    /// <summary>Begins the numbers of one draw of one group.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="drawIndex">Number of the draw over all chains, from 0, below 2^32.</param>
    /// <param name="groupHash">Stable hash of the group: all 64 bits count.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of the draw is 2^32 or more.</exception>
    public PhiloxUniforms(ulong seed, ulong drawIndex, ulong groupHash)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(drawIndex, uint.MaxValue);
        this.seed = seed;
        counterLow = drawIndex | (groupHash << 32);
        counterHigh = AddressedBlock | (groupHash >> 32);
    }

    /// <summary>The next number.</summary>
    /// <returns>Uniform, strictly between 0 and 1.</returns>
    /// <remarks>About 10 ns; allocates nothing. There are 2^32 of them.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Next()
    {
        if (isWaiting)
        {
            isWaiting = false;
            return Uniform(waiting);
        }

        (var bits, waiting) = Philox.Block(counterLow, counterHigh | ((ulong)block++ << 32), seed);
        isWaiting = true;
        return Uniform(bits);
    }

    // The middle of one of 2^52 equal parts.
    private static double Uniform(ulong bits) => ((bits >> 12) + 0.5) * (2 * TwoToMinus53);
}
