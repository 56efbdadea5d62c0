using MathNet.Numerics.Distributions;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Randomness;
using TypedPooling.Tests.Lanes;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Inference;

/// <summary>Rank calibration (Talts et al. 2018): where truth and data come from the model itself, the rank of the truth among independent draws of
/// its posterior is uniform.</summary>
public sealed class CalibrationTests(ITestOutputHelper output)
{
    private const int Ranks = 20;           // 19 thinned draws
    private const int Thinning = 12;
    private const int GibbsThinning = 60;
    private const int Groups = 4;
    private const int PerGroup = 4;
    private const double Level = 1e-4;      // chance of a false alarm of a whole test

    // The nightly lane takes more replications, of other truths, other data and other draws.
    private static readonly int Replications = Lane.Of(quick: 150, nightly: 500);
    private static readonly ulong OtherSeeds = Lane.Of(quick: 0UL, nightly: 1000UL);

    private static readonly Group<Row, int> Site = Group.By((Row r) => r.Site);
    private static readonly Group<Row, int> Person = Group.By((Row r) => r.Person);

    public sealed record Row(int Site, double X, double Y, int Person = 0);

    /// <summary>The default engine both ways, and Gibbs with slice steps on sds and correlation; the seed of each.</summary>
    [Theory]
    [InlineData(null, SamplingMethod.Automatic, 1)]
    [InlineData(null, SamplingMethod.Nuts, 1)]
    [InlineData("Gibbs", SamplingMethod.Nuts, 3)]
    public void Ranks_of_the_truth_are_uniform_for_correlated_intercepts_and_slopes(string? engine, SamplingMethod sampling, ulong seed)
    {
        var model = PooledModel.Of<Row>()
            .Normal(r => r.Y, sigma: Exponential(1))
            .Intercept(Normal(1, 2))
            .Slope(r => r.X, Normal(-0.5, 1))
            .Varying(Site, g => g.Intercept(Exponential(1)).Slope(r => r.X, HalfNormal(1)).Correlated(Lkj(2)));
        Calibrate(seed, random =>
        {
            var sigma = random.NextExponential();
            var (intercept, slope) = (1 + 2 * random.NextNormal(), -0.5 + random.NextNormal());
            var (first, second) = (random.NextExponential(), Math.Abs(random.NextNormal()));

            // LKJ(2) of two effects: (rho + 1) / 2 ~ Beta(2, 2), the middle of three uniform numbers.
            var rho = 2 * new[] { random.NextDouble(), random.NextDouble(), random.NextDouble() }.Order().ElementAt(1) - 1;
            var u = Correlated(random, Groups, first, second, rho);
            return (
                Rows(random, (j, x) => intercept + u[j].Intercept + (slope + u[j].Slope) * x, sigma),
                [sigma, first, second, rho, intercept, slope, u[0].Intercept, slope + u[0].Slope]);
        },
        (rows, options) => CorrelatedQuantities(engine is null ? model.Fit(rows, options) : model.Fit(rows, Engine.Gibbs, options)),
        engine is null ? Thinning : GibbsThinning,
        sampling);
    }

    [Fact]
    public void Ranks_of_the_truth_are_uniform_for_Huang_and_Wands_covariance_by_Gibbs()
    {
        var model = PooledModel.Of<Row>()
            .Normal(r => r.Y, sigma: InverseGammaOnVariance(3, 2))
            .Intercept(StudentT(4, 1, 2))
            .Slope(r => r.X, Laplace(-0.5, 1))
            .Varying(Site, g => g.Intercept().Slope(r => r.X).Covariance(HuangWand(2, 1.5, 0.7)));
        Calibrate(4, random =>
        {
            var sigma = Math.Sqrt(2 / random.NextGamma(3));
            var intercept = 1 + 2 * random.NextStudentT(4);
            var slope = -0.5 + (random.NextDouble() < 0.5 ? -1 : 1) * random.NextExponential();

            // Sigma | a ~ InverseWishart(3, diag(4 / a)): the inverse of the sum of squares of 3 normal vectors of variance a / 4.
            double[] precision = [random.NextGamma(0.5) * 1.5 * 1.5, random.NextGamma(0.5) * 0.7 * 0.7];
            var (xx, xy, yy) = (0.0, 0.0, 0.0);
            for (var i = 0; i < 3; i++)
            {
                var (x, y) = (random.NextNormal() / Math.Sqrt(4 * precision[0]), random.NextNormal() / Math.Sqrt(4 * precision[1]));
                (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
            }

            var determinant = xx * yy - xy * xy;
            var (first, second, rho) = (Math.Sqrt(yy / determinant), Math.Sqrt(xx / determinant), -xy / Math.Sqrt(xx * yy));
            var u = Correlated(random, Groups, first, second, rho);
            return (
                Rows(random, (j, x) => intercept + u[j].Intercept + (slope + u[j].Slope) * x, sigma),
                [sigma, first, second, rho, intercept, slope, u[0].Intercept, slope + u[0].Slope]);
        },
        (rows, options) => CorrelatedQuantities(model.Fit(rows, Engine.Gibbs, options)),
        GibbsThinning);
    }

    [Theory]
    [InlineData("Gibbs", 5)]
    [InlineData("Marginal", 6)]
    public void Ranks_of_the_truth_are_uniform_for_crossed_factors(string engine, ulong seed)
    {
        var model = PooledModel.Of<Row>()
            .Normal(r => r.Y, sigma: Exponential(1))
            .Intercept(Normal(1, 2))
            .Slope(r => r.X, Normal(-0.5, 1))
            .Varying(Site, g => g.Intercept(Exponential(1)).Slope(r => r.X, HalfNormal(1)).Correlated(Uncorrelated))
            .Varying(Person, g => g.Intercept(HalfCauchy(0.5)));
        Calibrate(seed, random =>
        {
            var sigma = random.NextExponential();
            var (intercept, slope) = (1 + 2 * random.NextNormal(), -0.5 + random.NextNormal());
            var (first, second, third) = (random.NextExponential(), Math.Abs(random.NextNormal()), 0.5 * Math.Abs(random.NextStudentT(1)));
            var u = Correlated(random, Groups, first, second, 0);
            var w = Enumerable.Range(0, PerGroup).Select(_ => third * random.NextNormal()).ToArray();
            var rows = Enumerable.Range(0, Groups * PerGroup).Where(i => i % PerGroup <= i / PerGroup || i % 2 == 0)
                .Select(i => (Site: i / PerGroup, X: 3 + random.NextNormal(), Person: i % PerGroup))
                .Select(r => new Row(
                    r.Site,
                    r.X,
                    intercept + u[r.Site].Intercept + w[r.Person] + (slope + u[r.Site].Slope) * r.X + sigma * random.NextNormal(),
                    r.Person)).ToArray();
            return (rows, [sigma, first, second, third, intercept, slope, u[0].Intercept, w[1]]);
        },
        (rows, options) =>
        {
            var fit = model.Fit(rows, EngineCases.Engine(engine), options);
            var bySite = fit.For(Site);
            return
            [
                fit.Sigma, bySite.InterceptSd, bySite.Sd(r => r.X), fit.For(Person).InterceptSd,
                fit.Intercept, fit.Coefficient(r => r.X), bySite[0].Effect("Intercept"), fit.For(Person)[1].Effect("Intercept"),
            ];
        },
        engine == "Gibbs" ? GibbsThinning : Thinning);
    }

    [Theory]
    [InlineData(SamplingMethod.Automatic)]
    [InlineData(SamplingMethod.Nuts)]
    public void Ranks_of_the_truth_are_uniform_for_a_varying_intercept_without_a_population_intercept_and_bounded_scales(SamplingMethod sampling)
    {
        var model = PooledModel.Of<Row>()
            .Normal(r => r.Y, sigma: Uniform(0.2, 2))
            .Slope(r => r.X, Normal(0, 1))
            .Varying(Site, g => g.Intercept(Uniform(0, 1.5)));
        Calibrate(2, random =>
        {
            var (sigma, sd, slope) = (0.2 + 1.8 * random.NextDouble(), 1.5 * random.NextDouble(), random.NextNormal());
            var u = Enumerable.Range(0, Groups).Select(_ => sd * random.NextNormal()).ToArray();
            return (Rows(random, (j, x) => u[j] + slope * x, sigma), [sigma, sd, slope, u[0], u[Groups - 1]]);
        },
        (rows, options) =>
        {
            var fit = model.Fit(rows, options);
            var bySite = fit.For(Site);
            return [fit.Sigma, bySite.InterceptSd, fit.Coefficient(r => r.X), bySite[0].Intercept, bySite[Groups - 1].Intercept];
        },
        Thinning,
        sampling);
    }

    private static Quantity[] CorrelatedQuantities(NormalFit<Row> fit)
    {
        var bySite = fit.For(Site);
        return
        [
            fit.Sigma, bySite.InterceptSd, bySite.Sd(r => r.X), bySite.Correlation(r => r.X),
            fit.Intercept, fit.Coefficient(r => r.X), bySite[0].Effect("Intercept"), bySite[0].Slope(r => r.X),
        ];
    }

    private static (double Intercept, double Slope)[] Correlated(PhiloxStream random, int count, double first, double second, double rho) =>
    [
        .. Enumerable.Range(0, count).Select(_ => (random.NextNormal(), random.NextNormal()))
            .Select(z => (first * z.Item1, second * (rho * z.Item1 + Math.Sqrt(1 - rho * rho) * z.Item2))),
    ];

    // Groups of 1 to 4 rows: few enough for the priors to matter, the covariate far from zero.
    private static Row[] Rows(PhiloxStream random, Func<int, double, double> mean, double sigma) =>
    [
        .. Enumerable.Range(0, Groups * PerGroup).Where(i => i % PerGroup <= i / PerGroup).Select(
            i => (Site: i / PerGroup, X: 3 + random.NextNormal()))
            .Select(r => new Row(r.Site, r.X, mean(r.Site, r.X) + sigma * random.NextNormal())),
    ];

    private void Calibrate(
        ulong seed,
        Func<PhiloxStream, (Row[] Rows, double[] Truth)> simulate,
        Func<Row[], RunOptions, Quantity[]> fit,
        int thinning,
        SamplingMethod sampling = SamplingMethod.Nuts)
    {
        seed += OtherSeeds;
        var ranks = new int[Replications][];
        var independent = 0;
        var names = Array.Empty<string>();
        Parallel.For(0, Replications, replication =>
        {
            var (rows, truth) = simulate(new PhiloxStream(seed, (ulong)replication));
            var options =
                new RunOptions
                {
                    Seed = seed * 1_000_000 + (ulong)replication,
                    Chains = 1,
                    Threads = 1,
                    Warmup = 200,
                    Draws = (Ranks - 1) * thinning,
                    Sampling = sampling,
                };
            var quantities = fit(rows, options);
            if (quantities[0].Posterior.DrawKind == DrawKind.Independent)
                Interlocked.Increment(ref independent);
            ranks[replication] = [.. quantities.Zip(truth, (q, t) => q.Draws.Where((draw, s) => s % thinning == thinning - 1 && draw < t).Count())];
            names = [.. quantities.Select(q => q.Name)];
        });

        output.WriteLine($"{independent} of {Replications} by independent draws");
        Assert.Equal(sampling == SamplingMethod.Nuts, independent == 0);

        // Chi-square over the ranks, and their mean, which sees a small bias better: both two-sided at a level shared by all statements.
        var share = Level / (3 * names.Length);
        var tooHigh = ChiSquared.InvCDF(Ranks - 1, 1 - share);
        var expected = (double)Replications / Ranks;
        var problems = new List<string>();
        for (var k = 0; k < names.Length; k++)
        {
            var counts = new int[Ranks];
            foreach (var rank in ranks)
                counts[rank[k]]++;
            var chiSquare = counts.Sum(c => (c - expected) * (c - expected) / expected);

            // A rank uniform on 0 ... R - 1 has mean (R - 1) / 2 and variance (R^2 - 1) / 12.
            var z = (ranks.Average(rank => rank[k]) - 0.5 * (Ranks - 1)) / Math.Sqrt((Ranks * Ranks - 1) / 12.0 / Replications);
            output.WriteLine($"{names[k]}: chi-square {chiSquare:F1} (limit {tooHigh:F1}), mean rank off by {z:F2} standard errors");
            if (chiSquare > tooHigh || Math.Abs(z) > MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, 1 - share))
                problems.Add($"{names[k]}: chi-square {chiSquare:F1}, mean rank off by {z:F2} standard errors, counts {string.Join(' ', counts)}");
        }

        Assert.Empty(problems);
    }
}
