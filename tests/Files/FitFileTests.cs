using System.Collections.Concurrent;
using TypedPooling.Draws;
using Xunit;

namespace TypedPooling.Tests.Files;

/// <summary>Fits as files: what comes back answers as the fit did, bit by bit.</summary>
public sealed class FitFileTests
{
    private static readonly ConcurrentDictionary<string, Lazy<(Fit<Item> Fit, byte[] Bytes)>> Fits = new();

    public static TheoryData<string> Names => [.. StoredFit.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fit_comes_back_with_every_bit_of_its_draws(string name)
    {
        var (one, fit, bytes) = Of(name);
        var loaded = one.Loaded(bytes);

        Assert.Equal(fit.GetType(), loaded.GetType());
        Assert.Equal(fit.ToString(), loaded.ToString());
        SameDraws(fit.Posterior, loaded.Posterior);
        Assert.Equal(bytes, StoredFit.Bytes(loaded));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_loaded_fit_predicts_for_groups_of_the_data_and_for_new_ones_as_the_fit_does(string name)
    {
        var (one, fit, bytes) = Of(name);
        var loaded = one.Loaded(bytes);

        foreach (var row in (Item[])[StoredFit.Rows[3], StoredFit.Rows[8] with { Site = "another", Line = 99 }])
        {
            Same(fit.PredictMean(row), loaded.PredictMean(row));
            Same(fit.PredictNew(row), loaded.PredictNew(row));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Draws_that_thinning_keeps_are_the_ones_that_they_were_also_after_loading(string name)
    {
        var (one, fit, bytes) = Of(name);
        var thinned = fit.Thin(20);
        var loaded = one.Loaded(StoredFit.Bytes(thinned));

        Assert.Equal(fit.GetType(), thinned.GetType());
        Assert.Equal((20, 20), (thinned.Posterior.DrawCount, loaded.Posterior.DrawCount));
        SameDraws(thinned.Posterior, loaded.Posterior);
        if (fit.Posterior.Point is null)
            Assert.True(StoredFit.Bytes(thinned).Length < bytes.Length);
        foreach (var row in (Item[])[StoredFit.Rows[3], StoredFit.Rows[8] with { Site = "another", Line = 99 }])
        {
            var (all, some) = (fit.PredictNew(row).Draws.ToArray(), thinned.PredictNew(row).Draws.ToArray());
            Assert.Equal(some, loaded.PredictNew(row).Draws.ToArray());

            // 10 of each chain of 100: the sixth of every ten.
            Assert.Equal(Enumerable.Range(0, 20).Select(s => all[s * 10 + 5]), some);
        }
    }

    private static (StoredFit One, Fit<Item> Fit, byte[] Bytes) Of(string name)
    {
        var one = StoredFit.All.Single(stored => stored.Name == name);
        var (fit, bytes) = Fits.GetOrAdd(name, _ => new(() =>
        {
            var fit = one.Fit();
            return (fit, StoredFit.Bytes(fit));
        })).Value;
        return (one, fit, bytes);
    }

    private static void Same(Quantity expected, Quantity actual)
    {
        Assert.Equal(expected.Draws.ToArray(), actual.Draws.ToArray());
        Assert.Equal((expected.Mean, expected.Sd), (actual.Mean, actual.Sd));
    }

    private static void SameDraws(Posterior expected, Posterior actual)
    {
        SameBlock(expected.Population, actual.Population);
        SameBlock(expected.Scales, actual.Scales);
        Assert.Equal(expected.Effects.Length, actual.Effects.Length);
        for (var k = 0; k < expected.Effects.Length; k++)
            SameBlock(expected.Effects[k], actual.Effects[k]);
        if (expected.Weighted is { } weighted)
        {
            SameBlock(weighted.Population, actual.Weighted!.Population);
            SameBlock(weighted.Scales, actual.Weighted.Scales);
            Assert.Equal(weighted.Weights.ErrorWeights.ToArray(), actual.Weighted.Weights.ErrorWeights.ToArray());
        }

        Assert.Equal(expected.Standardized is null, actual.Standardized is null);
        if (expected.Standardized is { } own)
            SameDraws(own, actual.Standardized!);
    }

    private static void SameBlock(DrawBlock expected, DrawBlock actual)
    {
        Assert.Equal(expected.ParameterCount, actual.ParameterCount);
        var (one, other) = (new double[expected.DrawCount], new double[actual.DrawCount]);
        for (var i = 0; i < expected.ParameterCount; i++)
        {
            expected.CopyDraws(i, one);
            actual.CopyDraws(i, other);
            Assert.Equal(expected.Parameter(i), actual.Parameter(i));
            Assert.True(
                one.Select(BitConverter.DoubleToInt64Bits).SequenceEqual(other.Select(BitConverter.DoubleToInt64Bits)), $"{expected.Parameter(i)}");
        }
    }
}
