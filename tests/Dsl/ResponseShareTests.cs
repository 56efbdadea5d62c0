using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Randomness;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Shares of variance on the scale of the response, in every draw of a fit, against fine sums row by row: where nodes stand for rows, where
/// every row has a variance of its own, and where rows are alike.</summary>
public sealed class ResponseShareTests
{
    private static readonly Group<Trial, int> Site = Group.By((Trial t) => t.Site);
    private static readonly Group<Trial, int> Day = Group.By((Trial t) => t.Day);
    private static readonly RunOptions Few = new() { Chains = 1, Warmup = 150, Draws = 4 };

    [Theory]
    [InlineData(Link.Logit, false, 1.0)]
    [InlineData(Link.Logit, true, 1.0)]
    [InlineData(Link.Probit, false, 1.0)]
    [InlineData(Link.Probit, true, 1.0)]
    [InlineData(Link.ComplementaryLogLog, false, 1.0)]
    [InlineData(Link.ComplementaryLogLog, true, 1.0)]
    [InlineData(Link.Logit, false, 4.0)]
    [InlineData(Link.ComplementaryLogLog, false, 3.0)]
    [InlineData(Link.Probit, false, 4.0)]
    [InlineData(Link.Logit, false, 0.001)]
    [InlineData(Link.ComplementaryLogLog, true, 0.001)]
    [InlineData(Link.Probit, true, 0.001)]
    public void Shares_are_fine_sums_over_the_rows(Link link, bool doesSlopeVary, double scale)
    {
        var rows = Rows(150);
        var model = PooledModel.Of<Trial>().Bernoulli(t => t.IsWell, link).Intercept(Normal(0, 1)).Slope(t => t.Dose, Fixed(1.5))
            .Varying(Day, g => g.Intercept(Fixed(0.5 * scale)));
        var fit = (doesSlopeVary
            ? model.Varying(Site, g => g.Intercept(Fixed(0.9 * scale)).Slope(t => t.Dose, Fixed(0.4 * scale)).Correlated(Lkj(2)))
            : model.Varying(Site, g => g.Intercept(Fixed(0.9 * scale)))).Fit(rows, Engine.Nuts, Few);
        Agrees(fit, rows, link, doesSlopeVary, scale, share: 1);
    }

    [Fact]
    public void Rows_that_are_alike_and_a_share_with_a_precision_have_the_same_sums()
    {
        Trial[] rows = [.. Rows(60).Select((t, i) => t with { Dose = i % 2, Y = 0.02 + 0.016 * i })];
        var fit = PooledModel.Of<Trial>().Beta(t => t.Y, precision: Fixed(4)).Intercept(Normal(0, 1)).Slope(t => t.Dose, Fixed(1.5))
            .Varying(Day, g => g.Intercept(Fixed(0.5))).Varying(Site, g => g.Intercept(Fixed(0.9))).Fit(rows, Engine.Nuts, Few);
        Agrees(fit, rows, Link.Logit, doesSlopeVary: false, scale: 1, share: 1 / 5.0);
    }

    [Fact]
    public void The_number_of_rows_that_nodes_stand_for_is_one_of_their_sums()
    {
        // Polynomials of a degree below the number of nodes are summed exactly.
        var stream = new PhiloxStream(3, 1);
        double[] eta = [.. Enumerable.Range(0, 1001).Select(_ => 3 + 2 * stream.NextNormal())];
        double[] counts = [.. eta.Select((_, i) => 1.0 + i % 3)];
        var (nodes, weights) = (new double[16], new double[16]);
        new PredictorNodes().Write(eta, counts, eta.Min(), eta.Max(), nodes, weights);
        for (var power = 0; power < 16; power++)
        {
            var exact = eta.Zip(counts, (x, count) => count * Math.Pow((x - 3) / 7, power)).Sum();
            Assert.Equal(exact, nodes.Zip(weights, (x, weight) => weight * Math.Pow((x - 3) / 7, power)).Sum(), 1e-11 * counts.Sum());
        }
    }

    [Theory]
    [InlineData(Link.Logit)]
    [InlineData(Link.Probit)]
    [InlineData(Link.ComplementaryLogLog)]
    public void A_slope_of_exactly_0_makes_all_predictors_one(Link link)
    {
        var rows = Rows(40);
        var model = PooledModel.Of<Trial>().Bernoulli(t => t.IsWell, link).Intercept(Fixed(0.3)).Slope(t => t.Dose, Fixed(0))
            .Varying(Site, g => g.Intercept(Fixed(0.9)));
        var without = PooledModel.Of<Trial>().Bernoulli(t => t.IsWell, link).Intercept(Fixed(0.3)).Varying(Site, g => g.Intercept(Fixed(0.9)));
        var (fit, one) = (model.Fit(rows, Engine.Nuts, Few), without.Fit(rows, Engine.Nuts, Few));
        Assert.Equal(0, fit.MarginalRSquaredOn(VarianceScale.Response).Draws[0], 1e-12);
        Assert.Equal(one.Icc(Site, VarianceScale.Response).Draws[0], fit.Icc(Site, VarianceScale.Response).Draws[0], 1e-12);
        Assert.InRange(fit.Icc(Site, VarianceScale.Response).Draws[0], 0.1, 0.5);
    }

    [Fact]
    public void Shares_of_a_wide_factor_are_fine_sums()
    {
        // Beyond sd 3 or so, the other factor's sd being small, a series of Hermite polynomials is too slow.
        foreach (var sd in new[] { 5.0, 25 })
        {
            var fit = PooledModel.Of<Trial>().Bernoulli(t => t.IsWell).Intercept(Fixed(1)).Varying(Site, g => g.Intercept(Fixed(sd)))
                .Varying(Day, g => g.Intercept(Fixed(0.2))).Fit(Rows(40), Engine.Nuts, Few);
            var (mean, whole, spread) = EffectMomentsTests.Whole(Link.Logit, 1, Math.Sqrt(sd * sd + 0.04));
            Assert.Equal(mean * (1 - mean), whole + spread, 1e-12);
            var icc = EffectMomentsTests.Shared(Link.Logit, 1, sd, 0.2) / (whole + spread);
            Assert.Equal(icc, fit.Icc(Site, VarianceScale.Response).Draws[0], 1e-10);
            Assert.Equal(whole / (whole + spread), fit.ConditionalRSquaredOn(VarianceScale.Response).Draws[0], 1e-10);
        }
    }

    [Fact]
    public void Many_shares_of_one_fit_are_those_of_fits_asked_for_one_each()
    {
        var rows = Rows(90);
        var model = PooledModel.Of<Trial>().Bernoulli(t => t.IsWell).Intercept(Normal(0, 1)).Slope(t => t.Dose, Fixed(1.5))
            .Varying(Site, g => g.Intercept(Exponential(1)));
        var (one, other) = (model.Fit(rows, Few), model.Fit(rows, Few));
        var both = (one.Icc(Site, VarianceScale.Response).Draws.ToArray(), one.MarginalRSquaredOn(VarianceScale.Response).Draws.ToArray());
        Assert.Equal(both.Item2, other.MarginalRSquaredOn(VarianceScale.Response).Draws);
        Assert.Equal(both.Item1, other.Icc(Site, VarianceScale.Response).Draws);
        Assert.NotEqual(both.Item1, other.Icc(Site).Draws);
    }

    private static void Agrees<TFit>(TFit fit, Trial[] rows, Link link, bool doesSlopeVary, double scale, double share)
        where TFit : Fit<Trial>
    {
        var (intercept, slope) = (fit.Intercept.Draws, fit.Coefficient(t => t.Dose).Draws);
        var correlation = doesSlopeVary ? fit.For(Site).Correlation("Intercept", "Dose").Draws : [.. new double[3]];
        for (var s = 0; s < 3; s++)
        {
            var (means, shared, effects, error) = (new double[rows.Length], 0.0, 0.0, 0.0);
            for (var i = 0; i < rows.Length; i++)
            {
                var x = rows[i].Dose;
                var eta = intercept[s] + slope[s] * x;
                var day = 0.25 * scale * scale;
                var site = (0.81 + (doesSlopeVary ? 0.16 * x * x + 2 * 0.36 * correlation[s] * x : 0)) * scale * scale;
                var mean = Normalised(t => Probability(eta + Math.Sqrt(site + day) * t));
                means[i] = mean;
                var square = Normalised(t => Math.Pow(Probability(eta + Math.Sqrt(site + day) * t) - mean, 2));
                effects += square / rows.Length;
                error += share * Normalised(t =>
                {
                    var p = Probability(eta + Math.Sqrt(site + day) * t);
                    return p * (1 - p);
                }) / rows.Length;
                shared += Normalised(
                    u => Math.Pow(Normalised(t => Probability(eta + Math.Sqrt(site) * u + Math.Sqrt(day) * t), 0.2) - mean, 2), 0.2) / rows.Length;
            }

            var average = means.Average();
            var population = means.Sum(m => (m - average) * (m - average)) / (rows.Length - 1);
            Assert.Equal(population / (population + effects + error), fit.MarginalRSquaredOn(VarianceScale.Response).Draws[s], 1e-10);
            Assert.Equal((population + effects) / (population + effects + error), fit.ConditionalRSquaredOn(VarianceScale.Response).Draws[s], 1e-10);
            var icc = shared / (effects + error);
            Assert.Equal(icc, fit.Icc(Site, VarianceScale.Response).Draws[s], 1e-8 * icc);
        }

        double Probability(double eta) => link switch
        {
            Link.Logit => 1 / (1 + Math.Exp(-eta)),
            Link.Probit => 0.5 * MathNet.Numerics.SpecialFunctions.Erfc(-eta / Math.Sqrt(2)),
            _ => 1 - Math.Exp(-Math.Exp(eta)),
        };

        // The mean over N(0, 1).
        double Normalised(Func<double, double> value, double step = 0.02)
        {
            var sum = 0.0;
            step /= Math.Max(1, scale);
            for (var t = -9.0; t <= 9; t += step)
                sum += step * Math.Exp(-0.5 * t * t) / Math.Sqrt(2 * Math.PI) * value(t);
            return sum;
        }
    }

    private static Trial[] Rows(int count)
    {
        var stream = new PhiloxStream(19, 1);
        return [.. Enumerable.Range(0, count).Select(i => new Trial(i % 7, 5 * i % 11 % 4, stream.NextNormal(), stream.NextDouble() < 0.4, 0.5))];
    }

    internal sealed record Trial(int Site, int Day, double Dose, bool IsWell, double Y);
}
