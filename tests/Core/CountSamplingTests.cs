using MathNet.Numerics.Distributions;
using TypedPooling.Randomness;
using Xunit;

namespace TypedPooling.Tests.Core;

/// <summary>Draws of counts against the probabilities of their values, by chi squared.</summary>
public sealed class CountSamplingTests
{
    private const int Draws = 200_000;

    [Theory]
    [InlineData(0.3)]
    [InlineData(9.9)]
    [InlineData(10.0)]
    [InlineData(35.5)]
    [InlineData(1000.0)]
    public void Poisson_counts(double mean)
    {
        var stream = new PhiloxStream(11, 1);
        AssertDistributed(() => stream.NextPoisson(mean), k => Poisson.PMF(mean, k), (int)(mean + 20 * Math.Sqrt(mean) + 20));
    }

    [Theory]
    [InlineData(1, 0.3)]
    [InlineData(10, 0.5)]
    [InlineData(40, 0.3)]
    [InlineData(40, 0.9)]
    [InlineData(1000, 0.005)]
    [InlineData(100_000, 0.4)]
    public void Binomial_successes(int trials, double probability)
    {
        var stream = new PhiloxStream(12, 1);
        AssertDistributed(() => stream.NextBinomial(trials, probability), k => Binomial.PMF(probability, trials, k), trials);
    }

    [Fact]
    public void Extremes_are_values_or_are_refused()
    {
        var stream = new PhiloxStream(13, 1);

        Assert.Equal((0, 0, 0, 7), (stream.NextPoisson(0), stream.NextBinomial(0, 0.5), stream.NextBinomial(7, 0), stream.NextBinomial(7, 1)));
        Assert.Equal(double.PositiveInfinity, stream.NextPoisson(double.PositiveInfinity));
        Assert.InRange(stream.NextPoisson(1e14), 1e14 - 6e7, 1e14 + 6e7);
        Assert.InRange(stream.NextBinomial(1e15, 1e-300), 0, 0);
        Assert.InRange(stream.NextBinomial(1e15, 0.5), 5e14 - 1e8, 5e14 + 1e8);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextPoisson(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextBinomial(3, 1.1));
    }

    private static void AssertDistributed(Func<double> draw, Func<int, double> probability, int greatest)
    {
        var counts = new int[greatest + 1];
        for (var i = 0; i < Draws; i++)
            counts[(int)draw()]++;

        // Neighbours are put together until 10 draws or more are expected.
        var (expected, seen, statistic, bins, left) = (0.0, 0, 0.0, 0, 1.0);
        for (var k = 0; k <= greatest; k++)
        {
            expected += Draws * probability(k);
            seen += counts[k];
            left -= probability(k);
            if (expected < 10 || left * Draws < 10)
                continue;
            statistic += (seen - expected) * (seen - expected) / expected;
            (expected, seen, bins) = (0, 0, bins + 1);
        }

        expected += Draws * Math.Max(0, left);
        statistic += (seen - expected) * (seen - expected) / expected;
        Assert.True(statistic < ChiSquared.InvCDF(bins, 1 - 1e-6), $"chi squared {statistic} with {bins} degrees of freedom");
    }
}
