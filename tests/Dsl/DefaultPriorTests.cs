using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class DefaultPriorTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    private static double Sd(IEnumerable<double> values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count() - 1));
    }

    private static void AssertNormal(double mean, double sd, IRealPrior? prior)
    {
        var normal = Assert.IsType<NormalPrior>(prior);
        Assert.Equal(mean, normal.Mean, 1e-12);
        Assert.Equal(sd, normal.Sd, 1e-12 * sd);
    }

    [Fact]
    public void Every_default_is_scaled_by_the_data()
    {
        var rows = Rows.Readings();
        var (sdY, sdX, meanX, sdZ, meanZ) = (
            Sd(rows.Select(r => r.Y)), Sd(rows.Select(r => r.X)), rows.Average(r => r.X), Sd(rows.Select(r => r.Z)), rows.Average(r => r.Z));
        var spec = PooledModel.Of<Reading>().Normal(r => r.Y)
            .Intercept().Slope(r => r.X).Slope(r => r.Z).Slope(r => r.W, Normal(0, 7))
            .Varying(Site, g => g.Intercept().Slope(r => r.X))
            .Bind(rows).Spec;

        AssertNormal(
            rows.Average(r => r.Y),
            Math.Sqrt(Math.Pow(2.5 * sdY, 2) + Math.Pow(2.5 * sdY * meanX / sdX, 2) + Math.Pow(2.5 * sdY * meanZ / sdZ, 2)),
            spec.Population[0].Prior);
        AssertNormal(0, 2.5 * sdY / sdX, spec.Population[1].Prior);
        AssertNormal(0, 2.5 * sdY / sdZ, spec.Population[2].Prior);
        Assert.Equal(Normal(0, 7), spec.Population[3].Prior);
        Assert.Equal(1 / sdY, Assert.IsType<ExponentialPrior>(spec.Response.Sigma).Rate, 1e-12);
        Assert.Equal(1 / sdY, Assert.IsType<ExponentialPrior>(spec.Factors[0].Terms[0].Sd).Rate, 1e-12);
        Assert.Equal(sdX / sdY, Assert.IsType<ExponentialPrior>(spec.Factors[0].Terms[1].Sd).Rate, 1e-12);
        Assert.Equal([true, true, true, false], spec.Population.Select(term => term.HasDefaultPrior));
    }

    [Fact]
    public void An_indicator_is_scaled_by_its_own_sd()
    {
        var rows = Rows.Readings();
        var spec = PooledModel.Of<Reading>().Normal(r => r.Y).Categorical(r => r.Kind).Bind(rows).Spec;

        AssertNormal(0, 2.5 * Sd(rows.Select(r => r.Y)) / Sd(rows.Select(r => r.Kind == "b" ? 1.0 : 0)), spec.Population[0].Prior);
    }

    [Fact]
    public void Scales_are_one_where_there_is_no_spread()
    {
        var constant = Rows.Readings().Select(r => r with { Y = 7, X = 2 });
        var model = PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Fixed(1)).Intercept().Slope(r => r.X).Varying(
            Site, g => g.Intercept().Slope(r => r.X));
        var spec = model.Bind(constant).Spec;

        AssertNormal(7, Math.Sqrt(6.25 + 25), spec.Population[0].Prior);
        AssertNormal(0, 2.5, spec.Population[1].Prior);
        Assert.Equal([Exponential(1), Exponential(1)], spec.Factors[0].Terms.Select(term => term.Sd));
        AssertNormal(7, Math.Sqrt(6.25 + 25), model.Bind([new Reading { Y = 7, X = 2 }]).Spec.Population[0].Prior);
    }

    [Fact]
    public void With_a_known_error_every_row_counts_once()
    {
        var model = PooledModel.Of<School>().Normal(s => s.Effect, knownSd: s => s.Se).Intercept().Varying(
            Group.By((School s) => s.Name), g => g.Intercept());
        var spec = model.Bind(Rows.EightSchools).Spec;
        var sdY = Sd(Rows.EightSchools.Select(s => s.Effect));

        AssertNormal(Rows.EightSchools.Average(s => s.Effect), 2.5 * sdY, spec.Population[0].Prior);
        Assert.Equal(1 / sdY, Assert.IsType<ExponentialPrior>(spec.Factors[0].Terms[0].Sd).Rate, 1e-12);
        var half = model.Read(Rows.EightSchools.Take(3)).Merge(model.Read(Rows.EightSchools.Skip(3)));
        AssertNormal(Rows.EightSchools.Average(s => s.Effect), 2.5 * sdY, model.Bind(half).Spec.Population[0].Prior);
    }

    [Fact]
    public void Describe_shows_the_priors_really_used_and_marks_the_defaults()
    {
        var text = PooledModel.Of<CountryYear>().Normal(c => c.LifeExp, sigma: Exponential(1))
            .Intercept().Slope(c => (c.Year - 1952) / 5.0, Normal(0, 2), name: "t").Categorical(c => c.Continent, reference: "Europe")
            .Varying(Group.By((CountryYear c) => c.Country), g => g.Intercept().Slope(c => (c.Year - 1952) / 5.0))
            .Describe(Rows.Gapminder);

        Assert.Equal(
            """
            LifeExp_i             ~ Normal(μ_i, σ)
            μ_i                   = β_0 + u_Country[i],0 + (β_t + u_Country[i],t) t_i + β_Continent[Continent_i]
            t                     = (Year - 1952) / 5
            u_Country             ~ MVN(0, diag(s_Country) R_Country diag(s_Country))
            β_0                   ~ Normal(59.4744, 46.8839)  (default)
            β_t                   ~ Normal(0, 2)
            β_Continent[Europe]   = 0
            β_Continent[Africa]   ~ Normal(0, 67.0106)  (default)
            β_Continent[Americas] ~ Normal(0, 84.7624)  (default)
            β_Continent[Asia]     ~ Normal(0, 76.4356)  (default)
            β_Continent[Oceania]  ~ Normal(0, 273.96)  (default)
            s_Country,0           ~ Exponential(0.0774167)  (default)
            s_Country,t           ~ Exponential(0.267325)  (default)
            R_Country             ~ LKJ(1)  (default)
            σ                     ~ Exponential(1)

            The priors of s_Country and R_Country apply to effects at the means of the columns: t = 5.5.

            1704 rows; Country: 142 levels
            """.ReplaceLineEndings("\n"),
            text);
    }
}
