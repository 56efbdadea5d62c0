using System.Globalization;
using System.Text;
using TypedPooling;
using TypedPooling.Plots;
using TypedPooling.Samples.HierarchicalLogit;
using static TypedPooling.Prior;

Console.OutputEncoding = Encoding.UTF8;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

// A lecture on hierarchical logistic regression: has a house more than two bathrooms? What the lecture prints stands beside what is computed here.
var houses = House.Read();
var zip = Group.By((House h) => h.Zip);
var baths = PooledModel.Of<House>().Bernoulli(h => h.HasMoreThanTwoBaths).Intercept();

Title("glm: one probability for all");
var glm = baths.Fit(houses, Engine.MaximumLikelihood);
Line("intercept", -0.1962546, glm.Intercept.Mean);
Line("its se", 0.06817, glm.Intercept.Sd, 5);
Line("probability", 0.4510932, glm.PredictMean(houses[0]).Mean);
Line("residual deviance", 1196.4, glm.Likelihood.Deviance, 1);

Title("glmer: a probability for every zip code");
var byZip = baths.Varying(zip, g => g.Intercept());
var glmer1 = byZip.Fit(houses, Engine.MaximumLikelihood);
Console.WriteLine(glmer1);
Line("intercept", -0.116311, glmer1.Intercept.Mean, 6);
Line("sd of zip codes", 0.60, glmer1.For(zip).InterceptSd.Mean, 2);
Line("DIC", 1111, glmer1.Likelihood.Dic, 0);
Line("deviance", 1138.2, glmer1.Likelihood.Deviance, 1);

Console.WriteLine();
Console.WriteLine($"{"zip",-8}{"rows",6}{"raw share",12}{"pooled",10}");
foreach (var group in houses.GroupBy(h => h.Zip).OrderBy(group => group.Key))
    Console.WriteLine(
        $"{group.Key,-8}{group.Count(),6}{group.Average(h => h.HasMoreThanTwoBaths ? 1.0 : 0),12:F3}{glmer1.PredictMean(group.First()).Mean,10:F3}");
var unknown = houses[0] with { Zip = 98999 };
Console.WriteLine(
    $"A zip code in the middle: {glmer1.PredictMean(unknown, zip.Average()).Mean:F3}; over all zip codes there could "
        + $"be: {glmer1.PredictMeanOverGroups(unknown).Mean:F3}");

Title("glmer with bedrooms, whose effect varies too");
var byBedrooms = baths.Slope(h => h.Bedrooms).Varying(zip, g => g.Intercept().Slope(h => h.Bedrooms));
var glmer2 = byBedrooms.Fit(houses, Engine.MaximumLikelihood);
Line("intercept", -3.999126, glmer2.Intercept.Mean, 6);
Line("bedrooms", 1.184553, glmer2.Coefficient(h => h.Bedrooms).Mean, 6);
Line("sd of intercepts", 1.3144794, glmer2.For(zip).InterceptSd.Mean);
Line("sd of slopes", 0.3289755, glmer2.For(zip).Sd(h => h.Bedrooms).Mean);
Line("correlation", -0.95, glmer2.For(zip).Correlation(h => h.Bedrooms).Mean, 2);

Title("The lecture's Stan program, flat priors on intercept and sd, by NUTS over all parameters");
var flat = PooledModel.Of<House>().Bernoulli(h => h.HasMoreThanTwoBaths).Intercept(Flat).Varying(zip, g => g.Intercept(Flat));
var draws = flat.Fit(houses, Engine.Nuts);
Console.WriteLine(draws);
var integrated = flat.Fit(houses);
Console.WriteLine(
    $"By the default engine, {integrated.Posterior.Engine}, which integrates the zip codes out: intercept {integrated.Intercept.Mean:F3} "
        + $"({integrated.Intercept.Sd:F3}), sd {integrated.For(zip).InterceptSd.Mean:F3} ({integrated.For(zip).InterceptSd.Sd:F3})");
Console.WriteLine("stan_glmer with its own weak priors prints intercept -0.1109 and sd 0.76");
Console.WriteLine(
    $"P(98039 has more large houses than 98102) "
        + $"= {draws.Derive(d => d.Of(draws.For(zip)[98039].Intercept) - d.Of(draws.For(zip)[98102].Intercept)).Probability(x => x > 0):F3}");
Console.WriteLine($"a house in a new zip code: {draws.PredictMean(unknown)}");

// The model by NUTS on one page, with its chains. dotnet run -- --report logit.html
if (args is ["--report", var path])
{
    draws.Report(path, houses, new() { Title = "More than two bathrooms, by zip code" });
    Console.WriteLine();
    Console.WriteLine($"The report is in {path}.");
}

static void Title(string text)
{
    Console.WriteLine();
    Console.WriteLine(text);
    Console.WriteLine(new string('-', text.Length));
}

static void Line(string what, double lecture, double here, int decimals = 7) =>
    Console.WriteLine($"{what,-20}printed {lecture.ToString("F" + decimals),12}   here {here.ToString("F" + decimals),12}");
