using TypedPooling.Responses;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>Moments of probabilities over normal effects, from small sds to absurd ones, against fine sums and limits.</summary>
public sealed class EffectMomentsTests
{
    private static readonly double[] Etas = [0, 1.5, -6, 14, -30];

    [Theory]
    [InlineData(Link.Logit, 4, 0.5)]
    [InlineData(Link.Logit, 4, 0.05)]
    [InlineData(Link.Logit, 10, 0.1)]
    [InlineData(Link.Logit, 15.9, 6)]
    [InlineData(Link.Logit, 20, 0.05)]
    [InlineData(Link.Logit, 20, 0.5)]
    [InlineData(Link.Logit, 20, 3)]
    [InlineData(Link.Logit, 20, 19)]
    [InlineData(Link.Logit, 60, 25)]
    [InlineData(Link.Logit, 3, 1)]
    [InlineData(Link.ComplementaryLogLog, 1.5, 0.05)]
    [InlineData(Link.ComplementaryLogLog, 4, 0.5)]
    [InlineData(Link.ComplementaryLogLog, 10, 0.1)]
    [InlineData(Link.ComplementaryLogLog, 15.9, 6)]
    [InlineData(Link.ComplementaryLogLog, 20, 0.05)]
    [InlineData(Link.ComplementaryLogLog, 20, 3)]
    [InlineData(Link.ComplementaryLogLog, 60, 45)]
    public void What_two_factors_share_is_a_fine_double_sum(Link link, double wide, double narrow)
    {
        var entries = Computed(link, Etas, wide, narrow);
        var sd = Math.Sqrt(wide * wide + narrow * narrow);
        for (var i = 0; i < Etas.Length; i++)
        {
            var (mean, whole, spread) = Whole(link, Etas[i], sd);
            Assert.Equal(mean, entries.Means[i], 1e-13 + 1e-11 * mean);
            Assert.Equal(whole, entries.OfEffects[i], 1e-14 + 1e-9 * whole);
            Assert.Equal(spread, entries.Spreads[i], 1e-14 + 1e-9 * spread);
            Assert.Equal(Shared(link, Etas[i], wide, narrow), entries.Shared[0][i], 1e-14 + 1e-9 * whole);
            Assert.Equal(Shared(link, Etas[i], narrow, wide), entries.Shared[1][i], 1e-14 + 1e-9 * whole);
        }
    }

    [Theory]
    [InlineData(Link.Logit, 5)]
    [InlineData(Link.Logit, 50)]
    [InlineData(Link.ComplementaryLogLog, 5)]
    [InlineData(Link.ComplementaryLogLog, 50)]
    public void A_factor_beside_one_of_sd_0_has_the_whole_variance(Link link, double sd)
    {
        var entries = Computed(link, Etas, sd, 0);
        for (var i = 0; i < Etas.Length; i++)
        {
            Assert.Equal(entries.OfEffects[i], entries.Shared[0][i]);
            Assert.Equal(0, entries.Shared[1][i]);
        }
    }

    [Theory]
    [InlineData(Link.Logit)]
    [InlineData(Link.ComplementaryLogLog)]
    public void Predictors_beyond_the_range_of_exp_have_the_moments_of_fine_sums(Link link)
    {
        double[] etas = [-800, 750, -2000];
        var entries = Computed(link, etas, 1000, 0.5);
        for (var i = 0; i < etas.Length; i++)
        {
            var (mean, whole, spread) = Whole(link, etas[i], Math.Sqrt(1_000_000.25));
            Assert.Equal(mean, entries.Means[i], 1e-11);
            Assert.Equal(whole, entries.OfEffects[i], 1e-11);
            Assert.Equal(spread, entries.Spreads[i], 1e-11);
            Assert.Equal(Shared(link, etas[i], 1000, 0.5), entries.Shared[0][i], 1e-11);
        }
    }

    [Theory]
    [InlineData(Link.Logit)]
    [InlineData(Link.ComplementaryLogLog)]
    public void Neighbours_of_unlike_variances_do_not_disturb_each_other(Link link)
    {
        (double Wide, double Narrow)[] sds = [(0.7, 0.3), (30, 0.2), (6, 0.1), (1e5, 1e4), (0, 0), (8, 0), (0.02, 0.01)];
        var together = new PredictorEntries(2);
        foreach (var (wide, narrow) in sds)
        {
            var at = together.Add(1, [wide * wide, narrow * narrow]);
            together.Eta[at] = 0.4;
        }

        together.Close();
        EffectMoments.Of(link).Compute(together);
        for (var i = 0; i < sds.Length; i++)
        {
            var alone = Computed(link, [0.4], sds[i].Wide, sds[i].Narrow);
            Assert.Equal(alone.Means[0], together.Means[i], 1e-12);
            Assert.Equal(alone.OfEffects[0], together.OfEffects[i], 1e-11 * alone.OfEffects[0]);
            Assert.Equal(alone.Spreads[0], together.Spreads[i], 1e-11 * alone.Spreads[0]);
            Assert.Equal(alone.Shared[0][0], together.Shared[0][i], 1e-11 * alone.OfEffects[0]);
            Assert.Equal(alone.Shared[1][0], together.Shared[1][i], 1e-11 * alone.OfEffects[0]);
        }
    }

    // Beside an sd s of 1e6 the curve is a step, but for its first moments: E[m] = Phi(-E[L] / s), E[m (1 - m)] = phi(0) / s times the integral of m
    // (1 - m), which is 1 or log 2; and two steps of correlation 1 / 2 share asin(1 / 2) / (2 pi).
    [Theory]
    [InlineData(Link.Logit, 0, 1)]
    [InlineData(Link.ComplementaryLogLog, -0.57721566490153286, 0.69314718055994531)]
    public void An_absurd_sd_has_the_moments_of_a_step_and_little_memory(Link link, double latentMean, double integral)
    {
        const double Sd = 1e6;
        var density = 1 / Math.Sqrt(2 * Math.PI);
        Computed(link, [0], 1, 0.5);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var one = Computed(link, [0, 3 * Sd, -3 * Sd], Sd, 1e-3);
        var two = Computed(link, [0], Sd, Sd);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(bytes, 0, 1_000_000);
        Assert.Equal(0.5 - latentMean * density / Sd, one.Means[0], 1e-12);
        Assert.Equal(integral * density / Sd, one.Spreads[0], 1e-10 * density / Sd);
        Assert.Equal(0.25 - integral * density / Sd, one.OfEffects[0], 1e-11);
        Assert.Equal(0.25 - integral * density / Sd, one.Shared[0][0], 1e-11);
        Assert.Equal(0.99865010196836990, one.Means[1], 1e-8);
        Assert.Equal(0.00134989803163009, one.Means[2], 1e-8);
        Assert.Equal(Math.Asin(0.5) / (2 * Math.PI), two.Shared[0][0], 1e-11);
        Assert.Equal(Math.Asin(0.5) / (2 * Math.PI), two.Shared[1][0], 1e-11);
    }

    /// <summary>Mean and variance of m, and E[m (1 - m)], by fine sums.</summary>
    internal static (double Mean, double Variance, double Spread) Whole(Link link, double eta, double sd)
    {
        var step = Math.Min(0.1, 0.1 / sd);
        var mean = Normalised(t => Probability(link, eta + sd * t), step);
        return (
            mean,
            Normalised(t => Math.Pow(Probability(link, eta + sd * t) - mean, 2), step),
            Normalised(t => Probability(link, eta + sd * t) * (1 - Probability(link, eta + sd * t)), step));
    }

    /// <summary>var(E[m | u]), u of an sd, by a fine double sum.</summary>
    internal static double Shared(Link link, double eta, double own, double other)
    {
        var (fine, coarse) = (Math.Min(0.2, 0.1 / other), Math.Min(0.2, Math.Max(0.1, 0.2 * other) / own));
        var mean = Whole(link, eta, Math.Sqrt(own * own + other * other)).Mean;
        return Normalised(u => Math.Pow(Normalised(t => Probability(link, eta + own * u + other * t), fine) - mean, 2), coarse);
    }

    private static double Probability(Link link, double eta)
    {
        if (link == Link.Logit)
            return 1 / (1 + Math.Exp(-eta));

        // Small ones to all digits.
        var hazard = Math.Exp(eta);
        return hazard < 1e-4 ? hazard - 0.5 * hazard * hazard + hazard * hazard * hazard / 6 : 1 - Math.Exp(-hazard);
    }

    // The mean over N(0, 1).
    private static double Normalised(Func<double, double> value, double step)
    {
        var sum = 0.0;
        var half = (int)Math.Ceiling(9 / step);
        for (var n = -half; n <= half; n++)
            sum += step * Math.Exp(-0.5 * n * step * (n * step)) / Math.Sqrt(2 * Math.PI) * value(n * step);
        return sum;
    }

    private static PredictorEntries Computed(Link link, double[] etas, double first, double second)
    {
        var entries = new PredictorEntries(2);
        entries.Add(etas.Length, [first * first, second * second]);
        etas.CopyTo(entries.Eta);
        entries.Close();
        EffectMoments.Of(link).Compute(entries);
        return entries;
    }
}
