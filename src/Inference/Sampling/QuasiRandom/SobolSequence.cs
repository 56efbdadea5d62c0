using System.Numerics;

namespace TypedPooling.Inference.Sampling.QuasiRandom;

/// <summary>The Sobol sequence with the direction numbers of Joe and Kuo: of its first 2^m points every coordinate, and every good pair of
/// coordinates, has one in each equal part. Not random; see <see cref="ScrambledSobol"/>.</summary>
/// <remarks>Points are in the order of their number, which for every 2^m points from the first is a permutation of the Gray-code order of the
/// authors' program. Source: [JoeKuo2008].</remarks>
internal static class SobolSequence
{
    private const int Bits = 32;

    // Degree s, middle coefficients a and first numbers m of the coordinates from the second on: rows 2 to 21 of the authors' table new-joe-kuo-6.
    private static readonly (int S, uint A, uint[] M)[] Table =
    [
        (1, 0, [1]),
        (2, 1, [1, 3]),
        (3, 1, [1, 3, 1]),
        (3, 2, [1, 1, 1]),
        (4, 1, [1, 1, 3, 3]),
        (4, 4, [1, 3, 5, 13]),
        (5, 2, [1, 1, 5, 5, 17]),
        (5, 4, [1, 1, 5, 5, 5]),
        (5, 7, [1, 1, 7, 11, 19]),
        (5, 11, [1, 1, 5, 1, 1]),
        (5, 13, [1, 1, 1, 3, 11]),
        (5, 14, [1, 3, 5, 5, 31]),
        (6, 1, [1, 3, 3, 9, 7, 49]),
        (6, 13, [1, 1, 1, 15, 21, 21]),
        (6, 16, [1, 3, 1, 13, 27, 49]),
        (6, 19, [1, 1, 1, 15, 7, 5]),
        (6, 22, [1, 3, 1, 15, 13, 25]),
        (6, 25, [1, 1, 5, 5, 19, 61]),
        (7, 1, [1, 3, 7, 11, 23, 15, 103]),
        (7, 4, [1, 3, 7, 13, 13, 15, 69]),
    ];

    private static readonly uint[][] Directions = [FirstDirections(), .. Table.Select(DirectionsOf)];

    // Numbers n - 1 and n differ in the lowest bits up to the first one of n: what changes from a point to the next, by that bit.
    private static readonly uint[][] Steps = [.. Directions.Select(Cumulated)];

    /// <summary>The most coordinates a point may have.</summary>
    public static int MaximumDimension => Table.Length + 1;

    /// <summary>One coordinate of one point.</summary>
    /// <param name="number">Number of the point, from 0.</param>
    /// <param name="coordinate">Index of the coordinate, from 0.</param>
    /// <returns>The coordinate times 2^32.</returns>
    public static uint Point(uint number, int coordinate)
    {
        var directions = Directions[coordinate];
        var point = 0U;
        for (; number != 0; number &= number - 1)
            point ^= directions[BitOperations.TrailingZeroCount(number)];
        return point;
    }

    /// <summary>By the number of trailing zeros of a point's number: what to combine with the point before it, by exclusive or. Length 32.</summary>
    public static ReadOnlySpan<uint> StepsOf(int coordinate) => Steps[coordinate];

    private static uint[] Cumulated(uint[] directions)
    {
        var steps = (uint[])directions.Clone();
        for (var i = 1; i < Bits; i++)
            steps[i] ^= steps[i - 1];
        return steps;
    }

    // The binary digits of the number, mirrored.
    private static uint[] FirstDirections() => [.. Enumerable.Range(0, Bits).Select(bit => 1U << (Bits - 1 - bit))];

    // v_i = a_1 v_(i-1) + ... + a_(s-1) v_(i-s+1) + v_(i-s) + v_(i-s) / 2^s, sums by exclusive or.
    private static uint[] DirectionsOf((int S, uint A, uint[] M) row)
    {
        var v = new uint[Bits];
        for (var i = 0; i < Bits; i++)
        {
            if (i < row.S)
            {
                v[i] = row.M[i] << (Bits - 1 - i);
                continue;
            }

            v[i] = v[i - row.S] ^ (v[i - row.S] >> row.S);
            for (var k = 1; k < row.S; k++)
            {
                if (((row.A >> (row.S - 1 - k)) & 1) == 1)
                    v[i] ^= v[i - k];
            }
        }

        return v;
    }
}
