using System.Text.RegularExpressions;
using TypedPooling.Draws;
using TypedPooling.Engines;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Reference;

/// <summary>The models of stan_lmm.csv (tests/reference/README.md) as a user declares them, and their fits with the variables of the Stan
/// programs.</summary>
internal static class StanModels
{
    public static IReadOnlyDictionary<string, Func<INormalEngine, RunOptions, StanFit>> All { get; } =
        new Dictionary<string, Func<INormalEngine, RunOptions, StanFit>>
        {
            ["cafe"] = Cafe,
            ["gapminder_slopes"] = GapminderSlopes,
            ["gapminder_intercepts"] = GapminderIntercepts,
            ["sleepstudy"] = Sleepstudy,
            ["radon_uranium"] = RadonUranium,
            ["radon_slopes"] = RadonSlopes,
            ["seattle_slopes"] = SeattleSlopes,
        };

    public sealed record Visit(int Cafe, bool Afternoon, double Wait);

    public sealed record CountryYear(string Country, int Year, double LifeExpectancy);

    public sealed record Reading(int Subject, int Days, double Reaction);

    public sealed record Home(string County, bool Floor, double LogUranium, double LogRadon);

    public sealed record House(string Zipcode, double SquareFeet, double Price);

    public sealed record School(string Name, double Effect, double Se);

    public static Group<CountryYear, string> Country { get; } = Group.By((CountryYear v) => v.Country);

    /// <summary>Life expectancy is standardised: L of the lecture.</summary>
    public static IReadOnlyList<CountryYear> Countries()
    {
        var file = ReferenceFile.Read("data/gapminder.csv");
        var standardised = Standardised(file.Numbers("lifeExp"));
        return [.. file.Rows.Select((row, i) => new CountryYear(row.Text("country"), (int)row.Number("year"), standardised[i]))];
    }

    public static IReadOnlyList<School> Schools() =>
        [.. ReferenceFile.Read("data/eight_schools.csv").Rows.Select(row => new School(row.Text("school"), row.Number("effect"), row.Number("se")))];

    public static IEnumerable<Home> Homes() => ReferenceFile.Read("data/radon.csv").Rows
        .Select(row => new Home(row.Text("county"), row.Number("floor") == 1, row.Number("log_uranium"), row.Number("log_radon")));

    public static IEnumerable<Reading> Readings() => ReferenceFile.Read("data/sleepstudy.csv").Rows
        .Select(row => new Reading((int)row.Number("Subject"), (int)row.Number("Days"), row.Number("Reaction")));

    private static StanFit Cafe(INormalEngine engine, RunOptions options)
    {
        var cafe = Group.By((Visit v) => v.Cafe);
        var model = PooledModel.Of<Visit>()
            .Normal(v => v.Wait, sigma: Exponential(1))
            .Intercept(Normal(5, 2))
            .Slope(v => v.Afternoon, Normal(-1, 0.5))
            .Varying(cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));
        var rows = ReferenceFile.Read("data/cafe.csv").Rows.Select(
            row => new Visit((int)row.Number("cafe"), row.Number("afternoon") == 1, row.Number("wait")));
        return Of(model.Fit(rows, engine, options), cafe);
    }

    private static StanFit GapminderSlopes(INormalEngine engine, RunOptions options)
    {
        var model = PooledModel.Of<CountryYear>()
            .Normal(v => v.LifeExpectancy, sigma: Exponential(1))
            .Intercept(Normal(0, 2))
            .Slope(v => (v.Year - 1952) / 5.0, Normal(0, 2))
            .Varying(Country, g => g.Intercept(Exponential(1)).Slope(v => (v.Year - 1952) / 5.0, Exponential(1)).Correlated(Lkj(2)));
        return Of(model.Fit(Countries(), engine, options), Country);
    }

    private static StanFit GapminderIntercepts(INormalEngine engine, RunOptions options)
    {
        var model = PooledModel.Of<CountryYear>()
            .Normal(v => v.LifeExpectancy, sigma: Exponential(1))
            .Intercept(Normal(0, 2))
            .Slope(v => (v.Year - 1952) / 5.0, Normal(0, 2))
            .Varying(Country, g => g.Intercept(Exponential(1)));
        return Of(model.Fit(Countries(), engine, options), Country);
    }

    private static StanFit Sleepstudy(INormalEngine engine, RunOptions options)
    {
        var subject = Group.By((Reading v) => v.Subject);
        var model = PooledModel.Of<Reading>()
            .Normal(v => v.Reaction, sigma: Exponential(1.0 / 25))
            .Intercept(Normal(250, 50))
            .Slope(v => v.Days, Normal(10, 10))
            .Varying(subject, g => g.Intercept(Exponential(1.0 / 25)).Slope(v => v.Days, Exponential(1.0 / 25)).Correlated(Lkj(2)));
        return Of(model.Fit(Readings(), engine, options), subject);
    }

    private static StanFit RadonUranium(INormalEngine engine, RunOptions options)
    {
        var county = Group.By((Home v) => v.County);
        var model = PooledModel.Of<Home>()
            .Normal(v => v.LogRadon, sigma: Exponential(1))
            .Intercept(Normal(0, 5))
            .Slope(v => v.Floor, Normal(0, 5))
            .Varying(county, g => g.Intercept(Exponential(1)).PredictedBy(v => v.LogUranium, Normal(0, 5)));
        return Of(model.Fit(Homes(), engine, options), county);
    }

    private static StanFit RadonSlopes(INormalEngine engine, RunOptions options)
    {
        var county = Group.By((Home v) => v.County);
        var model = PooledModel.Of<Home>()
            .Normal(v => v.LogRadon, sigma: Exponential(1))
            .Intercept(Normal(0, 5))
            .Slope(v => v.Floor, Normal(0, 5))
            .Varying(county, g => g
                .Intercept(Exponential(1)).PredictedBy(v => v.LogUranium, Normal(0, 5))
                .Slope(v => v.Floor, Exponential(1)).PredictedBy(v => v.LogUranium, Normal(0, 5))
                .Correlated(Lkj(2)));
        return Of(model.Fit(Homes(), engine, options), county);
    }

    private static StanFit SeattleSlopes(INormalEngine engine, RunOptions options)
    {
        var zipcode = Group.By((House v) => v.Zipcode);
        var model = PooledModel.Of<House>()
            .Normal(v => v.Price / 100_000, sigma: Exponential(1.0 / 3))
            .Intercept(Normal(6, 5))
            .Slope(v => v.SquareFeet, Normal(3, 5))
            .Varying(zipcode, g => g.Intercept(Exponential(1.0 / 3)).Slope(v => v.SquareFeet, Exponential(1.0 / 3)).Correlated(Lkj(2)));
        var file = ReferenceFile.Read("data/seattle_housing.csv");
        var squareFeet = Standardised(file.Numbers("sqft_living"));
        return Of(
            model.Fit(file.Rows.Select((row, i) => new House(row.Text("zipcode"), squareFeet[i], row.Number("price"))), engine, options), zipcode);
    }

    // As scale() of R: the sd has n - 1 below the root.
    private static double[] Standardised(double[] values)
    {
        var mean = Diagnostics.Mean(values);
        var sd = Diagnostics.Sd(values);
        return [.. values.Select(value => (value - mean) / sd)];
    }

    // b[k], tau[k], sigma, R[k,l] and c[j,k]: k counts the columns of X, whose first q vary; j counts groups by first appearance.
    private static StanFit Of<TRow, TKey>(NormalFit<TRow> fit, Group<TRow, TKey> group)
    {
        var byGroup = fit.For(group);
        var varying = fit.Spec.Factors[0].Terms.Select(term => term.Name).ToArray();
        var levels = byGroup.Keys.Select(byGroup.Level).ToArray();
        return new StanFit(fit.Posterior, fit.Table, [.. fit.Warnings], variable =>
        {
            var parts = Regex.Match(variable, @"^(\w+?)(?:\[(\d+)(?:,(\d+))?\])?$");
            var first = parts.Groups[2].Success ? int.Parse(parts.Groups[2].ValueSpan) - 1 : -1;
            var second = parts.Groups[3].Success ? int.Parse(parts.Groups[3].ValueSpan) - 1 : -1;
            return parts.Groups[1].Value switch
            {
                "b" => fit.Coefficient(fit.Spec.Population[first].Name),
                "tau" => byGroup.Sd(varying[first]),
                "sigma" => fit.Sigma,
                "R" when first == second => null,
                "R" => byGroup.Correlation(varying[first], varying[second]),
                "c" => levels[first].Coefficient(varying[second]),
                _ => throw new NotSupportedException(variable),
            };
        });
    }
}

/// <summary>A fit with the variables of a Stan program.</summary>
/// <param name="Posterior">Its posterior.</param>
/// <param name="Table">Its parameter table.</param>
/// <param name="Warnings">Its warnings.</param>
/// <param name="Find">The quantity of a variable by Stan's name; null where the variable is a constant.</param>
internal sealed record StanFit(Posterior Posterior, SummaryTable Table, IReadOnlyList<FitWarning> Warnings, Func<string, Quantity?> Find);
