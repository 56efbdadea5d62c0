using System.Globalization;
using System.Text.RegularExpressions;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Reading a fit: typed access, refusals with their remedies, text, warnings.</summary>
public sealed class FitTests
{
    private static readonly Group<Visit, string> Cafe = Group.By((Visit v) => v.Cafe);

    private static readonly NormalModel<Visit> Waits = PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: Exponential(1))
        .Intercept(Normal(5, 2))
        .Slope(v => v.Afternoon, Normal(-1, 0.5))
        .Varying(Cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));

    private static readonly Lazy<NormalFit<Visit>> Shared = new(
        () => Waits.Fit(Rows.Cafe, new RunOptions { Seed = 7, Sampling = SamplingMethod.Nuts }));

    private static NormalFit<Visit> Fit => Shared.Value;

    private static FactorFit<Visit, string> ByCafe => Fit.For(Cafe);

    [Fact]
    public void A_fit_knows_its_model_its_rows_and_its_engine()
    {
        Assert.Equal((400, 0), (Fit.RowCount, Fit.DroppedRowCount));
        Assert.Equal("Marginal", Fit.Posterior.Engine);
        Assert.Equal("Engine Marginal, chosen because it fits this model exactly with all coefficients integrated out", Fit.EngineChoice);
        Assert.Equal("Engine Marginal, as asked for", Waits.Fit(Rows.Cafe, Engine.Marginal, Few).EngineChoice);
        Assert.Equal(7ul, Fit.Posterior.Seed);
        Assert.Empty(Fit.Warnings);
    }

    [Fact]
    public void Population_effects_are_found_by_property_selector_and_name()
    {
        Assert.Equal("Intercept", Fit.Intercept.Name);
        Assert.Equal("Afternoon", Fit.Coefficient(v => v.Afternoon).Name);
        Assert.Same(Fit.Intercept, Fit.Coefficient("Intercept"));
        Assert.Same(Fit.Coefficient("Afternoon"), Fit.Coefficient(v => v.Afternoon));
        Assert.Same(Fit.Coefficient("Afternoon"), Fit.Coefficient(visit => visit.Afternoon));
        Assert.Equal(DrawsOf(Fit.Posterior.Population, 0), Fit.Intercept.Draws);
        Assert.Equal(DrawsOf(Fit.Posterior.Population, 1), Fit.Coefficient(v => v.Afternoon).Draws);
    }

    [Fact]
    public void Scales_are_found_by_what_they_are_and_correlations_in_either_order()
    {
        Assert.Equal("sigma", Fit.Sigma.Name);
        Assert.Equal(DrawsOf(Fit.Posterior.Scales, 0), Fit.Sigma.Draws);
        Assert.Equal("sd(Cafe: Intercept)", ByCafe.InterceptSd.Name);
        Assert.Equal(DrawsOf(Fit.Posterior.Scales, 1), ByCafe.InterceptSd.Draws);
        Assert.Same(ByCafe.InterceptSd, ByCafe.Sd("Intercept"));
        Assert.Same(ByCafe.Sd("Afternoon"), ByCafe.Sd(v => v.Afternoon));
        Assert.Equal(DrawsOf(Fit.Posterior.Scales, 2), ByCafe.Sd("Afternoon").Draws);

        Assert.Equal("cor(Cafe: Intercept, Afternoon)", ByCafe.Correlation(v => v.Afternoon).Name);
        Assert.Same(ByCafe.Correlation(v => v.Afternoon), ByCafe.Correlation("Intercept", "Afternoon"));
        Assert.Same(ByCafe.Correlation(v => v.Afternoon), ByCafe.Correlation("Afternoon", "Intercept"));
        Assert.Equal(DrawsOf(Fit.Posterior.Scales, 3), ByCafe.Correlation(v => v.Afternoon).Draws);
    }

    [Fact]
    public void A_level_has_coefficients_and_effects_aligned_with_the_population()
    {
        Assert.Equal(Rows.Cafe.Select(v => v.Cafe).Distinct(), ByCafe.Keys);
        var index = ByCafe.Keys.ToList().IndexOf("3");
        var level = ByCafe.Level("3");

        Assert.Equal("3", level.Text);
        Assert.Equal(("Cafe[3]: Intercept", "Cafe[3]: Afternoon"), (level.Intercept.Name, level.Slope(v => v.Afternoon).Name));
        Assert.Equal(("Cafe[3, Intercept]", "Cafe[3, Afternoon]"), (level.Effect("Intercept").Name, level.Effect(v => v.Afternoon).Name));
        Assert.Equal(level.Intercept.Draws.ToArray(), ByCafe["3"].Coefficient("Intercept").Draws.ToArray());
        Assert.Equal(level.Slope(v => v.Afternoon).Draws.ToArray(), level.Coefficient("Afternoon").Draws.ToArray());

        Assert.Equal(DrawsOf(Fit.Posterior.Effects[0], 2 * index), level.Effect("Intercept").Draws);
        Assert.Equal(DrawsOf(Fit.Posterior.Effects[0], 2 * index + 1), level.Effect("Afternoon").Draws);
        Assert.Equal(Fit.Intercept.Draws.Zip(level.Effect("Intercept").Draws, (b, u) => u + b), level.Intercept.Draws);
        Assert.Equal(Fit.Coefficient("Afternoon").Draws.Zip(level.Effect("Afternoon").Draws, (b, u) => u + b), level.Slope(v => v.Afternoon).Draws);
    }

    [Fact]
    public void Levels_and_effects_far_apart_are_the_same_whatever_was_asked_before()
    {
        // More levels than a fit keeps.
        var many = Enumerable.Range(0, 700).Select(i => new Visit($"café {i}", false, i % 7 * 0.3 + i * 37 % 11 * 0.1)).ToArray();
        var fit =
            PooledModel.Of<Visit>().Normal(v => v.Wait, Exponential(1)).Intercept(Normal(0, 5)).Varying(Cafe, g => g.Intercept(Exponential(1)))
                .Fit(many, Few).For(Cafe);
        var first = fit.Level("café 0").Intercept.Draws.ToArray();

        foreach (var key in fit.Keys)
            Assert.NotEqual(0, fit.Level(key).Intercept.Mean);

        Assert.Equal(first, fit.Level("café 0").Intercept.Draws.ToArray());
        Assert.NotEqual(first, fit.Level("café 699").Intercept.Draws.ToArray());
    }

    [Fact]
    public void Handles_are_equal_by_name_and_types_not_by_object()
    {
        var again = Group.By((Visit visit) => visit.Cafe);

        Assert.NotSame(Cafe, again);
        Assert.Equal(Cafe, again);
        Assert.Equal(Cafe.GetHashCode(), again.GetHashCode());
        Assert.NotEqual(Cafe, Group.By((Visit v) => v.Cafe, "Coffee"));
        Assert.False(Cafe.Equals((object)Group.By((Visit v) => v.Afternoon, "Cafe")));
        Assert.Equal(ByCafe["1"].Intercept.Draws.ToArray(), Fit.For(again)["1"].Intercept.Draws.ToArray());
        Assert.Equal("Cafe", again.ToString());
    }

    [Fact]
    public void A_quantity_has_moments_quantiles_and_probabilities_of_its_draws()
    {
        var quantity = ByCafe["5"].Intercept;
        var draws = quantity.Draws.ToArray();
        var sorted = draws.Order().ToArray();

        Assert.Equal(4000, draws.Length);
        Assert.Equal(draws.Average(), quantity.Mean, 1e-12);
        Assert.Equal(Math.Sqrt(draws.Sum(x => (x - draws.Average()) * (x - draws.Average())) / 3999), quantity.Sd, 1e-12);
        Assert.Equal(0.5 * (sorted[1999] + sorted[2000]), quantity.Median, 1e-12);
        Assert.Equal((sorted[0], sorted[^1]), (quantity.Quantile(0), quantity.Quantile(1)));

        // R's type 7: h = (S - 1) p = 219.945.
        Assert.Equal(sorted[219] + 0.945 * (sorted[220] - sorted[219]), quantity.Quantile(0.055), 1e-12);
        Assert.Equal(new Interval(quantity.Quantile(0.055), quantity.Quantile(0.945), 0.89), quantity.Interval(), IntervalsEqual);
        Assert.Equal(new Interval(quantity.Quantile(0.25), quantity.Quantile(0.75), 0.5), quantity.Interval(0.5), IntervalsEqual);
        Assert.Equal(draws.Count(x => x > 2.7) / 4000.0, quantity.Probability(x => x > 2.7));
        Assert.Equal(Diagnostics.McseMean(draws, 4), quantity.McseMean);
        Assert.Equal(Diagnostics.McseSd(draws, 4), quantity.McseSd);
        Assert.Equal(Diagnostics.EssBulk(draws, 4), quantity.EssBulk);
        Assert.Equal(Diagnostics.EssTail(draws, 4), quantity.EssTail);
        Assert.Equal(Diagnostics.RHat(draws, 4), quantity.RHat);
        Assert.All([-0.1, 1.1, double.NaN], p => Assert.Throws<ArgumentOutOfRangeException>(() => quantity.Quantile(p)));
    }

    [Fact]
    public void Derived_quantities_see_joint_draws()
    {
        var (first, second) = (ByCafe["1"].Intercept, ByCafe["2"].Intercept);
        var contrast = Fit.Derive(d => d.Of(first) - d.Of(second), "1 - 2");

        Assert.Equal("1 - 2", contrast.Name);
        Assert.Equal(first.Draws.Zip(second.Draws, (a, b) => a - b), contrast.Draws);
        Assert.Equal(contrast.Draws.Count(x => x > 0) / 4000.0, contrast.Probability(x => x > 0));
        Assert.Equal(first.Mean - second.Mean, contrast.Mean, 1e-12);
        Assert.Equal("derived", Fit.Derive(_ => 1).Name);

        // A derived quantity can be derived from, too.
        Assert.Equal(contrast.Draws.Select(x => x * x), Fit.Derive(d => d.Of(contrast) * d.Of(contrast)).Draws);
    }

    [Theory]
    [InlineData(
        "level",
        "[UnknownTerm] Cafe, level '21': No row of the data had this key, so Cafe has no such level. Ask for a key in Keys. For a level without "
            + "data, "
            + "read the sds.")]
    [InlineData(
        "indexer",
        "[UnknownTerm] Cafe, level '21': No row of the data had this key, so Cafe has no such level. Ask for a key in Keys. For a level without "
            + "data, "
            + "read the sds.")]
    [InlineData("coefficient", "[UnknownTerm] Morning: The model has no population effect of this name. Ask for one of: Intercept, Afternoon.")]
    [InlineData(
        "coefficient by selector", "[UnknownTerm] Wait: The model has no population effect of this name. Ask for one of: Intercept, Afternoon.")]
    [InlineData("slope", "[UnknownTerm] Wait: No effect of this name varies by Cafe. Ask for one of: Intercept, Afternoon.")]
    [InlineData("effect", "[UnknownTerm] Morning: No effect of this name varies by Cafe. Ask for one of: Intercept, Afternoon.")]
    [InlineData("sd", "[UnknownTerm] Morning: No effect of this name varies by Cafe. Ask for one of: Intercept, Afternoon.")]
    [InlineData("correlation", "[UnknownTerm] Morning: No effect of this name varies by Cafe. Ask for one of: Intercept, Afternoon.")]
    [InlineData("factor", "[UnknownTerm] Coffee: The model has no grouping factor 'Coffee' with keys of type String. Ask for one of: Cafe.")]
    [InlineData(
        "factor of another type", "[UnknownTerm] Cafe: The model has no grouping factor 'Cafe' with keys of type Boolean. Ask for one of: Cafe.")]
    [InlineData(
        "other fit",
        "[UnknownTerm] Intercept: The quantity 'Intercept' belongs to another fit, so its draws are not aligned with this one's. Combine "
            + "quantities of one fit only.")]
    public void What_the_fit_does_not_have_is_refused_with_the_remedy(string what, string message)
    {
        var other = Waits.Fit(Rows.Cafe, Few);
        Action ask = what switch
        {
            "level" => () => ByCafe.Level("21"),
            "indexer" => () => _ = ByCafe["21"],
            "coefficient" => () => Fit.Coefficient("Morning"),
            "coefficient by selector" => () => Fit.Coefficient(v => v.Wait),
            "slope" => () => ByCafe["1"].Slope(v => v.Wait),
            "effect" => () => ByCafe["1"].Effect("Morning"),
            "sd" => () => ByCafe.Sd("Morning"),
            "correlation" => () => ByCafe.Correlation("Intercept", "Morning"),
            "factor" => () => Fit.For(Group.By((Visit v) => v.Cafe, "Coffee")),
            "factor of another type" => () => Fit.For(Group.By((Visit v) => v.Afternoon, "Cafe")),
            "other fit" => () => Fit.Derive(d => d.Of(other.Intercept)),
            _ => throw new NotSupportedException(what),
        };

        Assert.Equal(message, Assert.Throws<ModelException>(ask).Message);
    }

    [Fact]
    public void What_is_not_estimated_is_refused_with_the_remedy()
    {
        var school = Group.By((School s) => s.Name);
        var known = PooledModel.Of<School>().Normal(s => s.Effect, knownSd: s => s.Se).Intercept(Normal(0, 5)).Varying(
            school, g => g.Intercept(HalfCauchy(5)));
        var apart = PooledModel.Of<Visit>().Normal(v => v.Wait, Exponential(1))
            .Varying(Cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Uncorrelated());

        Assert.Equal(
            "[UnknownTerm] sigma: The model has no sigma: the error of each row is known. Ask for one of: sd(Name: Intercept).",
            Assert.Throws<ModelException>(() => known.Fit(Rows.EightSchools, Few).Sigma).Message);
        var fit = apart.Fit(Rows.Cafe, Few);
        Assert.Contains(
            "Ask for one of: sigma, sd(Cafe: Intercept), sd(Cafe: Afternoon).",
            Assert.Throws<ModelException>(() => fit.For(Cafe).Correlation(v => v.Afternoon)).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            "[UnknownTerm] Intercept: The model has no population effect of this name. The model has no population effects; declare one with "
                + "Intercept() or Slope(...).",
            Assert.Throws<ModelException>(() => fit.Intercept).Message);
        Assert.Equal(
            "[UnknownTerm] Cafe: The model has no grouping factor 'Cafe' with keys of type String. The model has no grouping factors; declare one "
                + "with Varying(...).",
            Assert.Throws<ModelException>(
                () => PooledModel.Of<Visit>().Normal(v => v.Wait, Exponential(1)).Intercept(Normal(0, 5)).Fit(Rows.Cafe, Few).For(Cafe)).Message);
    }

    [Fact]
    public void Fixed_scales_are_read_as_constants_sigma_as_well_as_sds()
    {
        var model = PooledModel.Of<Visit>().Normal(v => v.Wait, Fixed(0.7)).Intercept(Normal(5, 2));
        var fits = new[] { model.Fit(Rows.Cafe, Few), model.Varying(Cafe, g => g.Intercept(Fixed(0.3))).Fit(
            Rows.Cafe, Few), model.Varying(Cafe, g => g.Intercept(Exponential(1))).Fit(Rows.Cafe, Few) };

        Assert.All(fits, fit => AssertConstant(0.7, fit.Sigma));
        Assert.All(
            fits,
            fit => Assert.Contains(
                fit.Table.Rows,
                row => row.Parameter.Name == "sigma" && Math.Abs(row.Mean - 0.7) < 1e-12 && row.Sd < 1e-12 && double.IsNaN(row.RHat)));
        Assert.All(fits, fit => Assert.DoesNotContain(fit.Warnings, warning => warning.Message.Contains("sigma", StringComparison.Ordinal)));
        Assert.Equal([true, true, false], fits.Select(fit => fit.Posterior.Exact is not null));
        AssertConstant(0.3, fits[1].For(Cafe).InterceptSd);
        AssertConstant(1.4, fits[2].Derive(d => 2 * d.Of(fits[2].Sigma)));
        AssertConstant(
            0.7, PooledModel.Of<Visit>().LogNormal(v => v.Wait, Fixed(0.7)).Intercept(Normal(1, 1)).Fit(Rows.Cafe.Where(v => v.Wait > 0), Few).Sigma);

        static void AssertConstant(double value, Quantity quantity)
        {
            Assert.Equal(value, quantity.Mean, 1e-12);
            Assert.Equal(0, quantity.Sd, 1e-12);
            Assert.Equal(new Interval(value, value, 0.89), quantity.Interval(), IntervalsEqual);
            Assert.All(quantity.Draws, draw => Assert.Equal(value, draw));
        }
    }

    [Fact]
    public void The_text_of_a_fit_is_a_table_under_what_was_fitted()
    {
        var lines = Fit.ToString().ReplaceLineEndings("\n").Split('\n');

        Assert.Equal("Normal model of Wait: 400 rows, 20 levels of Cafe", lines[0]);
        Assert.Equal("Engine Marginal, chosen because it fits this model exactly with all coefficients integrated out", lines[1]);
        Assert.Matches(@"^4 chains of 1,000 draws, seed 7, 0 divergences; (\d+\.\d ms|\d+\.\d\d s)$", lines[3]);
        Assert.Equal("Scales drawn by NUTS, as asked for", lines[2]);
        Assert.Equal(string.Empty, lines[4]);
        var width = "cor(Cafe: Intercept, Afternoon)".Length;
        Assert.Equal(["mean", "sd", "5.5%", "94.5%", "ess_bulk", "ess_tail", "rhat"], Columns(lines[5]));
        string[] names = ["Intercept", "Afternoon", "sigma", "sd(Cafe: Intercept)", "sd(Cafe: Afternoon)", "cor(Cafe: Intercept, Afternoon)"];
        Quantity[] quantities =
        [
            Fit.Intercept,
            Fit.Coefficient("Afternoon"),
            Fit.Sigma,
            ByCafe.InterceptSd,
            ByCafe.Sd("Afternoon"),
            ByCafe.Correlation("Intercept", "Afternoon"),
        ];
        for (var i = 0; i < names.Length; i++)
        {
            var line = lines[6 + i];
            Assert.Equal(names[i], line[..width].TrimEnd());
            Assert.Equal(lines[5].Length, line.Length); // columns end under their headers
            var numbers = Columns(line[width..]).Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
            var (q, row) = (quantities[i], Fit.Table.Rows[i]);
            double[] expected = [q.Mean, q.Sd, q.Quantile(0.055), q.Quantile(0.945), q.EssBulk, q.EssTail, q.RHat];
            Assert.Equal(expected.AsEnumerable(), [row.Mean, row.Sd, row.Lower, row.Upper, row.EssBulk, row.EssTail, row.RHat]);
            Assert.Equal(names[i], row.Parameter.Name);

            // Three significant digits of the sd, here between 0.01 and 1, so 3 or 4 decimals; whole draws; three decimals of R-hat.
            double[] halves = [0.0005, 0.0005, 0.0005, 0.0005, 0.5, 0.5, 0.0005];
            Assert.All(expected.Zip(numbers, halves), n => Assert.Equal(n.First, n.Second, n.Third * 1.0001));
        }

        Assert.Equal(6 + names.Length + 1, lines.Length);
        Assert.Equal(string.Empty, lines[^1]);
        Assert.Equal(lines.Skip(5).Take(1 + names.Length), Fit.Table.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'));
        Assert.Matches(@"^sigma: 0\.\d{4} \(sd 0\.0\d{3}; 89% 0\.\d{4} to 0\.\d{4}\)$", Fit.Sigma.ToString());

        static string[] Columns(string line) => Regex.Split(line.Trim(), " +");
    }

    [Fact]
    public void The_text_of_an_exact_fit_is_the_same_to_the_last_digit()
    {
        // mu ~ N(0, 5), y_j ~ N(mu, 6^2 + se_j^2): see EngineTruthTests for the algebra.
        var school = Group.By((School s) => s.Name);
        var fit =
            PooledModel.Of<School>().Normal(s => s.Effect, knownSd: s => s.Se).Intercept(Normal(0, 5)).Varying(school, g => g.Intercept(Fixed(6)))
            .Fit(Rows.EightSchools, new RunOptions { Draws = 50 });

        Assert.Equal(
            """
            Normal model of Effect: 8 rows, 8 levels of Name
            Engine Marginal, chosen because it fits this model exactly with all coefficients integrated out
            Every scale is known: moments are exact; seed 1 for draws; TIME

                                 mean    sd   5.5%  94.5%  ess_bulk  ess_tail  rhat
            Intercept            4.23  3.41  -1.22   9.68       200       200     -
            sd(Name: Intercept)  6.00  0.00   6.00   6.00         -         -     -

            """.ReplaceLineEndings("\n"),
            Regex.Replace(fit.ToString().ReplaceLineEndings("\n"), @"[\d.]+ m?s$", "TIME", RegexOptions.Multiline));
    }

    [Fact]
    public void A_fit_of_few_draws_warns_that_its_effective_sample_size_is_low()
    {
        var fit = Waits.Fit(Rows.Cafe, new RunOptions { Seed = 3, Chains = 4, Draws = 60, Sampling = SamplingMethod.Nuts });

        var warning = Assert.Single(fit.Warnings, w => w.Code == FitWarningCode.LowEss);
        var least = fit.Table.Rows.MinBy(row => Math.Min(row.EssBulk, row.EssTail))!;
        Assert.Equal(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The effective sample size of {least.Parameter.Name} is {Math.Min(least.EssBulk, least.EssTail):F0} (below 400), so its interval "
                    + $"is uncertain; raise Draws."),
            warning.Message);
        Assert.Contains($"\nWarning: {warning.Message}\n", fit.ToString().ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_fit_whose_chains_have_not_met_warns_of_R_hat()
    {
        // With 20 warmup draws chains are still on their way; the seed is one of many where R-hat sees it.
        var fit = Waits.Fit(Rows.Cafe, new RunOptions { Seed = 1, Chains = 4, Warmup = 20, Draws = 8, Sampling = SamplingMethod.Nuts });

        var warning = Assert.Single(fit.Warnings, w => w.Code == FitWarningCode.RHat);
        var worst = fit.Table.Rows.MaxBy(row => row.RHat)!;
        Assert.Equal(
            string.Create(
                CultureInfo.InvariantCulture,
                $"R-hat of {worst.Parameter.Name} is {worst.RHat:F3} (above 1.01), so chains do not agree yet; raise Warmup and Draws."),
            warning.Message);
    }

    [Fact]
    public void Dropped_rows_are_told()
    {
        Reading[] rows = [.. Rows.Readings(), .. Rows.Readings(3).Select(r => r with { Gap = null })];
        var site = Group.By((Reading r) => r.Site);
        var fit = PooledModel.Of<Reading>().Normal(r => r.Y, Exponential(1)).Intercept(Normal(0, 5)).Slope(r => r.Gap, Normal(0, 1))
            .Varying(site, g => g.Intercept(Exponential(1)).Slope(r => r.Gap, Exponential(1))).DropRowsWithMissingValues().Fit(rows, Few);

        Assert.Equal((60, 3), (fit.RowCount, fit.DroppedRowCount));
        Assert.StartsWith(
            "Normal model of Y: 60 rows, 5 levels of Site (3 rows with missing values dropped)", fit.ToString(), StringComparison.Ordinal);

        // A nullable column is asked for by the selector it was declared with.
        var bySite = fit.For(site);
        Assert.Equal("Gap", fit.Coefficient(r => r.Gap).Name);
        Assert.Equal("sd(Site: Gap)", bySite.Sd(r => r.Gap).Name);
        Assert.Equal("cor(Site: Intercept, Gap)", bySite.Correlation(r => r.Gap).Name);
        Assert.Equal("Site[site 2]: Gap", bySite["site 2"].Slope(r => r.Gap).Name);
    }

    [Fact]
    public void Names_may_hold_commas_quotes_brackets_and_letters_of_any_script()
    {
        string[] keys = ["Zürich, \"Old\" Town", "[Ἀθῆναι]", "東京: 一", "a\u0301", "á", "", " "];
        var rows = keys.SelectMany((key, j) => Enumerable.Range(0, 4).Select(i => new Visit(key, i % 2 == 0, j + 0.1 * i * i))).ToArray();
        var place = Group.By((Visit v) => v.Cafe, "Ort, \"Straße\"");
        var fit =
            PooledModel.Of<Visit>().Normal(v => v.Wait, Exponential(1)).Intercept(Normal(0, 5))
                .Slope(v => v.Afternoon, Normal(0, 1), "après-midi, ½")
            .Varying(place, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1))).Fit(rows, Few);
        var byPlace = fit.For(place);

        Assert.Equal(keys, byPlace.Keys);
        Assert.Equal(keys, keys.Select(key => byPlace[key].Text));
        Assert.Equal(keys.Length, keys.Select(key => byPlace[key].Intercept.Mean).Distinct().Count());
        Assert.Equal("Ort, \"Straße\"[Zürich, \"Old\" Town]: après-midi, ½", byPlace[keys[0]].Slope(v => v.Afternoon).Name);
        Assert.Equal("cor(Ort, \"Straße\": Intercept, après-midi, ½)", byPlace.Correlation(v => v.Afternoon).Name);
        Assert.Same(fit.Coefficient("après-midi, ½"), fit.Coefficient(v => v.Afternoon));
        Assert.Contains("sd(Ort, \"Straße\": après-midi, ½)", fit.ToString(), StringComparison.Ordinal);
        Assert.All(keys, key => Assert.Contains($"\n{key}", byPlace.Shrinkage().ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_single_level_can_be_fitted_and_read()
    {
        var rows = Rows.Cafe.Where(v => v.Cafe == "1").ToArray();
        var fit = Waits.Fit(rows, Few);

        Assert.Equal(["1"], fit.For(Cafe).Keys);
        Assert.True(double.IsFinite(fit.For(Cafe)["1"].Intercept.Mean));
        Assert.Equal(rows.Length, Assert.Single(fit.For(Cafe).Shrinkage().Levels).Rows);
        Assert.StartsWith("Normal model of Wait: 20 rows, 1 level of Cafe\n", fit.ToString().ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_as_FSharp_compiles_records_are_fitted_and_keys_are_found_by_value()
    {
        var spot = Group.By((Sighting s) => s.Where);
        Sighting[] rows = [.. Enumerable.Range(0, 12).Select(i => new Sighting(new Spot("wood", i % 3), i * 5 % 7))];
        var fit =
            PooledModel.Of<Sighting>().Normal(s => s.Size, Exponential(1)).Intercept(Normal(0, 5)).Varying(spot, g => g.Intercept(Exponential(1)))
                .Fit(rows, Few);

        Assert.Equal(3, fit.For(spot).Keys.Count);
        Assert.Equal("Where[wood/1]: Intercept", fit.For(spot)[new Spot("wood", 1)].Intercept.Name);
        Assert.Equal(
            "[UnknownTerm] Where, level 'field/1': No row of the data had this key, so Where has no such level. Ask for a key in Keys. For a level "
                + "without data, read the sds.",
            Assert.Throws<ModelException>(() => fit.For(spot)[new Spot("field", 1)]).Message);
    }

    [Fact]
    public void Sums_and_rows_give_the_same_fit()
    {
        var fromRows = Waits.Fit(Rows.Cafe, Few);
        var fromSums = Waits.Fit(Waits.Read(Rows.Cafe), Few);

        Assert.Equal(fromRows.Intercept.Draws.ToArray(), fromSums.Intercept.Draws.ToArray());
        Assert.Equal(fromRows.For(Cafe)["9"].Intercept.Draws.ToArray(), fromSums.For(Cafe)["9"].Intercept.Draws.ToArray());
    }

    [Fact]
    public void Known_scales_give_exact_moments_quantiles_and_no_Monte_Carlo_error()
    {
        // y ~ N(mu, 2), mu ~ N(1, 3): precision 1/9 + 5/4.
        double[] y = [1, 2, 4, 4, 9];
        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait, Fixed(2)).Intercept(Normal(1, 3)).Fit(y.Select(v => new Visit("a", false, v)));
        var precision = 1.0 / 9 + 5.0 / 4;
        var (mean, sd) = ((1.0 / 9 + 20.0 / 4) / precision, Math.Sqrt(1 / precision));

        var mu = fit.Intercept;
        Assert.Equal(mean, mu.Mean, 1e-12);
        Assert.Equal(sd, mu.Sd, 1e-12);
        Assert.Equal(mean, mu.Median, 1e-12);

        // Normal quantiles: z(0.945) = 1.5981931 to 8 digits, z(0.975) = 1.959963984540054.
        Assert.Equal(mean + 1.959963984540054 * sd, mu.Quantile(0.975), 1e-12);
        Assert.Equal(mean - 1.959963984540054 * sd, mu.Interval(0.95).Lower, 1e-12);
        Assert.Equal((0, 0), (mu.McseMean, mu.McseSd));
        Assert.Equal(double.NaN, mu.RHat);
        Assert.Equal(fit.Posterior.DrawCount, mu.EssBulk);
        Assert.InRange(mu.Draws.Average(), mean - 5 * sd / Math.Sqrt(4000), mean + 5 * sd / Math.Sqrt(4000));
        Assert.Equal((true, DrawKind.Independent), (fit.Posterior.Exact is not null, fit.Posterior.DrawKind));
        Assert.Empty(fit.Warnings);
    }

    private static RunOptions Few => new() { Seed = 2, Chains = 2, Warmup = 60, Draws = 50 };

    private static double[] DrawsOf(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }

    private static bool IntervalsEqual(Interval a, Interval b) =>
        a.Probability == b.Probability && Math.Abs(a.Lower - b.Lower) < 1e-12 && Math.Abs(a.Upper - b.Upper) < 1e-12;

    // Read-only properties, a constructor that sets them all, equality by value: what the F# compiler makes of a record.
    private sealed class Spot(string name, int number) : IEquatable<Spot>
    {
        public string Name { get; } = name;

        public int Number { get; } = number;

        public bool Equals(Spot? other) => other is not null && Name == other.Name && Number == other.Number;

        public override bool Equals(object? obj) => Equals(obj as Spot);

        public override int GetHashCode() => HashCode.Combine(Name, Number);

        public override string ToString() => $"{Name}/{Number}";
    }

    private sealed class Sighting(Spot where, double size)
    {
        public Spot Where { get; } = where;

        public double Size { get; } = size;
    }
}
