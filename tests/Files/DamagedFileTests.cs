using TypedPooling.Draws;
using TypedPooling.Randomness;
using TypedPooling.Tests.Lanes;
using Xunit;

namespace TypedPooling.Tests.Files;

/// <summary>Damaged files: each is refused, or loads as exactly what it says. 5,000 of them, and 100,000 in the lane "nightly"; half of them with the
/// checksum made right again.</summary>
public sealed class DamagedFileTests
{
    private static readonly Item[] Rows = Item.Rows(40, sites: 4);

    // Beside what a file of its length warrants: what a fit, its tables and the first call of code take.
    private const long Allowance = 32 << 20;
    private const long PerByte = 400;

    private static readonly int Count = Lane.Of(quick: 5_000, nightly: 100_000);

    public static TheoryData<string> Data =>
    [
        "Normal", "Normal, crossed, categories and offset", "Normal, weights and a category", "LogNormal", "Bernoulli", "Poisson", "Gamma", "Beta",
    ];

    public static TheoryData<string> Fits =>
    [
        "Marginal", "Marginal, crossed", "Marginal, Bernoulli", "Gibbs, crossed", "Variational", "REML", "ML, Poisson by quadrature", "Nuts",
    ];

    [Theory]
    [MemberData(nameof(Data))]
    public void Damaged_data_are_refused_or_load_as_what_they_say(string name)
    {
        var one = StoredData.All.Single(stored => stored.Name == name);

        Try(name, one.Bytes(Rows), Count / 2 / Data.Count, bytes => StoredData.Bytes(one.Loaded(bytes)));
    }

    [Theory]
    [MemberData(nameof(Fits))]
    public void Damaged_fits_are_refused_or_load_as_what_they_say(string name)
    {
        var one = StoredFit.All.Single(stored => stored.Name == name);

        Try(name, StoredFit.Bytes(one.Fit().Thin(8)), Count / 2 / Fits.Count, bytes =>
        {
            var loaded = one.Loaded(bytes);
            Assert.NotEmpty(loaded.EngineChoice + loaded.Posterior.Engine + ".");

            // A fit of another draw scheme is saved again as one of this scheme.
            return loaded.Notes.Any(note => note.Code == FitWarningCode.OtherDrawScheme) ? bytes : StoredFit.Bytes(loaded);
        });
    }

    // With the weighted proposals, which thinning leaves out.
    [Theory]
    [InlineData("Marginal")]
    [InlineData("Marginal, Gamma")]
    public void Damaged_weighted_fits_are_refused_or_load_as_what_they_say(string name)
    {
        var one = StoredFit.All.Single(stored => stored.Name == name);
        var fit = one.Fit();
        Assert.NotNull(fit.Posterior.Weighted);

        Try($"{name}, weighted", StoredFit.Bytes(fit), Count / 4 / Fits.Count, bytes =>
        {
            var loaded = one.Loaded(bytes);
            return loaded.Notes.Any(note => note.Code == FitWarningCode.OtherDrawScheme) ? bytes : StoredFit.Bytes(loaded);
        });
    }

    private static void Try(string name, byte[] file, int count, Func<byte[], byte[]> reload)
    {
        Assert.Equal(file, reload(file));
        var (refused, loaded) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var isSigned = i % 2 == 0;
            var damaged = Mutation.Of(file, new PhiloxStream(StableHash.Of(name), (ulong)i), isSigned);
            // What follows a file in a stream is none of its own.
            if (damaged.AsSpan().StartsWith(file))
                continue;
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var again = reload(damaged);
                loaded++;
                Assert.True(isSigned, $"{name}, damage {i}: a wrong checksum was taken.");
                Assert.True(
                    again.AsSpan().SequenceEqual(damaged),
                    $"{name}, damage {i}: what was loaded is not what the file says at {again.AsSpan().CommonPrefixLength(damaged)}.");
            }
            catch (ModelException)
            {
                refused++;
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= Allowance + PerByte * damaged.Length, $"{name}, damage {i}: {allocated} bytes for a file of {damaged.Length}.");
        }

        // Both happen: a parser that refuses everything would pass the rest.
        Assert.True(refused > count / 2 && loaded > 0, $"{name}: {refused} refused, {loaded} loaded.");
    }
}
