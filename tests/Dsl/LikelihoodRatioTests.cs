using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Likelihood-ratio tests of every family, and what makes two models nested.</summary>
public sealed class LikelihoodRatioTests
{
    private static readonly Group<Row, int> Clinic = Group.By((Row r) => r.Clinic, "Subject");
    private static readonly Group<Row, int> Week = Group.By((Row r) => r.Week, "Subject");
    private static readonly Row[] Rows = [.. Enumerable.Range(0, 120).Select(i => new Row(
        i / 10,
        i % 10,
        i % 5 - 2,
        Math.Sin(2.1 * i),
        3 + Math.Sin(2.4 * (i / 10)) + 0.3 * (i % 5 - 2) + 0.5 * Math.Sin(7.0 * i),
        (int)Math.Round(6 * Math.Exp(0.4 * Math.Sin(2.4 * (i / 10)) + 0.1 * (i % 5 - 2)) + 2 * Math.Sin(7.0 * i)),
        i % 3 == 0 ? "a" : "b"))];

    private static ICellLikelihoodEngine Ml => Engine.MaximumLikelihood;

    [Fact]
    public void Families_of_cells_are_tested_as_Normal_ones_are()
    {
        Check(
            PooledModel.Of<Row>().Poisson(r => r.Count).Intercept().Varying(Clinic, g => g.Intercept()).Fit(Rows, Ml),
            PooledModel.Of<Row>().Poisson(r => r.Count).Intercept().Slope(r => r.X).Varying(Clinic, g => g.Intercept()).Fit(Rows, Ml),
            false);
        Check(
            PooledModel.Of<Row>().Poisson(r => r.Count).Intercept().Slope(r => r.X).Fit(Rows, Ml),
            PooledModel.Of<Row>().Poisson(r => r.Count).Intercept().Slope(r => r.X).Varying(Clinic, g => g.Intercept()).Fit(Rows, Ml),
            true);
        Check(
            PooledModel.Of<Row>().Gamma(r => r.Y).Intercept().Fit(Rows, Ml),
            PooledModel.Of<Row>().Gamma(r => r.Y).Intercept().Slope(r => r.X).Fit(Rows, Ml),
            false);
        Check(
            PooledModel.Of<Row>().Binomial(r => r.Count, r => 40).Intercept().Fit(Rows, Ml),
            PooledModel.Of<Row>().Binomial(r => r.Count, r => 40).Intercept().Slope(r => r.X).Fit(Rows, Ml),
            false);
        Check(
            PooledModel.Of<Row>().LogNormal(r => r.Y).Intercept().Fit(Rows, Ml),
            PooledModel.Of<Row>().LogNormal(r => r.Y).Intercept().Slope(r => r.X).Fit(Rows, Ml),
            false);

        static void Check(ILikelihoodFit smaller, ILikelihoodFit larger, bool testsScales)
        {
            var test = LikelihoodRatio.Test(smaller, larger);
            Assert.Equal(2 * (larger.Likelihood.LogLikelihood - smaller.Likelihood.LogLikelihood), test.ChiSquared, 1e-9);
            Assert.Equal(1, test.DegreesOfFreedom);
            Assert.Equal(testsScales, test.TestsScales);
        }
    }

    [Fact]
    public void Rows_of_counts_that_differ_are_refused()
    {
        Row[] other = [.. Rows.Select((row, i) => i == 3 ? row with { Count = row.Count + 1 } : row)];
        var larger = PooledModel.Of<Row>().Poisson(r => r.Count).Intercept().Slope(r => r.X);
        Refused("different rows", PooledModel.Of<Row>().Poisson(r => r.Count).Intercept().Fit(other, Ml), larger.Fit(Rows, Ml));
        Refused("different rows", PooledModel.Of<Row>().Poisson(r => r.Count).Intercept().Offset(r => r.Z).Fit(Rows, Ml), larger.Fit(Rows, Ml));
        Refused("different rows", PooledModel.Of<Row>().NegativeBinomial(r => r.Count).Intercept().Fit(Rows, Ml), larger.Fit(Rows, Ml));
    }

    [Fact]
    public void Two_columns_of_one_name_are_two_columns()
    {
        var small = Plain.Slope(r => r.X, name: "Days").Fit(Rows, Ml);
        Refused("not nested", small, Plain.Slope(r => r.Z, name: "Days").Varying(Clinic, g => g.Intercept()).Fit(Rows, Ml));
        Assert.Equal(
            1, LikelihoodRatio.Test(small, Plain.Slope(r => r.X, name: "Dose").Varying(Clinic, g => g.Intercept()).Fit(Rows, Ml)).DegreesOfFreedom);
    }

    [Fact]
    public void Two_factors_of_one_name_are_two_factors()
    {
        var small = Plain.Varying(Clinic, g => g.Intercept()).Fit(Rows, Ml);
        Refused("not nested", small, Plain.Slope(r => r.X).Varying(Week, g => g.Intercept()).Fit(Rows, Ml));
        Assert.Equal(
            1,
            LikelihoodRatio.Test(
                small,
                Plain.Slope(r => r.X).Varying(Group.By((Row row) => row.Clinic, "Clinic"), g => g.Intercept()).Fit(Rows, Ml)).DegreesOfFreedom);
    }

    [Fact]
    public void Captured_values_are_part_of_a_column()
    {
        var tables = new[] { new double[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, [0, 1, 4, 9, 16, 25, 36, 49, 64, 81] };
        NormalFit<Row> With(double[] table, bool varies)
        {
            var model = Plain.Slope(r => table[r.Week], name: "Dose");
            return (varies ? model.Varying(Clinic, g => g.Intercept()) : model).Fit(Rows, Ml);
        }

        Refused("not nested", With(tables[0], false), With(tables[1], true));
        Assert.Equal(1, LikelihoodRatio.Test(With(tables[0], false), With(tables[0], true)).DegreesOfFreedom);
        NormalFit<Row> Power(double power, bool varies)
        {
            var model = Plain.Slope(r => (r.Week + 1) * power * r.X);
            return (varies ? model.Varying(Clinic, g => g.Intercept()) : model).Fit(Rows, Ml);
        }

        Refused("not nested", Power(2, false), Power(3, true));
        Assert.Equal(1, LikelihoodRatio.Test(Power(2, false), Power(2, true)).DegreesOfFreedom);
    }

    [Fact]
    public void Fixed_terms_and_categories_are_compared_by_what_they_say()
    {
        // A slope fixed at 0.3 is nested in a free one, and not in a model without it.
        var known = Plain.Slope(r => r.X, Fixed(0.3)).Fit(Rows, Ml);
        Assert.Equal(1, LikelihoodRatio.Test(known, Plain.Slope(r => r.X).Fit(Rows, Ml)).DegreesOfFreedom);
        Refused("not nested", known, Plain.Slope(r => r.Z).Fit(Rows, Ml));

        // Another reference level is the same model.
        Assert.Equal(
            1,
            LikelihoodRatio.Test(
                Plain.Categorical(r => r.Kind).Fit(Rows, Ml),
                Plain.Categorical(r => r.Kind, reference: "b").Slope(r => r.X).Fit(Rows, Ml)).DegreesOfFreedom);
    }

    [Fact]
    public void Refuses_a_larger_model_with_the_smaller_likelihood()
    {
        // Effects of pairs of rows integrated by Laplace's approximation and by nodes: values that no two searches of one criterion give.
        var pair = Group.By((Row r) => r.Clinic * 10 + r.Week / 2, "Pair");
        var small = PooledModel.Of<Row>().Bernoulli(r => r.Count % 3 == 0).Intercept().Varying(pair, g => g.Intercept(Fixed(3)));
        var large = PooledModel.Of<Row>().Bernoulli(r => r.Count % 3 == 0).Intercept().Slope(r => r.Z).Varying(pair, g => g.Intercept(Fixed(3)));
        var nodes = new MaximumLikelihoodEngine { QuadraturePoints = 25 };
        BernoulliLikelihoodFit<Row>[] fits = [small.Fit(Rows, Ml), small.Fit(Rows, nodes)];
        BernoulliLikelihoodFit<Row>[] larger = [large.Fit(Rows, Ml), large.Fit(Rows, nodes)];
        var refused = 0;
        foreach (var (one, other) in new[] { (fits[0], larger[1]), (fits[1], larger[0]) })
        {
            if (other.Likelihood.LogLikelihood >= one.Likelihood.LogLikelihood)
                continue;
            refused++;
            Refused("a search missed its maximum", one, other);
        }

        Assert.Equal(1, refused);
    }

    [Fact]
    public void Large_likelihoods_may_differ_by_their_rounding()
    {
        // A unit in the last place of a log likelihood of -1e8 is 1.5e-8.
        Row[] rows = [.. Enumerable.Range(0, 60).Select(
            i => new Row(i / 6, i % 6, i % 2, i % 3, 0, (int)Math.Round(4e8 * (1 + 0.5 * Math.Sin(5.0 * (i / 6)))), "a"))];
        Assert.Equal(1e-8, LikelihoodRatio.SearchError(0, 0), 1e-20);
        Assert.Equal(1e-8 + 2e-6, LikelihoodRatio.SearchError(-1e8, -1e8), 1e-12);
        var small = PooledModel.Of<Row>().Binomial(r => r.Count, r => 1_000_000_000).Intercept().Varying(Clinic, g => g.Intercept()).Fit(rows, Ml);
        var large = PooledModel.Of<Row>().Binomial(r => r.Count, r => 1_000_000_000).Intercept().Slope(r => r.X).Varying(Clinic, g => g.Intercept())
            .Fit(rows, Ml);
        Assert.StartsWith("chi^2 0.000 with 1 degree of freedom, p = 1", LikelihoodRatio.Test(small, large).ToString(), StringComparison.Ordinal);
    }

    private static NormalModel<Row> Plain => PooledModel.Of<Row>().Normal(r => r.Y).Intercept();

    private static void Refused(string part, Fit<Row> smaller, Fit<Row> larger) =>
        Assert.Contains(
            part, Assert.Throws<ModelException>(() => LikelihoodRatio.Test(smaller, larger)).Problems.Single().Sentence, StringComparison.Ordinal);

    private sealed record Row(int Clinic, int Week, double X, double Z, double Y, int Count, string Kind);
}
