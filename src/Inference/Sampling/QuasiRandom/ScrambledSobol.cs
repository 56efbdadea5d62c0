using System.Numerics;
using System.Runtime.CompilerServices;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Sampling.QuasiRandom;

/// <summary>Independent replicates of the first 2^m points of the Sobol sequence, each under nested uniform scrambling of its own: every point is
/// uniform on the unit cube, and the points of a replicate fill it evenly. Immutable.</summary>
/// <remarks>
/// <para>
/// Scrambling flips the k-th binary digit of a coordinate or not, by a random bit that belongs to the digits before it. The first m digits, in which
/// any two of the 2^m points differ in every coordinate, are scrambled by a table; the 32 digits beyond are then independent and uniform, and are
/// drawn as such; a point stands in the middle of what is left. So the scrambling is exact: a mean of any function over a replicate is unbiased, and
/// means over replicates are independent and of one distribution, which is what errors from the variance between replicates rest on. Source:
/// [Owen1995].
/// </para>
/// <para>The tables depend on seed and stream; they take 4 bytes a point and coordinate.</para>
/// </remarks>
internal sealed class ScrambledSobol
{
    // Random binary digits beyond the table.
    private const int Beyond = 32;

    /// <summary>The most digits of a table: with those beyond it and the middle of what is left a double holds them all.</summary>
    public const int MaximumLevels = 52 - Beyond;

    private readonly int levels;
    private readonly uint[] tables;          // scrambled first digits by first digits, coordinate after coordinate, replicate after replicate

    /// <summary>Makes the scramblings.</summary>
    /// <param name="dimension">Coordinates of a point, at most <see cref="SobolSequence.MaximumDimension"/>.</param>
    /// <param name="levels">m: each replicate has 2^m points, m from 1 to <see cref="MaximumLevels"/>.</param>
    /// <param name="replicates">Number of replicates.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="firstStream">Stream of the first replicate's random bits; one a replicate.</param>
    public ScrambledSobol(int dimension, int levels, int replicates, ulong seed, ulong firstStream)
    {
        (Dimension, this.levels) = (dimension, levels);
        var size = 1 << levels;
        tables = new uint[checked(replicates * dimension * size)];
        for (var replicate = 0; replicate < replicates; replicate++)
        {
            var random = new PhiloxStream(seed, firstStream + (ulong)replicate);
            for (var coordinate = 0; coordinate < dimension; coordinate++)
                Scramble(tables.AsSpan((replicate * dimension + coordinate) * size, size), levels, random);
        }
    }

    /// <summary>Coordinates of a point.</summary>
    public int Dimension { get; }

    /// <summary>Points of a replicate that follow each other.</summary>
    /// <param name="replicate">Number of the replicate, from 0.</param>
    /// <param name="first">Number of the first point.</param>
    /// <param name="random">The digits beyond the first m: a stream that no other points use.</param>
    /// <param name="uniforms">Overwritten, point after point: each strictly between 0 and 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(int replicate, int first, PhiloxStream random, Span<double> uniforms)
    {
        var size = 1 << levels;
        var drop = 32 - levels;
        var scale = Math.ScaleB(1, -levels - Beyond);
        var (bits, isHalf) = (0UL, false);
        for (var coordinate = 0; coordinate < Dimension; coordinate++)
        {
            var table = tables.AsSpan((replicate * Dimension + coordinate) * size, size);
            var steps = SobolSequence.StepsOf(coordinate);
            var number = (uint)first;
            var point = SobolSequence.Point(number, coordinate);
            for (var at = coordinate; at < uniforms.Length; at += Dimension)
            {
                bits = isHalf ? bits >> Beyond : random.NextUInt64();
                isHalf = !isHalf;
                var digits = ((ulong)table[(int)(point >> drop)] << Beyond) | (uint)bits;
                uniforms[at] = (digits + 0.5) * scale;
                point ^= steps[BitOperations.TrailingZeroCount(++number)];
            }
        }
    }

    // Level by level: the children 2p and 2p + 1 of the first digits p stay in order or change places, by one random bit.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scramble(Span<uint> table, int levels, PhiloxStream random)
    {
        var (bits, left) = (0UL, 0);
        table[0] = 0;
        for (var level = 0; level < levels; level++)
        {
            for (var parent = (1 << level) - 1; parent >= 0; parent--)
            {
                if (left == 0)
                    (bits, left) = (random.NextUInt64(), 64);
                var flip = (uint)bits & 1;
                (bits, left) = (bits >> 1, left - 1);
                var scrambled = table[parent] << 1;
                table[2 * parent + 1] = scrambled | (flip ^ 1);
                table[2 * parent] = scrambled | flip;
            }
        }
    }
}
