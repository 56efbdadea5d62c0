using TypedPooling.Model;
using TypedPooling.Tests.Dsl.Support;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class BuilderTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly Group<Reading, int> Line = Group.By((Reading r) => r.Line);

    private static NormalModel<Reading> Readings => PooledModel.Of<Reading>().Normal(r => r.Y);

    [Fact]
    public void Lowers_the_cafe_model_term_by_term()
    {
        var cafe = Group.By((Visit v) => v.Cafe);
        var spec = PooledModel.Of<Visit>()
            .Normal(v => v.Wait, sigma: Exponential(1))
            .Intercept(Normal(5, 2))
            .Slope(v => v.Afternoon, Normal(-1, 0.5))
            .Varying(cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(2)).Correlated(Lkj(2)))
            .Spec;

        Assert.Equal(new ResponseSpec(TestFamilies.Normal, "Wait", "Wait", Exponential(1), null), spec.Response);
        Assert.Equal([new ColumnSpec("Afternoon", "Afternoon")], spec.Columns.ToArray());
        Assert.Equal(
            [new PopulationTerm("Intercept", ModelSpec.Ones, Normal(5, 2)), new PopulationTerm("Afternoon", 0, Normal(-1, 0.5))],
            spec.Population.ToArray());
        var factor = Assert.Single(spec.Factors);
        Assert.Equal("Cafe", factor.Name);
        Assert.Equal(Lkj(2), factor.Correlation);
        Assert.Equal(
            [new VaryingTerm("Intercept", ModelSpec.Ones, Exponential(1)), new VaryingTerm("Afternoon", 0, Exponential(2))], factor.Terms.ToArray());
    }

    [Fact]
    public void Marks_what_was_left_to_the_defaults()
    {
        var spec = Readings.Intercept().Slope(r => r.X, Normal(0, 1)).Varying(Site, g => g.Intercept().Slope(r => r.X, Exponential(1))).Spec;

        Assert.True(spec.Response.HasDefaultPrior);
        Assert.Equal([true, false], spec.Population.Select(term => term.HasDefaultPrior));
        Assert.Equal([true, false], spec.Factors[0].Terms.Select(term => term.HasDefaultPrior));
        Assert.True(spec.Factors[0].HasDefaultPrior);
        Assert.Equal(Lkj(1), spec.Factors[0].Correlation);
        Assert.Null(spec.Population[0].Prior);
    }

    [Fact]
    public void Each_verb_leaves_the_model_it_is_called_on_as_it_was()
    {
        var start = Readings.Intercept();
        var withX = start.Slope(r => r.X);
        var withZ = start.Slope(r => r.Z);

        Assert.Single(start.Spec.Population);
        Assert.Equal("X", withX.Spec.Population[1].Name);
        Assert.Equal("Z", withZ.Spec.Population[1].Name);
    }

    [Fact]
    public void One_column_serves_all_terms_and_the_name_given_to_it_is_its_name_everywhere()
    {
        var spec = Readings.Slope(r => (r.X - 3) / 2).Varying(Site, g => g.Slope(reading => (reading.X - 3) / 2, name: "x")).Spec;

        var column = Assert.Single(spec.Columns);
        Assert.Equal(new ColumnSpec("x", "(X - 3) / 2"), column);
        Assert.Equal("x", spec.Population[0].Name);
        Assert.Equal("x", spec.Factors[0].Terms[0].Name);
    }

    [Fact]
    public void A_varying_effect_needs_no_population_effect()
    {
        var spec = Readings.Varying(Site, g => g.Slope(r => r.X)).Spec;

        Assert.Empty(spec.Population);
        Assert.Equal(0, spec.Factors[0].Terms[0].Column);
    }

    [Fact]
    public void Uncorrelated_effects_have_no_correlations_to_estimate()
    {
        var factor = Readings.Varying(Site, g => g.Intercept().Slope(r => r.X).Uncorrelated()).Spec.Factors[0];

        Assert.Equal(Uncorrelated, factor.Correlation);
        Assert.False(factor.HasCorrelations);
        Assert.False(factor.HasDefaultPrior);
    }

    [Fact]
    public void Several_factors_keep_their_order()
    {
        var spec = Readings.Varying(Site, g => g.Intercept()).Varying(Line, g => g.Intercept().Slope(r => r.X)).Spec;

        Assert.Equal(["Site", "Line"], spec.Factors.Select(factor => factor.Name));
        Assert.Equal([1, 2], spec.Factors.Select(factor => factor.Terms.Length));
    }

    [Fact]
    public void A_predictor_of_the_intercept_is_a_population_effect()
    {
        var spec = Readings.Intercept().Varying(Site, g => g.Intercept().PredictedBy(r => r.W, Normal(0, 3))).Spec;

        Assert.Equal([new ColumnSpec("W", "W") { ConstantWithin = 0 }], spec.Columns.ToArray());
        Assert.Equal(new PopulationTerm("W", 0, Normal(0, 3)), spec.Population[1]);
    }

    [Fact]
    public void A_predictor_of_a_slope_is_two_population_effects_the_second_with_its_prior()
    {
        var spec = Readings.Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept().Slope(r => r.X).PredictedBy(r => r.W, Normal(0, 3))).Spec;

        Assert.Equal(["X", "W", "X:W"], spec.Columns.Select(column => column.Name));
        Assert.Equal([null, 0, null], spec.Columns.Select(column => column.ConstantWithin));
        Assert.Equal("X * W", spec.Columns[2].Formula);
        Assert.Equal(["Intercept", "X", "W", "X:W"], spec.Population.Select(term => term.Name));
        Assert.Equal([null, null, null, Normal(0, 3)], spec.Population.Select(term => term.Prior));
    }

    [Fact]
    public void A_predictor_of_intercept_and_slope_is_one_main_effect()
    {
        var spec = Readings
            .Varying(Site, g => g.Intercept().PredictedBy(r => r.W, Normal(0, 1)).Slope(r => r.X).PredictedBy(r => r.W, Normal(0, 2)))
            .Spec;

        Assert.Equal(["W", "X:W"], spec.Population.Select(term => term.Name));
        Assert.Equal([Normal(0, 1), Normal(0, 2)], spec.Population.Select(term => term.Prior));
    }

    [Fact]
    public void A_predictor_uses_the_slope_that_was_declared_before_or_is_declared_after()
    {
        var before = Readings.Slope(r => r.W, Normal(0, 1)).Varying(Site, g => g.Intercept().PredictedBy(r => r.W)).Spec;
        var after = Readings.Varying(Site, g => g.Intercept().PredictedBy(r => r.W)).Slope(r => r.W, Normal(0, 1)).Spec;

        Assert.Equal([new PopulationTerm("W", 0, Normal(0, 1))], before.Population.ToArray());
        Assert.Equal(before.Population.ToArray(), after.Population.ToArray());
        Assert.Equal(0, Assert.Single(after.Columns).ConstantWithin);
    }

    [Fact]
    public void A_known_error_takes_the_place_of_sigma()
    {
        var response = PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Se).Intercept().Spec.Response;

        Assert.Equal("Se", response.KnownSd);
        Assert.Null(response.Sigma);
        Assert.False(response.HasDefaultPrior);
    }

    [Fact]
    public void Handles_of_one_name_and_type_are_equal_and_others_are_not()
    {
        Assert.Equal(Site, Group.By((Reading r) => r.Site));
        Assert.Equal(Site.GetHashCode(), Group.By((Reading r) => r.Site).GetHashCode());
        Assert.NotEqual(Site, Group.By((Reading r) => r.Kind));
        Assert.Equal(Site, Group.By((Reading r) => r.Kind, name: "Site"));
        Assert.False(Line.Equals((object)Group.By((Reading r) => (long)r.Line, name: "Line")));
        Assert.Equal("Site", Site.ToString());
    }
}
