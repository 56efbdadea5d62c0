using System.Globalization;
using System.Text;
using TypedPooling;
using TypedPooling.Plots;
using TypedPooling.Samples.SeattleHousing;

Console.OutputEncoding = Encoding.UTF8;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

// A lecture on multilevel models after Gelman and Hill, ch. 12 and 13, line by line: house prices by zip code. What the lecture prints stands beside
// what is computed here.
var houses = House.Read();
var zip = Group.By((House h) => h.Zip);
var prices = PooledModel.Of<House>().Normal(h => h.Price).Intercept();
var byZip = prices.Varying(zip, g => g.Intercept());
var withSize = prices.Slope(h => h.Size).Varying(zip, g => g.Intercept());
var slopes = prices.Slope(h => h.Size).Varying(zip, g => g.Intercept().Slope(h => h.Size));

Title("1. price ~ (1 | zipcode), by REML");
var lmer1 = byZip.Fit(houses, Engine.RestrictedMaximumLikelihood);
var zips = lmer1.For(zip);
Console.WriteLine(lmer1);
Line("fixef: intercept", 713204.24, lmer1.Intercept.Mean);
Line("se.fixef", 195580.94, lmer1.Intercept.Sd);
Line("sd of zip codes", 584666.88, zips.InterceptSd.Mean);
Line("sigma.hat", 460890.53, lmer1.Sigma.Mean);
Line("AIC", 25155.1, lmer1.Likelihood.Aic, 1);
Line("deviance of an ML fit", 25175.2, byZip.Fit(houses, Engine.MaximumLikelihood).Likelihood.Deviance, 1);
Line("intercept - 2 se", 322042, lmer1.Intercept.Mean - 2 * lmer1.Intercept.Sd, 0);
Line("intercept + 2 se", 1104366, lmer1.Intercept.Mean + 2 * lmer1.Intercept.Sd, 0);

Title("coef and ranef: what a zip code's houses cost, and how that differs from the average");
(int Zip, double Coef, double Ranef, double Low, double High)[] printed =
[
    (98010, 425454.1, -287750.1, -379643, -195857), (98014, 456901.5, -256302.7, -338874, -173731), (98024, 581647.2, -131557.1, -233587, -29528),
    (98032, 253581.2, -459623.1, -541866, -377381), (98039, 2143523.7, 1430319.4, 1300763, 1559876), (98070, 488663.0, -224541.3, -309176, -139907),
    (98102, 900408.3, 187204.0, 97512, 276896), (98109, 879131.8, 165927.6, 77888, 253968), (98148, 289527.5, -423676.7, -545109, -302244),
];
Console.WriteLine($"{"zip",-8}{"coef",12}{"printed",12}{"ranef",12}{"printed",12}   {"ranef -+ 2 conditional sds",-28}printed");
foreach (var (key, coef, ranef, low, high) in printed)
{
    var level = zips[key];
    var effect = level.Effect("Intercept").Mean;
    var sd = level.ConditionalSd("Intercept");
    Console.WriteLine(
        $"{key,-8}{level.Intercept.Mean,12:F1}{coef,12:F1}{effect,12:F1}{ranef,12:F1}   {$"{effect - 2 * sd:F0} to {effect + 2 * sd:F0}",-28}{low} "
            + $"to {high}");
}

// The shrinkage formula: a weighted mean of the zip code's own mean and the mean of all, weights n / sigma^2 and 1 / sd^2.
var own = houses.Where(h => h.Zip == 98039).Select(h => h.Price).ToArray();
var (rows, between) = (own.Length / Math.Pow(lmer1.Sigma.Mean, 2), 1 / Math.Pow(zips.InterceptSd.Mean, 2));
Console.WriteLine();
Console.WriteLine(
    $"98039 by the formula: (n / sigma² · {own.Average():F0} + 1 / sd² · {lmer1.Intercept.Mean:F0}) / (n / sigma² + 1 / sd²) "
        + $"= {(rows * own.Average() + between * lmer1.Intercept.Mean) / (rows + between):F1}");

Title("2. price ~ size + (1 | zipcode), by REML");
var lmer2 = withSize.Fit(houses, Engine.RestrictedMaximumLikelihood);
Line("intercept", 682210.16, lmer2.Intercept.Mean);
Line("its se", 127976.83, lmer2.Intercept.Sd);
Line("size", 403385.07, lmer2.Coefficient(h => h.Size).Mean);
Line("its se", 10167.55, lmer2.Coefficient(h => h.Size).Sd);
Line("sd of zip codes", 382797.06, lmer2.For(zip).InterceptSd.Mean);
Line("sigma.hat", 274619.10, lmer2.Sigma.Mean);
Line("AIC", 24238.4, lmer2.Likelihood.Aic, 1);

Title("3. price ~ size + (1 + size | zipcode)");
var reml = slopes.Fit(houses, Engine.RestrictedMaximumLikelihood);
var lmer3 = slopes.Fit(houses, Engine.MaximumLikelihood);
Console.WriteLine(
    $"By REML, where lmer stops with a gradient of 0.0025, the search ends within {reml.Posterior.Point!.RemainingGain:E0} of the top: REML "
        + $"criterion {reml.Likelihood.RemlCriterion:F4}.");
Console.WriteLine("By ML; lmer's print is about 2e-5 off the maximum:");
Line("intercept", 606247.84, lmer3.Intercept.Mean);
Line("its se", 90723.36, lmer3.Intercept.Sd);
Line("size", 330602.83, lmer3.Coefficient(h => h.Size).Mean);
Line("its se", 69904.63, lmer3.Coefficient(h => h.Size).Sd);
Line("sd of intercepts", 271254.68, lmer3.For(zip).InterceptSd.Mean);
Line("sd of slopes", 208120.29, lmer3.For(zip).Sd(h => h.Size).Mean);
Line("correlation", 0.99, lmer3.For(zip).Correlation(h => h.Size).Mean);
Line("sigma.hat", 196377.48, lmer3.Sigma.Mean);
Line("AIC", 23716.8, lmer3.Likelihood.Aic, 1);
Console.WriteLine($"Against one slope for all: {LikelihoodRatio.Test(withSize.Fit(houses, Engine.MaximumLikelihood), lmer3)}");

Title("4. sim: what the average house costs in each zip code, with simulated 95 % intervals");
foreach (var key in lmer3.For(zip).Keys.Order())
{
    var total = lmer3.For(zip)[key].Intercept;
    var simulated = total.Draws.Order().ToArray();
    Console.WriteLine(
        $"{key,-8}{total.Mean,10:F0}   {simulated[(int)(0.025 * simulated.Length)],8:F0} to {simulated[(int)(0.975 * simulated.Length)],8:F0}");
}

Title("5. A house of average size: in zip code 98039, and in one without data");
var house = new House(98039, Price: double.NaN, Size: 0);
Console.WriteLine($"known zip code:  {lmer1.PredictNew(house)}");
var unknown = lmer1.PredictNew(house, zip.New(98999));
Console.WriteLine($"new zip code:    {unknown}");
Console.WriteLine(
    $"its variance is sd² + sigma² and that of the intercept: "
        + $"{Math.Sqrt(Math.Pow(zips.InterceptSd.Mean, 2) + Math.Pow(lmer1.Sigma.Mean, 2) + Math.Pow(lmer1.Intercept.Sd, 2)):F0}, squared");
Console.WriteLine();
Console.WriteLine(unknown.Histogram(15));
Console.WriteLine($"A price below nothing has probability {unknown.Probability(price => price < 0):F2}: prices want a log scale.");

Title("6. log(price) ~ size + (1 | zipcode), with default priors, by exact draws");
var logs = PooledModel.Of<House>().LogNormal(h => h.Price).Intercept().Slope(h => h.Size).Varying(zip, g => g.Intercept()).Fit(houses);
Console.WriteLine(logs);
Console.WriteLine($"known zip code:  {logs.PredictNew(house)}");
Console.WriteLine($"new zip code:    {logs.PredictNew(house, zip.New(98999))}");

Title("7. The first model with priors: stan_lmer's defaults in the lecture (4,000 draws), this library's here");
var bayes = byZip.Fit(houses);
var bayesZips = bayes.For(zip);
Console.WriteLine($"{"",-24}{"mean",12}{"printed",12}{"sd",12}{"printed",12}");
Posterior("intercept", 718020.2, 207253.1, bayes.Intercept);
Posterior("sigma", 461387.1, 11283.80, bayes.Sigma);
Posterior("effect of 98039", 1424663, 216172.1, bayesZips[98039].Effect("Intercept"));
Posterior("effect of 98148", -429206.9, 213617.6, bayesZips[98148].Effect("Intercept"));
Console.WriteLine();
Console.WriteLine(bayesZips.Shrinkage());

// The model of log prices on one page. dotnet run -- --report seattle.html
if (args is ["--report", var path])
{
    logs.Report(path, houses, new() { Title = "House prices by zip code", Unit = "dollars" });
    Console.WriteLine();
    Console.WriteLine($"The report is in {path}.");
}

static void Title(string text)
{
    Console.WriteLine();
    Console.WriteLine(text);
    Console.WriteLine(new string('-', text.Length));
}

static void Line(string what, double lecture, double here, int decimals = 2) =>
    Console.WriteLine($"{what,-24}printed {lecture.ToString("F" + decimals),12}   here {here.ToString("F" + decimals),12}");

static void Posterior(string what, double mean, double sd, Quantity here) =>
    Console.WriteLine($"{what,-24}{here.Mean,12:F0}{mean,12:F0}{here.Sd,12:F0}{sd,12:F0}");
