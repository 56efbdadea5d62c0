using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Randomness;
using TypedPooling.Responses;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Predictive densities of models of cells: likelihoods against the draws, integrals against fine sums, what is left out against fits
/// without it.</summary>
public sealed class CellLooTests
{
    private static readonly Group<Item, string> Site = Group.By((Item r) => r.Site);
    private static readonly Group<Item, int> Line = Group.By((Item r) => r.Line);
    private static readonly RunOptions Few = new() { Chains = 1, Draws = 40 };

    public static TheoryData<string> Families => new("Bernoulli", "Binomial", "Poisson", "NegativeBinomial", "Gamma", "Beta", "StudentT");

    [Theory]
    [MemberData(nameof(Families))]
    public void Likelihoods_are_those_of_the_draws(string family)
    {
        var rows = Item.Rows(family, 3);
        var fit = Item.Fit(family, rows, Few);
        var waic = fit.Waic(rows);
        var (sigma, shape) = Item.ScalesOf(fit);
        for (var i = 0; i < rows.Length; i += 3)
        {
            double[] logs = [.. fit.PredictLink(rows[i]).Draws.Select((eta, s) => Item.LogDensity(family, rows[i], eta, sigma[s], shape[s]))];
            Assert.Equal(Math.Pow(Diagnostics.Sd(logs), 2), waic.Pointwise[i].EffectiveParameters, 1e-9);
            Assert.Equal(Math.Log(logs.Average(Math.Exp)), waic.Pointwise[i].Elpd + waic.Pointwise[i].EffectiveParameters, 1e-9);
        }

        Assert.Equal(rows.Length, waic.ObservationCount);
    }

    // Also where the density and its prior have modes of their own, and where a row says next to nothing.
    [Theory]
    [InlineData("Bernoulli", Link.Logit, 1, 1, 1e-4)]
    [InlineData("Binomial", Link.Probit, 7, 9, 1e-9)]
    [InlineData("Binomial", Link.ComplementaryLogLog, 0, 9, 2e-3)]
    [InlineData("Poisson", Link.Log, 0, 1, 3e-3)]
    [InlineData("Poisson", Link.Log, 40, 1, 1e-9)]
    [InlineData("NegativeBinomial", Link.Log, 3, 1, 1e-7)]
    [InlineData("Gamma", Link.Log, 5, 1, 1e-5)]
    [InlineData("Beta", Link.Logit, 0.98, 1, 1e-5)]
    [InlineData("StudentT", Link.Identity, 4, 1, 1e-2)]
    public void Effects_that_one_row_has_are_integrated_out(string name, Link link, double response, double size, double tolerance)
    {
        const int Block = EffectsIntegralWorkspace.BlockLength;
        var family = TestFamilies.Of(name, link);
        var scales = new ResponseScales(0.5, 3);
        var anchor = family.Curve.Anchor(response, size);
        double[] etas = [-1.5, 0.5, 2];
        foreach (var sd in new[] { 0, 0.1, 1, 4 })
        {
            var (known, spherical, logs) = (new double[Block], new double[Block], new double[etas.Length]);
            etas.CopyTo(known, 0);
            Array.Fill(spherical, sd);
            new EffectsIntegralWorkspace(family, 1).Compute(
                new([response], [size], [anchor], known, spherical), [0.5, 0.5, 0.5], [3, 3, 3], logs);
            for (var s = 0; s < etas.Length; s++)
                Assert.Equal(FineSum(t => Value(etas[s] + sd * t)), logs[s], tolerance * Math.Max(1, sd / 4) * (sd < 2 ? 0.1 : 1) + 1e-12);
        }

        double Value(double eta) => family.Curve.FromAnchor(anchor, eta - anchor, response, size, scales, out _, out _, out _);
    }

    // Two effects of three cells, by a fine product sum.
    [Fact]
    public void Effects_that_cells_share_are_integrated_out_together()
    {
        const int Block = EffectsIntegralWorkspace.BlockLength;
        var family = TestFamilies.Of("Poisson", Link.Log);
        double[] responses = [3, 0, 7];
        double[] sizes = [1, 2, 1];
        double[] anchors = [.. responses.Zip(sizes, family.Curve.Anchor)];
        double[] o = [0.2, -0.4, 0.9];
        double[][] zeta = [[0.8, -0.3], [0.8, 0], [0.8, 0.6]];
        var (known, spherical, logs) = (new double[3 * Block], new double[6 * Block], new double[1]);
        for (var i = 0; i < 3; i++)
        {
            known[i * Block] = o[i];
            (spherical[2 * i * Block], spherical[(2 * i + 1) * Block]) = (zeta[i][0], zeta[i][1]);
        }

        new EffectsIntegralWorkspace(family, 2).Compute(new(responses, sizes, anchors, known, spherical), default, default, logs);

        var exact = FineSum(v => FineSum(w => Enumerable.Range(0, 3).Sum(i =>
        {
            var eta = o[i] + zeta[i][0] * v + zeta[i][1] * w;
            return responses[i] * (eta - anchors[i]) - sizes[i] * (Math.Exp(eta) - (responses[i] > 0 ? Math.Exp(anchors[i]) : 0));
        }), 400), 400);
        Assert.Equal(exact, logs[0], 1e-6);
    }

    [Theory]
    [InlineData("Bernoulli")]
    [InlineData("Poisson")]
    [InlineData("NegativeBinomial")]
    [InlineData("Beta")]
    public void Rows_left_out_have_the_density_that_a_fit_without_them_gives(string family)
    {
        // Rows that are alone, rows of pairs, and two outliers: the fits again are the truth.
        var rows = Item.Rows(family, 7, hasOutliers: true);
        var options = new RunOptions { Draws = 2000, Seed = 5 };
        var loo = Item.Fit(family, rows, new() { Draws = 2000 }).Loo(rows, "by draws", refit: true, options: options with { Seed = 6 });
        Assert.Equal(0, loo.BadCount);
        Assert.InRange(loo.Pointwise.Count(part => part.IsRefitted), 0, 4);
        int[] some = [0, 1, 2, 5, 9, 16, 20];
        foreach (var i in some)
        {
            var others = Item.Fit(family, [.. rows.Where((_, j) => j != i)], options);
            var (sigma, shape) = Item.ScalesOf(others);
            double[] p =
                [.. others.PredictLink(rows[i]).Draws.Select((eta, s) => Math.Exp(Item.LogDensity(family, rows[i], eta, sigma[s], shape[s])))];
            var error = Diagnostics.Sd(p) / p.Average() / Math.Sqrt(Diagnostics.EssMean(p, others.Posterior.ChainCount));
            var part = loo.Pointwise[i];
            Assert.Equal(Math.Log(p.Average()), part.Elpd, 5 * Math.Sqrt(error * error + part.Mcse * part.Mcse) + 0.02);
        }
    }

    [Theory]
    [InlineData("Poisson")]
    [InlineData("Gamma")]
    public void Rows_are_left_out_by_fitting_again_where_draws_cannot_tell(string family)
    {
        // With so few draws no k-hat is known.
        var rows = Item.Rows(family, 7)[..12];
        var options = new RunOptions { Draws = 1000, Seed = 9 };
        var loo = Item.Fit(family, rows, new() { Chains = 1, Draws = 20 }).Loo(rows, refit: true, options: options);
        Assert.All(loo.Pointwise, part => Assert.True(part.IsRefitted));
        Assert.Equal(0, loo.BadCount);
        foreach (var i in new[] { 0, 4, 11 })
        {
            var others = Item.Fit(family, [.. rows.Where((_, j) => j != i)], options with { Seed = 11 });
            var (sigma, shape) = Item.ScalesOf(others);
            double[] p =
                [.. others.PredictLink(rows[i]).Draws.Select((eta, s) => Math.Exp(Item.LogDensity(family, rows[i], eta, sigma[s], shape[s])))];
            var error = Diagnostics.Sd(p) / p.Average() / Math.Sqrt(p.Length);
            Assert.Equal(Math.Log(p.Average()), loo.Pointwise[i].Elpd, 6 * Math.Sqrt(error * error + Math.Pow(loo.Pointwise[i].Mcse, 2)));
        }
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        // More rows than one thread takes at a time.
        Item[] rows = [.. Enumerable.Range(3, 5).SelectMany(seed => Item.Rows("Poisson", (ulong)seed))];
        var fit = Item.Fit("Poisson", rows, Few);
        foreach (var (one, three) in fit.Loo(rows, options: new() { Threads = 1 }).Pointwise.Zip(
            fit.Loo(rows, options: new() { Threads = 3 }).Pointwise))
            Assert.Equal(one, three);
        foreach (var (one, three) in fit.LeaveGroupOut(Site, rows, options: new() { Threads = 1 }).Pointwise.Zip(
            fit.LeaveGroupOut(Site, rows, options: new() { Threads = 3 }).Pointwise))
            Assert.Equal(one, three);
    }

    [Theory]
    [InlineData("Bernoulli")]
    [InlineData("Poisson")]
    [InlineData("NegativeBinomial")]
    [InlineData("Gamma")]
    public void A_level_left_out_has_the_difference_of_log_evidences(string family)
    {
        var rows = Item.Rows(family, 5);
        var options = new RunOptions { Draws = 2000 };
        var fit = Item.Fit(family, rows, options);
        var estimate = fit.LeaveGroupOut(Site, rows, "levels", refit: true, options: options);
        Assert.Equal(fit.For(Site).Keys, estimate.Pointwise.Select(part => part.Level));
        Assert.Equal(0, estimate.BadCount);
        foreach (var part in estimate.Pointwise.Where((_, j) => j % 3 == 0))
        {
            var (all, without) = (
                fit.LogEvidence!.Value, Item.Fit(family, [.. rows.Where(r => r.Site != part.Level)], options).LogEvidence!.Value);
            var error = Math.Sqrt(all.Error * all.Error + without.Error * without.Error + part.Mcse * part.Mcse);
            Assert.Equal(all.Value - without.Value, part.Elpd, 6 * error + 0.01);
        }
    }

    [Fact]
    public void A_level_of_one_of_two_crossed_factors_is_left_out_given_the_other()
    {
        // With all scales known and a Normal response the truth is a ratio of dense normal densities.
        var rows = Item.Rows("StudentT", 4);
        var fit = PooledModel.Of<Item>().Normal(r => r.Y, Fixed(0.7)).Intercept(Normal(0, 2)).Slope(r => r.X, Normal(0, 1))
            .Varying(Site, g => g.Intercept(Fixed(0.8))).Varying(Line, g => g.Intercept(Fixed(0.5)).Slope(r => r.X, Fixed(0.3)).Uncorrelated())
            .Fit(rows, new() { Chains = 4, Draws = 4000 });
        var estimate = fit.LeaveGroupOut(Site, rows, refit: true, options: new() { Draws = 4000 });
        foreach (var part in estimate.Pointwise)
        {
            var exact = LogDensity(rows) - LogDensity([.. rows.Where(r => r.Site != part.Level)]);
            Assert.Equal(exact, part.Elpd, 6 * part.Mcse + 1e-3);
        }

        Assert.Equal(0, estimate.BadCount);
        var nested = PooledModel.Of<Item>().Poisson(r => r.N).Intercept(Normal(0, 2)).Varying(Site, g => g.Intercept(Exponential(1)))
            .Varying(Group.By((Item r) => r.Site + r.Line, "line of site"), g => g.Intercept(Exponential(1))).Fit(rows, Few);
        var problem = Assert.Throws<ModelException>(() => nested.LeaveGroupOut(Site, rows)).Problems.Single();
        Assert.Equal(ProblemCode.EngineRefuses, problem.Code);
        Assert.Contains("KFoldByLevel", problem.Remedy, StringComparison.Ordinal);
        var poisson = Item.Fit("Poisson", Item.Rows("Poisson", 3), Few);
        Assert.Equal(ProblemCode.DataNeeded, Assert.Throws<ModelException>(() => poisson.LeaveGroupOut(Site)).Problems.Single().Code);

        static double LogDensity(Item[] some) => DenseNormal.LogDensity([.. some.Select(r => r.Y)], _ => 0, (i, j) =>
        {
            var (a, b) = (some[i], some[j]);
            return 4 + a.X * b.X + (a.Site == b.Site ? 0.64 : 0) + (a.Line == b.Line ? 0.25 + 0.09 * a.X * b.X : 0) + (i == j ? 0.49 : 0);
        });
    }

    [Fact]
    public void Other_rows_are_refused()
    {
        var rows = Item.Rows("Binomial", 3);
        var fit = Item.Fit("Binomial", rows, Few);
        Refused(rows[1..], "rows where the fit has");
        Refused([.. rows[..^1], rows[^1] with { N = rows[^1].N + 1 }], "another mean of 'trials or exposure'");
        Refused([.. rows[..^1], rows[^1] with { X = 5 }], "another mean of 'X'");
        Refused([.. rows[..^1], rows[^1] with { N = 9, Y = rows[^1].Y + 1 }], "another mean of 'Y'");
        Refused([.. rows[..^1], rows[^1] with { Site = "elsewhere" }], "a level of Site, 'elsewhere'");

        void Refused(Item[] others, string what)
        {
            var problem = Assert.Throws<ModelException>(() => fit.Loo(others)).Problems.Single();
            Assert.Equal(ProblemCode.OtherRows, problem.Code);
            Assert.Contains(what, problem.Sentence, StringComparison.Ordinal);
        }
    }

    // log of the mean of exp(value) under N(0, 1).
    private static double FineSum(Func<double, double> value, int steps = 40000)
    {
        var h = 24.0 / steps;
        double[] logs = [.. Enumerable.Range(0, steps + 1).Select(i => value(-12 + i * h) - 0.5 * Math.Pow(-12 + i * h, 2))];
        var largest = logs.Max();
        return largest + Math.Log(logs.Sum(log => Math.Exp(log - largest)) * h / Math.Sqrt(2 * Math.PI));
    }

    /// <summary>A row of simulated data: 2 sites of one row, 3 of two, 5 of four.</summary>
    internal sealed record Item(string Site, int Line, double X, double Y, int N)
    {
        public static Item[] Rows(string family, ulong seed, bool hasOutliers = false)
        {
            var stream = new PhiloxStream(seed, 1);
            var rows = new List<Item>();
            for (var j = 0; j < 10; j++)
            {
                var u = 0.8 * stream.NextNormal();
                for (var i = 0; i < (j < 2 ? 1 : j < 5 ? 2 : 4); i++)
                {
                    var (x, n) = (stream.NextNormal(), 1 + (int)(4 * stream.NextDouble()));
                    var eta = -0.2 + 0.5 * x + u;
                    var (mu, p) = (Math.Exp(eta), 1 / (1 + Math.Exp(-eta)));
                    var (a, b) = (stream.NextGamma(5 * p), stream.NextGamma(5 * (1 - p)));
                    var y = family switch
                    {
                        "Bernoulli" => stream.NextDouble() < p ? 1 : 0,
                        "Binomial" => stream.NextBinomial(n, p),
                        "Poisson" => stream.NextPoisson(mu * n),
                        "NegativeBinomial" => stream.NextPoisson(mu * n * stream.NextGamma(3) / 3),
                        "Gamma" => mu * stream.NextGamma(3) / 3,
                        "Beta" => a / (a + b),
                        _ => eta + 0.5 * stream.NextStudentT(4),
                    };
                    if (hasOutliers && rows.Count is 5 or 20)
                        y = family switch { "Poisson" or "NegativeBinomial" => y + 12, "Beta" => 0.97, _ => y };
                    rows.Add(new("site " + j, rows.Count % 3, x, y, n));
                }
            }

            return [.. rows];
        }

        public static Fit<Item> Fit(string family, Item[] rows, RunOptions options)
        {
            var of = PooledModel.Of<Item>();
            return family switch
            {
                "Bernoulli" => Full(of.Bernoulli(r => r.Y)).Fit(rows, options),
                "Binomial" => Full(of.Binomial(r => r.Y, r => r.N)).Fit(rows, options),
                "Poisson" => Full(of.Poisson(r => r.Y, exposure: r => r.N)).Fit(rows, options),
                "NegativeBinomial" => Full(of.NegativeBinomial(r => r.Y, exposure: r => r.N)).Fit(rows, options),
                "Gamma" => Full(of.Gamma(r => r.Y)).Fit(rows, options),
                "Beta" => Full(of.Beta(r => r.Y)).Fit(rows, options),
                _ => Full(of.StudentT(r => r.Y)).Fit(rows, options),
            };
        }

        public static (double[] Sigma, double[] Shape) ScalesOf(Fit<Item> fit)
        {
            var ones = Enumerable.Repeat(1.0, fit.Posterior.DrawCount).ToArray();
            return (Of(kind => kind == ParameterKind.Sigma), Of(Parameter.IsShape));

            double[] Of(Func<ParameterKind, bool> isMeant)
            {
                for (var i = 0; i < fit.Posterior.Scales.ParameterCount; i++)
                {
                    var draws = new double[fit.Posterior.DrawCount];
                    fit.Posterior.Scales.CopyDraws(i, draws);
                    if (isMeant(fit.Posterior.Scales.Parameter(i).Kind))
                        return draws;
                }

                return ones;
            }
        }

        public static double LogDensity(string family, Item r, double eta, double sigma, double shape)
        {
            var (mu, p) = (Math.Exp(eta), 1 / (1 + Math.Exp(-eta)));
            return family switch
            {
                "Bernoulli" => r.Y > 0 ? Math.Log(p) : Math.Log(1 - p),
                "Binomial" => MathNet.Numerics.Distributions.Binomial.PMFLn(p, r.N, (int)r.Y),
                "Poisson" => MathNet.Numerics.Distributions.Poisson.PMFLn(mu * r.N, (int)r.Y),
                "NegativeBinomial" => MathNet.Numerics.Distributions.NegativeBinomial.PMFLn(shape, shape / (shape + r.N * mu), (int)r.Y),
                "Gamma" => MathNet.Numerics.Distributions.Gamma.PDFLn(shape, shape / mu, r.Y),
                "Beta" => MathNet.Numerics.Distributions.Beta.PDFLn(shape * p, shape * (1 - p), r.Y),
                _ => MathNet.Numerics.Distributions.StudentT.PDFLn(eta, sigma, shape, r.Y),
            };
        }

        private static TModel Full<TModel>(PooledModel<Item, TModel> model)
            where TModel : PooledModel<Item, TModel> =>
            model.Intercept(Normal(0, 2)).Slope(r => r.X, Normal(0, 1)).Varying(CellLooTests.Site, g => g.Intercept(Exponential(1)));
    }
}
