using TypedPooling.Inference.InferNet;
using Xunit;

namespace TypedPooling.Tests.InferNet;

/// <summary>The integrals behind the messages of a cell, against a plain sum over a fine grid.</summary>
public sealed class BinomialMomentsTests
{
    public static TheoryData<double, double, double, double, Link> Cases
    {
        get
        {
            var cases = new TheoryData<double, double, double, double, Link>();
            foreach (var link in new[] { Link.Logit, Link.Probit })
            {
                // successes, trials, mean and sd of the linear predictor
                cases.Add(1, 1, 0, 1, link);
                cases.Add(0, 1, 2.5, 0.3, link);
                cases.Add(3, 10, -1, 2, link);
                cases.Add(0, 100, 1, 1.5, link);
                cases.Add(50, 50, -4, 6, link);
                cases.Add(1, 1, 0, 60, link);
                cases.Add(400, 1000, 3, 5, link);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tilted_moments_are_those_of_a_fine_grid(double successes, double trials, double mean, double sd, Link link)
    {
        var cell = new BinomialCell(successes, trials, 0.4, link);
        var own = BinomialMoments.Tilted(cell, mean, sd * sd);
        var precision = own.Precision + 1 / (sd * sd);
        var tilted = (own.MeanTimesPrecision + mean / (sd * sd)) / precision;

        var nodes = Grid(mean, sd);
        var heights = nodes.Select(x => BinomialCurve.At(cell, x).Value - 0.5 * (x - mean) * (x - mean) / (sd * sd)).ToArray();
        var peak = heights.Max();
        var weights = heights.Select(height => Math.Exp(height - peak)).ToArray();
        var expected = nodes.Zip(weights, (x, w) => x * w).Sum() / weights.Sum();
        var variance = nodes.Zip(weights, (x, w) => (x - expected) * (x - expected) * w).Sum() / weights.Sum();
        Assert.Equal(expected, tilted, 1e-8 * Math.Sqrt(variance));
        Assert.Equal(1, variance * precision, 1e-8);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Expected_derivatives_are_those_of_a_fine_grid(double successes, double trials, double mean, double sd, Link link)
    {
        var cell = new BinomialCell(successes, trials, 0.4, link);
        var (slope, curvature) = BinomialMoments.ExpectedDerivatives(cell, mean, sd * sd);

        var nodes = Grid(mean, sd);
        var weights = nodes.Select(x => Math.Exp(-0.5 * (x - mean) * (x - mean) / (sd * sd))).ToArray();
        var at = nodes.Select(x => BinomialCurve.At(cell, x)).ToArray();
        Assert.Equal(at.Zip(weights, (d, w) => d.Slope * w).Sum() / weights.Sum(), slope, 1e-8 * trials);
        Assert.Equal(at.Zip(weights, (d, w) => d.Curvature * w).Sum() / weights.Sum(), curvature, 1e-8 * trials);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Derivatives_of_the_log_likelihood_agree_with_differences(double successes, double trials, double mean, double sd, Link link)
    {
        var cell = new BinomialCell(successes, trials, 0.4, link);
        const double Step = 1e-4;
        foreach (var x in new[] { mean - sd, mean, mean + 0.3 * sd })
        {
            var (low, at, high) = (BinomialCurve.At(cell, x - Step), BinomialCurve.At(cell, x), BinomialCurve.At(cell, x + Step));
            Assert.Equal((high.Value - low.Value) / (2 * Step), at.Slope, 1e-6 * trials * (1 + Math.Abs(x)));
            Assert.Equal((high.Slope - low.Slope) / (2 * Step), at.Curvature, 1e-6 * trials);
        }
    }

    private static double[] Grid(double mean, double sd) => [.. Enumerable.Range(-60_000, 120_001).Select(i => mean + i * sd / 5000)];
}
