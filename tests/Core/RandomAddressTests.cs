using System.Text.RegularExpressions;
using TypedPooling.Randomness;
using TypedPooling.Tests.Conventions;
using Xunit;

namespace TypedPooling.Tests.Core;

public sealed class RandomAddressTests
{
    private const ulong Seed = 20260801;

    // Purposes that share streams are one case: chains, approximations and replicates of a bootstrap, of which a run has one.
    private static readonly (string Purpose, Func<PhiloxStream> Stream)[] Streams =
    [
        ("chain 0", () => RandomAddresses.Chain(Seed, 0)),
        ("replicate 10,000,000", () => RandomAddresses.BootstrapReplicate(Seed, 10_000_000)),
        ("starts", () => RandomAddresses.Starts(Seed)),
        ("probes under the same seed", () => new PhiloxStream(Seed, (1UL << 40) + 1)),
        ("folds", () => RandomAddresses.Folds(Seed)),
        ("subsample", () => RandomAddresses.Subsample(Seed)),
        ("resampling", () => RandomAddresses.Resampling(Seed)),
        ("first block", () => RandomAddresses.ProposalBlock(Seed, 0, 0)),
        ("last block of a round", () => RandomAddresses.ProposalBlock(Seed, 0, int.MaxValue)),
        ("first scrambling", () => new PhiloxStream(Seed, RandomAddresses.FirstScrambling(0))),
        ("last scrambling of a round", () => new PhiloxStream(Seed, RandomAddresses.FirstScrambling(0) + int.MaxValue)),
        ("first block of the next round", () => RandomAddresses.ProposalBlock(Seed, 1, 0)),
        ("last scrambling of the last round", () => new PhiloxStream(Seed, RandomAddresses.FirstScrambling(511) + int.MaxValue)),
        ("prior draw 0", () => RandomAddresses.PriorDraw(Seed, 0)),
        ("prior draw 10,000,000", () => RandomAddresses.PriorDraw(Seed, 10_000_000)),
        ("new observation", () => RandomAddresses.NewObservation(Seed, RandomAddresses.Noise("0A", "1"), 0)),
    ];

    private static readonly (string Purpose, ulong Hash)[] Hashes =
    [
        ("population effects", RandomAddresses.PopulationEffects),
        ("level", RandomAddresses.Level("A")),
        ("level of a factor", RandomAddresses.LevelOf("g", "A")),
        ("level of another factor", RandomAddresses.LevelOf("h", "A")),
        ("level of factor 1", RandomAddresses.NumberedLevel(1, "A")),
        ("level in a prior", RandomAddresses.PriorLevel("g", "A")),
        ("new level", RandomAddresses.NewLevel("g", "A")),
        ("noise", RandomAddresses.Noise("g", "A")),
        ("residual", RandomAddresses.ResidualHash(RandomAddresses.Noise("g", "A"))),
        ("other rows", RandomAddresses.OtherRows(RandomAddresses.Noise("g", "A"))),
        ("noise of other levels", RandomAddresses.Noise("h", "A")),
    ];

    [Fact]
    public void Purposes_have_streams_of_their_own() =>
        Assert.Equal(Streams.Length, Streams.Select(s => s.Stream().NextUInt64()).Distinct().Count());

    [Fact]
    public void Purposes_have_hashes_of_their_own() => Assert.Equal(Hashes.Length, Hashes.Select(h => h.Hash).Distinct().Count());

    // Scrambled points take the streams of their replicates from the first one's number.
    [Fact]
    public void No_other_file_makes_an_address() => Convention.Holds(
        from file in Repository.Sources
        where file.Path is not ("src/Core.CSharp/Randomness/RandomAddresses.cs" or "src/Inference/Sampling/QuasiRandom/ScrambledSobol.cs")
        where Regex.IsMatch(file.Text, @"new PhiloxStream\(|PhiloxStream \w+ = new\(|StableHash\.Of\(")
        select $"{file.Path} makes an address of random numbers.");

    // Draws of a seed stay the same bits from version to version only while addresses do.
    [Fact]
    public void Streams_are_those_of_the_table()
    {
        (PhiloxStream Expected, PhiloxStream Actual)[] pairs =
        [
            (new(Seed, 3), RandomAddresses.Chain(Seed, 3)),
            (new(Seed, 0), RandomAddresses.Approximation(Seed)),
            (new(Seed, 7), RandomAddresses.BootstrapReplicate(Seed, 7)),
            (new(Seed, 0x100_0000_0000), RandomAddresses.Starts(Seed)),
            (new(0, 0x100_0000_0001), RandomAddresses.QuadratureProbes()),
            (new(Seed, 0x100_0000_0002), RandomAddresses.Folds(Seed)),
            (new(Seed, 0x100_0000_0003), RandomAddresses.Subsample(Seed)),
            (new(Seed, 0x1FF_FFFF_FFFF), RandomAddresses.Resampling(Seed)),
            (new(Seed, 0x202_0000_0005), RandomAddresses.ProposalBlock(Seed, 2, 5)),
            (new(Seed, 0x202_8000_0000), new(Seed, RandomAddresses.FirstScrambling(2))),
            (new(Seed, 0x400_0000_0009), RandomAddresses.PriorDraw(Seed, 9)),
            (new(Seed ^ 17, 4), RandomAddresses.NewObservation(Seed, 17, 4)),
        ];

        Assert.All(pairs, pair => Assert.Equal(pair.Expected.NextUInt64(), pair.Actual.NextUInt64()));
    }

    [Fact]
    public void Hashes_are_those_of_the_table()
    {
        Assert.Equal(StableHash.Of("\0population effects"), RandomAddresses.PopulationEffects);
        Assert.Equal(StableHash.Of("A"), RandomAddresses.Level("A"));
        Assert.Equal(RandomAddresses.Level("A"), RandomAddresses.NumberedLevel(0, "A"));
        Assert.Equal(unchecked(StableHash.Of("A") + 0x9E3779B97F4A7C15), RandomAddresses.NumberedLevel(1, "A"));
        Assert.Equal(StableHash.Of("g\0A"), RandomAddresses.LevelOf("g", "A"));
        Assert.Equal(StableHash.Of("\0prior\0g\0A"), RandomAddresses.PriorLevel("g", "A"));
        Assert.Equal(StableHash.Of("\0new\0g\0A"), RandomAddresses.NewLevel("g", "A"));
        Assert.Equal(StableHash.Of("\0noise\0" + "0A\0" + "x"), RandomAddresses.Noise("0A", "x"));
    }
}
