using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>What a fit says of a model and its data that can be fitted, and may not mean what they seem to.</summary>
public sealed class ModelCheckTests
{
    private static readonly Group<Point, int> Site = Group.By((Point p) => p.Site);
    private static readonly Group<CountryYear, string> Country = Group.By((CountryYear v) => v.Country);
    private static readonly RunOptions Few = new() { Chains = 1, Draws = 200, Warmup = 200 };

    [Fact]
    public void A_model_without_a_population_intercept_says_so_in_its_text_and_in_a_note_of_the_fit()
    {
        const string Sentence = "The model has no population intercept: the population part of the linear predictor is 0 where every column is 0.";
        var normal = PooledModel.Of<Point>().Normal(p => p.Y).Slope(p => p.X).Varying(Site, g => g.Intercept());
        var counts = PooledModel.Of<Point>().Poisson(p => p.Count).Slope(p => p.X);

        Assert.EndsWith("\n\n" + Sentence, normal.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\n\n" + Sentence, counts.ToString(), StringComparison.Ordinal);
        Assert.Contains("\n" + Sentence + "\n\nPriors are on standardised", normal.Standardized().ToString(), StringComparison.Ordinal);
        foreach (var (notes, warnings, text) in new[] { Read(
            normal.Fit(Points(), Few)), Read(normal.Fit(Points(), Engine.MaximumLikelihood)), Read(counts.Fit(Points(), Engine.Nuts, Few)) })
        {
            Assert.Equal(FitWarningCode.NoIntercept, Assert.Single(notes).Code);
            Assert.DoesNotContain(warnings, warning => warning.Code == FitWarningCode.NoIntercept);
            Assert.Contains("\nNote: The model has population slopes and no population intercept", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_intercept_that_is_fixed_or_in_the_span_of_the_columns_is_one()
    {
        var model = PooledModel.Of<Point>().Normal(p => p.Y);

        Assert.Empty(model.Intercept().Slope(p => p.X).Fit(Points(), Few).Notes);
        Assert.Empty(model.Intercept(Fixed(0)).Slope(p => p.X).Fit(Points(), Few).Notes);
        Assert.Empty(
            model.Slope(p => p.Site % 2 == 0, name: "even").Slope(p => p.Site % 2 == 1, name: "odd").Slope(p => p.X).Fit(Points(), Few).Notes);
        Assert.Empty(model.Intercept(Fixed(0)).Varying(Site, g => g.Intercept()).Fit(Points(), Few).Notes);
        Assert.Contains(
            "levels vary about 0",
            Assert.Single(model.Varying(Site, g => g.Intercept()).Fit(Points(), Few).Notes).ToString(),
            StringComparison.Ordinal);
        Assert.Single(model.Categorical(p => p.Site % 2 == 0 ? "even" : "odd", name: "parity").Fit(Points(), Few).Notes);
        Assert.DoesNotContain("population intercept", model.Intercept(Fixed(0)).Slope(p => p.X).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1e3, 1)]
    [InlineData(1e8, 1)]
    [InlineData(0, 1e-6)]
    [InlineData(1e6, 1e6)]
    [InlineData(1e14, 10)]
    public void Dependent_columns_are_named_whatever_their_priors_origin_and_unit(double shift, double scale)
    {
        var rows = Points(p => p with { X = shift + scale * p.X, W = 2 * (shift + scale * p.X) - 3 * scale * p.Z });
        var sums =
            PooledModel.Of<Point>().Normal(p => p.Y).Intercept(Normal(0, 10)).Slope(p => p.Noise, Normal(0, 1)).Slope(p => p.W, Normal(0, 1)).Slope(
                p => p.X, Normal(0, 1)).Slope(p => p.Z, Normal(0, 1));
        var cells =
            PooledModel.Of<Point>().Bernoulli(p => p.Count > 5).Intercept(Normal(0, 10)).Slope(p => p.Noise, Normal(0, 1)).Slope(
                p => p.W, Normal(0, 1)).Slope(p => p.X, Normal(0, 1)).Slope(p => p.Z, Normal(0, 1));

        foreach (var model in new Data.BoundModel[] { sums.Bind(rows), cells.Bind(rows) })
            Assert.Contains(
                "'W', 'X', 'Z' are linearly dependent: only priors tell their coefficients apart, not the data.",
                Assert.Single(Dependent(Warnings(model))),
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2000)]
    [InlineData(1e8)]
    public void Columns_that_are_not_dependent_are_not_named(double shift)
    {
        // Raw powers of a year, columns with a correlation of 1 - 5e-9, and ones of very different units.
        var rows = Points(p => p with { X = shift + p.X, Z = shift + p.X + 1e-4 * p.Z, W = 1e-9 * p.W });
        var model = PooledModel.Of<Point>().Normal(p => p.Y).Intercept().Slope(p => p.X).Slope(p => p.Z).Slope(p => p.W);

        Assert.Empty(Dependent(Warnings(model.Bind(rows))));
        Assert.Empty(
            Dependent(
                Warnings(
                    PooledModel.Of<CountryYear>().Normal(v => v.LifeExp).Intercept().Slope(v => v.Year).Slope(v => v.Year * v.Year, name: "Year2")
                        .Bind(Rows.Gapminder))));
    }

    [Fact]
    public void The_order_of_columns_does_not_hide_a_dependence()
    {
        // Eliminated in this order, X leaves 1e-10 of the second column, whose rounding hides that Z is a combination of both.
        var model = PooledModel.Of<Point>().Normal(p => p.Y).Intercept().Slope(p => p.X).Slope(p => p.X + 1e-5 * p.Z, name: "near").Slope(p => p.Z);

        Assert.Equal(
            ["The columns of 'X', 'near', 'Z' are linearly dependent: only priors tell their coefficients apart, not the data. Leave "
                + "one of them out."], Dependent(Warnings(model.Bind(Points()))));
    }

    [Fact]
    public void Constant_columns_are_named_beside_an_intercept_and_zeros_anywhere()
    {
        var model = PooledModel.Of<Point>().Normal(p => p.Y);
        var rows = Points(p => p with { X = 0.1 * p.Site / p.Site + 0.2, Z = 0 });

        Assert.Equal(
            ["The column of 'X' is the same in every row, like that of the intercept: only priors tell the two coefficients apart. Leave it out."],
            Dependent(Warnings(model.Intercept().Slope(p => p.X).Bind(rows))));
        Assert.Equal(
            ["The column of 'Z' is 0 in every row: the data say nothing about its coefficient, so its posterior equals its prior. Leave it out."],
            Dependent(Warnings(model.Slope(p => p.X).Slope(p => p.Z).Bind(rows))));
        Assert.Empty(Dependent(Warnings(model.Intercept(Fixed(1)).Slope(p => p.X).Bind(rows))));
        Assert.Contains(
            "Warning: The column of 'X' is the same in every row",
            model.Intercept().Slope(p => p.X).Fit(rows, Few).ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(19.5, false)]
    [InlineData(20.5, true)]
    [InlineData(-400, true)]
    public void A_prior_of_the_users_own_far_outside_the_data_is_a_warning(double sds, bool warns)
    {
        var spread = Diagnostics.Sd([.. Points().Select(p => p.X)]);
        var mean = Points().Average(p => p.X);
        var rows = Points(p => p with { X = p.X - mean + sds * spread });
        var own = PooledModel.Of<Point>().Normal(p => p.Y).Intercept(Normal(5, 2)).Slope(p => p.X);
        var varying = PooledModel.Of<Point>().Normal(p => p.Y).Intercept().Slope(p => p.X).Varying(
            Site, g => g.Intercept(HalfNormal(2)).Slope(p => p.X));
        var covariance = PooledModel.Of<Point>().Poisson(p => p.Count).Intercept().Slope(p => p.X).Varying(
            Site, g => g.Intercept().Slope(p => p.X).Covariance(HuangWand(2, 1, 1)));

        foreach (var model in new Data.BoundModel[] { own.Bind(rows), varying.Bind(rows), covariance.Bind(rows) })
            Assert.Equal(warns ? 1 : 0, Warnings(model).Count(warning => warning.Code == FitWarningCode.DistantOrigin));

        // Defaults, flat and fixed priors, and standardised columns are left alone.
        var open = PooledModel.Of<Point>().Normal(p => p.Y).Slope(p => p.X);
        Assert.All(
            new[] { open.Intercept().Varying(
                Site, g => g.Intercept().Slope(p => p.X)), open.Intercept(Flat), open.Intercept(Fixed(0)), own.Standardized() },
            model => Assert.DoesNotContain(Warnings(model.Bind(rows)), warning => warning.Code == FitWarningCode.DistantOrigin));
    }

    [Fact]
    public void The_warning_of_a_distant_origin_says_how_to_write_it()
    {
        var model = PooledModel.Of<CountryYear>().Normal(v => v.LifeExp).Intercept(Normal(60, 10)).Slope(v => v.Year).Varying(
            Country, g => g.Intercept());

        Assert.Equal(
            "The prior of the intercept, Normal(60, 10), applies where 'Year' is 0, but the data lie 115 sds from there (mean 1979.5, sd 17.3). "
            + "Centre the column, as in Slope(r => r.Year - 1980), or call Standardized(), so that the prior applies at the mean of the data.",
            Warnings(model.Bind(Rows.Gapminder)).Single(warning => warning.Code == FitWarningCode.DistantOrigin).Message);
        Assert.Contains("\nWarning: The prior of the intercept, Normal(60, 10),", model.Describe(Rows.Gapminder), StringComparison.Ordinal);
        Assert.Empty(
            Warnings(
                PooledModel.Of<CountryYear>().Normal(v => v.LifeExp).Intercept(Normal(60, 10)).Slope(v => v.Year - 1980).Varying(
                    Country, g => g.Intercept()).Bind(Rows.Gapminder)));

        // 0 is among the data of an indicator, however rare.
        var rare = Enumerable.Range(0, 1000).Select(i => new Point(i % 10, 0, 0, 0, 0, Math.Sin(i), 1)).ToArray();
        Assert.Empty(Warnings(PooledModel.Of<Point>().Normal(p => p.Y).Intercept(Normal(0, 1)).Slope(p => p.Y > -0.9999, name: "most").Bind(rare)));
    }

    [Fact]
    public void Raw_powers_of_a_year_lie_far_outside_their_default_priors()
    {
        var model = PooledModel.Of<CountryYear>().Normal(v => v.LifeExp).Intercept().Slope(v => v.Year).Slope(v => v.Year * v.Year, name: "Year2")
            .Varying(Country, g => g.Intercept());
        var warning = Warnings(model.Bind(Rows.Gapminder)).Single(one => one.Code == FitWarningCode.PriorConflict);

        // Least squares about 1980, by singular values: b1 (year - 1980) + b2 (year - 1980)^2 has b1 - 3960 b2 as the coefficient of the year. Its
        // default prior: Normal(0, 2.5 sd(y) / sd(x)).
        var fit = DenseLeastSquares.Of(
            [.. Rows.Gapminder.Select(v => new[] { 1, v.Year - 1980.0, Math.Pow(v.Year - 1980.0, 2) })],
            [.. Rows.Gapminder.Select(v => v.LifeExp)],
            [.. Rows.Gapminder.Select(_ => 1.0)]);
        var slope = fit.Values[1]!.Value - 2 * 1980 * fit.Values[2]!.Value;
        var prior = 2.5 * Diagnostics.Sd([.. Rows.Gapminder.Select(v => v.LifeExp)]) / Diagnostics.Sd(
            [.. Rows.Gapminder.Select(v => (double)v.Year)]);
        var power = fit.Values[2]!.Value
            / (2.5 * Diagnostics.Sd([.. Rows.Gapminder.Select(v => v.LifeExp)]) / Diagnostics.Sd(
                [.. Rows.Gapminder.Select(v => (double)v.Year * v.Year)]));
        var distance = Math.Max(Math.Abs(slope) / prior, Math.Abs(power));
        Assert.Contains(
            FormattableString.Invariant($" {distance:N0} prior sds from the mean of its prior Normal(0, "),
            warning.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "are far from the prior mean too. Centre or rescale the columns",
            warning.Message.Replace("is far", "are far", StringComparison.Ordinal),
            StringComparison.Ordinal);

        // Centred, nothing is said.
        Assert.Empty(Warnings(PooledModel.Of<CountryYear>().Normal(v => v.LifeExp).Intercept().Slope(v => v.Year - 1980, name: "t").Slope(
            v => (v.Year - 1980) * (v.Year - 1980), name: "t2").Varying(Country, g => g.Intercept())
            .Bind(Rows.Gapminder)));
    }

    [Fact]
    public void A_prior_far_from_the_estimate_is_a_warning_in_every_family()
    {
        // Slopes near 2 (Normal, StudentT), 0.7 (counts) and 1.5 (log odds), against priors of sd 0.1 and 0.05.
        var of = PooledModel.Of<Point>();
        Data.BoundModel[] models =
        [
            of.Normal(p => p.Y).Intercept().Slope(p => p.X, Normal(0, 0.1)).Varying(Site, g => g.Intercept()).Bind(Points()),
            of.LogNormal(p => Math.Exp(p.Y)).Intercept().Slope(p => p.X, Laplace(0, 0.05)).Bind(Points()),
            of.StudentT(p => p.Y).Intercept().Slope(p => p.X, StudentT(3, 0, 0.05)).Bind(Points()),
            of.Poisson(p => p.Count).Slope(p => p.X, Normal(0, 0.05)).Varying(Site, g => g.Intercept()).Bind(Points()),
            of.NegativeBinomial(p => p.Count).Intercept().Slope(p => p.X, Uniform(-0.05, 0.05)).Bind(Points()),
            of.Gamma(p => p.Count + 1).Intercept().Slope(p => p.X, Normal(0, 0.05)).Bind(Points()),
            of.Binomial(p => p.Count, p => p.Trials).Intercept().Slope(p => p.X, Normal(0, 0.05)).Bind(Points()),
        ];
        foreach (var model in models)
            Assert.StartsWith("The estimate of 'X' without groups and priors is ", Assert.Single(Warnings(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prior_that_the_estimate_cannot_contradict_is_left_alone()
    {
        var of = PooledModel.Of<Point>();

        // The estimate has no finite value (separated, dependent), no sd to be measured in, or an error as large as its distance (nearly collinear
        // columns).
        Assert.Empty(Warnings(of.Bernoulli(p => p.X > 0).Intercept(Normal(0, 1)).Slope(p => p.X, Normal(0, 0.01)).Bind(Points())));
        Assert.Empty(Warnings(of.Normal(p => p.Y).Intercept(Normal(0, 10)).Slope(p => p.X, Cauchy(0, 0.01)).Bind(Points())));
        Assert.Empty(
            Warnings(
                of.Normal(p => p.Y).Intercept(Normal(0, 10)).Slope(p => p.X, Normal(2, 0.5)).Slope(
                    p => p.X + 1e-4 * p.Noise, Normal(0, 0.5), name: "near").Bind(Points())));
        Assert.Empty(Warnings(of.Normal(p => p.Y).Intercept(Fixed(50)).Slope(p => p.X, Flat).Bind(Points())));

        // Without the intercept that varies the slope would carry the level of the response.
        Assert.Empty(
            Warnings(of.Normal(p => p.Y + 1000).Slope(p => p.X + 3, Normal(0, 10)).Varying(Site, g => g.Intercept(HalfNormal(2000))).Bind(Points())));
    }

    private static IEnumerable<FitWarning> Warnings(Data.BoundModel model) => Binding.ModelChecks.Of(model).Warnings;

    private static string[] Dependent(IEnumerable<FitWarning> warnings) =>
        [.. warnings.Where(warning => warning.Code == FitWarningCode.DependentColumns).Select(warning => warning.Message)];

    private static (IEnumerable<FitWarning> Notes, IEnumerable<FitWarning> Warnings, string Text) Read<TRow>(Fit<TRow> fit) =>
        (fit.Notes, fit.Warnings, fit.ToString());

    private static Point[] Points(Func<Point, Point>? change = null) =>
        [.. Enumerable.Range(0, 60).Select(Of).Select(change ?? (p => p))];

    // Irregular, without randomness; the response rises by 2 a unit of X, the log rate by 0.7.
    private static Point Of(int i)
    {
        var x = Math.Sin(2.1 * i) + 0.3 * Math.Cos(5 * i);
        return new(
            1 + i % 6,
            x,
            Math.Sin(3.7 * i),
            Math.Cos(1.3 * i * i),
            Math.Sin(11.0 * i * i),
            3 + 2 * x + 0.5 * Math.Sin(17.3 * i) + 0.3 * (i % 6),
            Math.Round(6 * Math.Exp(0.7 * x) + Math.Sin(7.0 * i)),
            30);
    }

    private sealed record Point(int Site, double X, double Z, double W, double Noise, double Y, double Count, int Trials = 30);
}
