using TypedPooling.Randomness;
using Xunit;

namespace TypedPooling.Tests.Core;

public sealed class PhiloxTests
{
    // Reference numbers: the known-answer vectors philox4x32 10 published with Random123 (kat_vectors), [Salmon2011].
    [Theory]
    [InlineData(0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0xe169c58d6627e8d5, 0x9b00dbd8bc57ac4c)]
    [InlineData(0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x41c83b0e408f276d, 0x6d5451fda20bc7c6)]
    [InlineData(0x85a308d3243f6a88, 0x0370734413198a2e, 0x299f31d0a4093822, 0x94fdccebd16cfe09, 0x24126ea15001e420)]
    public void Block_gives_the_published_known_answers(ulong counterLow, ulong counterHigh, ulong key, ulong low, ulong high) =>
        Assert.Equal((low, high), Philox.Block(counterLow, counterHigh, key));

    [Fact]
    public void A_stream_is_the_blocks_of_its_counters_in_order()
    {
        var stream = new PhiloxStream(seed: 42, stream: 7);
        for (ulong block = 0; block < 40; block++)
        {
            var (low, high) = Philox.Block(block, 7, 42);
            Assert.Equal(low, stream.NextUInt64());
            Assert.Equal(high, stream.NextUInt64());
        }
    }

    [Fact]
    public void Streams_and_draws_beyond_their_part_of_the_counter_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PhiloxStream(1, 1UL << 63));
        Assert.Throws<ArgumentOutOfRangeException>(() => PhiloxNormals.Fill(1, 1UL << 32, 1, new double[1]));
    }

    [Fact]
    public void Uniforms_lie_strictly_inside_and_have_their_moments()
    {
        const int n = 1_000_000;
        var stream = new PhiloxStream(1, 0);
        var draws = Enumerable.Range(0, n).Select(_ => stream.NextDouble()).ToArray();
        Assert.All(draws, u => Assert.InRange(u, double.Epsilon, Math.BitDecrement(1)));

        // E u = 1/2, Var u = 1/12; E u^2 = 1/3, Var u^2 = 1/5 - 1/9.
        AssertMean(0.5, 1.0 / 12, draws);
        AssertMean(1.0 / 3, 4.0 / 45, [.. draws.Select(u => u * u)]);
        AssertMean(0.25, 7.0 / 144, [.. draws.Zip(draws.Skip(1), (a, b) => a * b)], correlated: 1.0 / 48);
    }

    [Fact]
    public void Exponentials_have_their_moments()
    {
        var stream = new PhiloxStream(2, 0);
        var draws = Enumerable.Range(0, 1_000_000).Select(_ => stream.NextExponential()).ToArray();

        // E x^k = k!
        AssertMean(1, 1, draws);
        AssertMean(2, 20, [.. draws.Select(x => x * x)]);
    }

    [Fact]
    public void Normals_of_a_stream_have_their_moments_and_probabilities()
    {
        var stream = new PhiloxStream(3, 0);
        AssertNormal([.. Enumerable.Range(0, 4_000_000).Select(_ => stream.NextNormal())]);
    }

    [Fact]
    public void Addressed_normals_have_their_moments_and_probabilities_over_draws_groups_and_coordinates()
    {
        var draws = new double[4_000_000];
        for (var s = 0; s < 2000; s++)
        {
            for (var g = 0; g < 400; g++)
                PhiloxNormals.Fill(4, (ulong)s, 0x9E3779B97F4A7C15 * (ulong)g, draws.AsSpan(((s * 400) + g) * 5, 5));
        }

        AssertNormal(draws);

        // Neighbouring coordinates are the two halves of one transform: they must not be correlated, nor their squares.
        AssertMean(0, 1, [.. draws.Chunk(5).Select(c => c[0] * c[1])]);
        AssertMean(0, 4, [.. draws.Chunk(5).Select(c => ((c[0] * c[0]) - 1) * ((c[1] * c[1]) - 1))]);
        AssertMean(0, 1, [.. draws.Chunk(5).Select(c => c[1] * c[2])]);
    }

    [Fact]
    public void Addressed_normals_are_a_pure_function_of_their_address()
    {
        var reference = Addressed(5, 17, 12345, 6);
        Addressed(6, 18, 999, 3);
        Assert.Equal(reference, Addressed(5, 17, 12345, 6));
        Assert.Equal(reference[..3], Addressed(5, 17, 12345, 3));
        Assert.Empty(Addressed(5, 17, 12345, 0));

        // Every bit of every argument counts: one flipped bit changes all numbers.
        for (var bit = 0; bit < 64; bit++)
        {
            Assert.Empty(reference.Intersect(Addressed(5UL ^ (1UL << bit), 17, 12345, 6)));
            Assert.Empty(reference.Intersect(Addressed(5, 17, 12345UL ^ (1UL << bit), 6)));
            if (bit < 32)
                Assert.Empty(reference.Intersect(Addressed(5, 17UL ^ (1UL << bit), 12345, 6)));
        }

        Assert.Equal(6, reference.Distinct().Count());
    }

    [Fact]
    public void Streams_with_different_numbers_or_seeds_share_no_value()
    {
        var seen = new HashSet<ulong>();
        foreach (var (seed, number) in new (ulong, ulong)[] { (1, 0), (1, 1), (1, 1UL << 40), (2, 0), (1UL << 40, 0) })
        {
            var stream = new PhiloxStream(seed, number);
            for (var i = 0; i < 1000; i++)
                Assert.True(seen.Add(stream.NextUInt64()));
        }
    }

    private static double[] Addressed(ulong seed, ulong draw, ulong group, int length)
    {
        var normals = new double[length];
        PhiloxNormals.Fill(seed, draw, group, normals);
        return normals;
    }

    private static void AssertNormal(double[] draws)
    {
        // E z^2 = 1, E z^4 = 3, E z^6 = 15, E z^8 = 105.
        AssertMean(0, 1, draws);
        AssertMean(1, 2, [.. draws.Select(z => z * z)]);
        AssertMean(0, 15, [.. draws.Select(z => z * z * z)]);
        AssertMean(3, 96, [.. draws.Select(z => z * z * z * z)]);

        // Every part of the ziggurat is met by one of these bounds: centre, wedges, tail beyond 3.654.
        foreach (var bound in new[] { -3.9, -3.66, -2.5, -1, -0.3, -0.05, 0, 0.05, 0.2, 0.7, 1.5, 2, 3, 3.5, 3.66, 4 })
        {
            var probability = MathNet.Numerics.Distributions.Normal.CDF(0, 1, bound);
            AssertMean(probability, probability * (1 - probability), [.. draws.Select(z => z <= bound ? 1.0 : 0.0)]);
        }
    }

    // Five standard errors of a mean of n terms; `correlated` is the covariance of neighbours, where they share a factor.
    private static void AssertMean(double expected, double variance, double[] terms, double correlated = 0) =>
        Assert.Equal(expected, terms.Average(), 5 * Math.Sqrt((variance + (2 * correlated)) / terms.Length));
}
