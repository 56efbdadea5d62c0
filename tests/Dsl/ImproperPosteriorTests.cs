using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Flat priors on what the data do not settle, and residual sds that nothing keeps away from 0.</summary>
public sealed class ImproperPosteriorTests
{
    private const string SigmaRemedy =
        "Fix sigma at a value, give it a prior with a floor (InverseGammaOnVariance, or Uniform with a positive lower bound), or give the known "
            + "error of each row.";

    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    private static NormalModel<Reading> Model => PooledModel.Of<Reading>().Normal(r => r.Y);

    private static NormalModel<Reading> WithSigma(IScalePrior sigma) => PooledModel.Of<Reading>().Normal(r => r.Y, sigma: sigma);

    private static string Refusal(Func<object> bind) => Assert.Throws<ModelException>(bind).Message;

    private static Reading[] Change(Func<Reading, Reading> change, int count = 60) => [.. Rows.Readings(count).Select(change)];

    [Fact]
    public void Names_collinear_columns_with_flat_priors() => Assert.Equal(
        "[NotIdentified] W: The columns of 'X', 'Z', 'W' are linearly dependent to the precision of the sums: the data cannot tell their "
            + "coefficients apart, and their priors are flat. "
        + "Leave one of them out, or give one a proper prior.",
        Refusal(() => Model.Intercept(Flat).Slope(r => r.Gap, Flat).Slope(r => r.X, Flat).Slope(r => r.Z, Flat).Slope(r => r.W, Flat)
            .Bind(Change(r => r with { W = 2 * r.X - 0.3 * r.Z }))));

    [Fact]
    public void Names_the_intercept_where_a_column_is_constant() => Assert.Equal(
        "[NotIdentified] X: The columns of 'Intercept', 'X' are linearly dependent to the precision of the sums: the data cannot tell their "
            + "coefficients apart, and their priors are flat. "
        + "Leave one of them out, or give one a proper prior.",
        Refusal(() => Model.Intercept(Flat).Slope(r => r.X, Flat).Bind(Change(r => r with { X = 3 }))));

    [Fact]
    public void Names_a_column_of_zeros() => Assert.Equal(
        "[NotIdentified] X: The column of 'X' is 0 in every row: the data say nothing about its coefficient, and its prior is flat. Leave it out, "
            + "or give it a proper prior.",
        Refusal(() => Model.Slope(r => r.X, Flat).Bind(Change(r => r with { X = 0 }))));

    [Fact]
    public void A_dependence_up_to_a_constant_is_one_only_where_the_intercept_is_flat()
    {
        var rows = Change(r => r with { Z = r.X + 5, W = 2 * r.X + 7 });

        Assert.NotNull(Model.Slope(r => r.X, Flat).Slope(r => r.Z, Flat).Bind(rows));
        Assert.NotNull(Model.Intercept().Slope(r => r.X, Flat).Slope(r => r.Z, Flat).Bind(rows));
        Assert.Contains(
            "'Intercept', 'X', 'Z' are",
            Refusal(() => Model.Intercept(Flat).Slope(r => r.X, Flat).Slope(r => r.Z, Flat).Bind(rows)),
            StringComparison.Ordinal);
        Assert.Contains(
            "of 'X', 'Z', 'W' are",
            Refusal(() => Model.Slope(r => r.X, Flat).Slope(r => r.Z, Flat).Slope(r => r.W, Flat).Bind(rows)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Collinear_columns_with_a_proper_prior_among_them_are_fine()
    {
        var rows = Change(r => r with { Z = 2 * r.X });

        Assert.NotNull(Model.Intercept(Flat).Slope(r => r.X, Flat).Slope(r => r.Z, Normal(0, 1)).Bind(rows));
        Assert.NotNull(Model.Intercept(Flat).Slope(r => r.X).Slope(r => r.Z).Bind(rows));
    }

    [Fact]
    public void Columns_that_are_nearly_collinear_or_far_from_zero_are_told_apart()
    {
        Assert.NotNull(Model.Intercept(Flat).Slope(r => r.X, Flat).Slope(r => r.X * r.X, Flat).Bind(Change(r => r with { X = r.X + 1950 })));
        Assert.NotNull(
            Model.Intercept(Flat).Slope(r => r.X, Flat).Slope(r => r.X * r.X, Flat).Slope(r => r.X * r.X * r.X, Flat).Bind(
                Change(r => r with { X = r.X + 95 })));
        Assert.NotNull(Model.Intercept(Flat).Slope(r => r.X, Flat).Slope(r => r.Z, Flat).Bind(Change(r => r with { X = r.X + 1e9, Z = r.Z + 1e9 })));
        Assert.NotNull(Model.Intercept(Flat).Slope(r => r.X, Flat).Slope(r => r.Z, Flat).Bind(Change(r => r with { Z = r.X + 1e-4 * r.Z })));
    }

    [Fact]
    public void Indicators_of_a_category_clash_with_the_columns_that_give_them()
    {
        var rows = Change(r => r with { X = r.Kind == "b" ? 1 : 0 });

        Assert.Contains(
            "of 'X', 'Kind[b]' are",
            Refusal(() => Model.Intercept(Flat).Slope(r => r.X, Flat).Categorical(r => r.Kind, Flat).Bind(rows)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_flat_sd_needs_three_levels()
    {
        var two = Change(r => r with { Site = r.Flag ? "a" : "b" });

        Assert.Equal(
            "[ImproperPosterior] sd(Site: Intercept): A flat prior on sd(Site: Intercept) needs at least 3 levels of Site, but there are 2: the "
                + "posterior would be improper. "
            + "Give it a proper prior, such as HalfNormal or Exponential.",
            Refusal(() => Model.Intercept(Flat).Varying(Site, g => g.Intercept(Flat)).Bind(two)));
        Assert.NotNull(Model.Intercept(Flat).Varying(Site, g => g.Intercept(HalfNormal(1))).Bind(two));
        Assert.NotNull(Model.Intercept(Flat).Varying(Site, g => g.Intercept(Flat)).Bind(Change(r => r with { Site = "site " + r.Line })));
    }

    [Fact]
    public void A_flat_sd_needs_a_level_more_for_each_flat_group_level_predictor()
    {
        var three = Change(r => r with { Site = "site " + r.Line, W = r.Line * r.Line });

        Assert.Contains(
            "needs at least 4 levels",
            Refusal(() => Model.Intercept(Flat).Slope(r => r.W, Flat).Varying(Site, g => g.Intercept(Flat)).Bind(three)),
            StringComparison.Ordinal);
        Assert.NotNull(Model.Intercept(Flat).Slope(r => r.W).Varying(Site, g => g.Intercept(Flat)).Bind(three));
        Assert.Contains(
            "sd(Site: X) needs at least 4 levels",
            Refusal(() => Model.Slope(r => r.X, Flat).Varying(Site, g => g.Slope(r => r.X, Flat).PredictedBy(r => r.W, Flat)).Bind(three)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_flat_sigma_needs_rows_to_spare()
    {
        var model = WithSigma(Flat).Intercept(Flat).Slope(r => r.X, Flat);

        Assert.Equal(
            "[ImproperPosterior] sigma: A flat prior on sigma needs at least 4 rows here (2 flat population effects, 1 flat sds), but there are 3: "
                + "the posterior would be improper. "
            + "Give it a proper prior, such as HalfNormal or Exponential.",
            Refusal(() => model.Bind(Rows.Readings(3))));
        Assert.NotNull(model.Bind(Rows.Readings(4)));
    }

    [Fact]
    public void A_constant_response_leaves_nothing_to_keep_sigma_from_zero() => Assert.Equal(
        $"[ImproperPosterior] Y: 'Y' is the same in every row and the prior of sigma, Exponential(2), allows sigma near 0: the "
            + $"posterior is improper. {SigmaRemedy}",
        Refusal(() => WithSigma(Exponential(2)).Intercept().Varying(Site, g => g.Intercept()).Bind(Change(r => r with { Y = 4 }))));

    [Fact]
    public void A_response_that_columns_give_exactly_is_refused() => Assert.Equal(
        $"[ImproperPosterior] Y: The model fits 'Y' without any residual and the prior of sigma, HalfCauchy(1), allows sigma near 0: "
            + $"the posterior is improper. {SigmaRemedy}",
        Refusal(
            () => WithSigma(HalfCauchy(1)).Intercept().Slope(r => r.X).Slope(r => r.Z).Bind(
                Change(r => r with { Y = 0.1 + r.X / 3 - 0.7 * r.Z + 1e5 }))));

    [Fact]
    public void A_response_that_columns_and_levels_give_exactly_is_refused()
    {
        var rows = Change(r => r with { Y = 2 * r.Z + (1 + r.W) * r.X / 3 + 7.7 * r.W });
        NormalModel<Reading> WithEffects() => WithSigma(Exponential(1)).Intercept().Slope(r => r.Z);

        Assert.Contains(
            "without any residual",
            Refusal(() => WithEffects().Varying(Site, g => g.Intercept().Slope(r => r.X)).Bind(rows)),
            StringComparison.Ordinal);
        Assert.NotNull(WithEffects().Varying(Site, g => g.Intercept()).Bind(rows));
        Assert.NotNull(
            WithEffects().Varying(Site, g => g.Intercept().Slope(r => r.X)).Bind([.. rows.Skip(1), rows[0] with { Y = rows[0].Y + 0.01 }]));
    }

    [Fact]
    public void A_slope_that_varies_without_its_intercept_can_fit_exactly_too()
    {
        var rows = Change(r => r with { Y = 5 + (1 + r.W) * r.X / 3 });

        Assert.Contains(
            "without any residual", Refusal(() => Model.Intercept().Varying(Site, g => g.Slope(r => r.X)).Bind(rows)), StringComparison.Ordinal);
        Assert.NotNull(Model.Varying(Site, g => g.Slope(r => r.X)).Bind(rows));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_perfect_fit_works_with_a_fixed_known_or_floored_sigma(bool isConstant)
    {
        var rows = Change(r => r with { Y = isConstant ? 4 : 1 + 2 * r.X });

        foreach (var sigma in new IScalePrior[] { Fixed(1), InverseGammaOnVariance(2, 1), Uniform(0.1, 5) })
            Assert.NotNull(WithSigma(sigma).Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept()).Bind(rows));
        Assert.NotNull(
            PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Se).Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept()).Bind(rows));
        Assert.Equal(
            ProblemCode.ImproperPosterior, Assert.Throws<ModelException>(() => WithSigma(Uniform(0, 5)).Intercept().Slope(r => r.X).Bind(rows)).Code);
    }

    [Fact]
    public void A_row_a_level_fits_exactly_without_harm_unless_columns_alone_do()
    {
        var single = Rows.Readings().Select((r, i) => r with { Site = "site " + i }).ToArray();

        Assert.NotNull(Model.Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept()).Bind(single));
        Assert.Equal(
            ProblemCode.ImproperPosterior,
            Assert.Throws<ModelException>(
                () => Model.Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept()).Bind(single.Select(r => r with { Y = 3 - r.X }))).Code);
        Assert.NotNull(Model.Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept(Fixed(1))).Bind(single.Select(r => r with { Y = 3 - r.X })));
    }

    [Fact]
    public void A_single_row_is_a_perfect_fit_that_harms_nothing() => Assert.NotNull(Model.Intercept().Bind(Rows.Readings(1)));

    [Fact]
    public void A_fixed_coefficient_is_subtracted_not_fitted()
    {
        var rows = Change(r => r with { Y = 10 + 2 * r.X });

        Assert.NotNull(Model.Intercept().Slope(r => r.X, Fixed(3)).Bind(rows));
        Assert.NotNull(Model.Intercept(Fixed(9)).Slope(r => r.X, Fixed(2)).Bind(rows));
        Assert.Contains("without any residual", Refusal(() => Model.Intercept().Slope(r => r.X, Fixed(2)).Bind(rows)), StringComparison.Ordinal);
        Assert.Contains("without any residual", Refusal(() => Model.Intercept(Fixed(10)).Slope(r => r.X).Bind(rows)), StringComparison.Ordinal);
        Assert.Contains(
            "without any residual", Refusal(() => Model.Intercept(Fixed(10)).Slope(r => r.X, Fixed(2)).Bind(rows)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_constant_response_that_no_intercept_can_give_is_no_perfect_fit() =>
        Assert.NotNull(Model.Slope(r => r.X).Bind(Change(r => r with { Y = 4 })));

    [Fact]
    public void With_several_factors_each_alone_is_tried()
    {
        var crossed = Model.Intercept().Varying(Site, g => g.Intercept()).Varying(Group.By((Reading r) => r.Line), g => g.Intercept());

        Assert.NotNull(crossed.Bind(Rows.Readings()));
        Assert.Contains("without any residual", Refusal(() => crossed.Bind(Change(r => r with { Y = r.Line * r.Line }))), StringComparison.Ordinal);
        Assert.Contains("same in every row", Refusal(() => crossed.Bind(Change(r => r with { Y = 1 }))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_lectures_data_pass_all_checks()
    {
        var county = Group.By((Home h) => h.County);
        var radon = PooledModel.Of<Home>().Normal(h => h.LogRadon, sigma: Flat).Intercept(Flat).Slope(h => h.Floor, Flat)
            .Varying(
                county, g => g.Intercept(Flat).PredictedBy(h => h.LogUranium, Flat).Slope(h => h.Floor, Flat).PredictedBy(h => h.LogUranium, Flat));
        var penicillin = PooledModel.Of<Sample>().Normal(s => s.Diameter).Intercept(Flat)
            .Varying(Group.By((Sample s) => s.Plate), g => g.Intercept()).Varying(Group.By((Sample s) => s.Batch), g => g.Intercept());

        Assert.Equal(["Intercept", "Floor", "LogUranium", "Floor:LogUranium"], radon.Bind(Rows.Radon).Spec.Population.Select(term => term.Name));
        Assert.Equal(144, penicillin.Bind(Rows.Penicillin).Cells.CellCount);
    }

    [Fact]
    public void Lists_every_problem_at_once()
    {
        var refusal = Assert.Throws<ModelException>(() => WithSigma(Flat).Intercept(Flat).Slope(r => r.X, Flat)
            .Varying(Site, g => g.Intercept(Flat).PredictedBy(r => r.Z)).Bind(Change(r => r with { Site = "one", X = 1, Y = 2 })));

        Assert.Equal(
            [ProblemCode.VariesWithinGroup, ProblemCode.NotIdentified, ProblemCode.ImproperPosterior, ProblemCode.ImproperPosterior],
            refusal.Problems.Select(p => p.Code));
    }
}
