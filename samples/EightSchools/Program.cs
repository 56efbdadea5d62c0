using System.Globalization;
using System.Text;
using TypedPooling;
using TypedPooling.Engines;
using TypedPooling.Plots;
using TypedPooling.Samples.EightSchools;
using static TypedPooling.Prior;

Console.OutputEncoding = Encoding.UTF8;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var schools = School.ReadAll();

// Each school reports an estimate and its standard error: knownSd takes the place of sigma. mu is the intercept, tau the sd of the schools' true
// effects.
var school = Group.By((School s) => s.Name, "School");
var model = PooledModel.Of<School>()
    .Normal(s => s.Effect, knownSd: s => s.Se)
    .Intercept(Normal(0, 5))
    .Varying(school, g => g.Intercept(HalfCauchy(5)));

var fit = model.Fit(schools, RunOptions.Default with { Draws = 4000 });
var bySchool = fit.For(school);
var (mu, tau) = (fit.Intercept, bySchool.InterceptSd);

Console.WriteLine(model);
Console.WriteLine();
Console.WriteLine(fit);

Console.WriteLine("Numerical integration, and fitted here");
Console.WriteLine($"{"",-24}{"mean",9}{"sd",9}");
Compare("mu", 4.3968, 3.3177, mu);
Compare("tau", 3.5977, 3.2200, tau);
Compare("theta_A", 6.2119, 5.5931, bySchool.Level("A").Intercept);
Compare("theta_H", 4.8543, 5.2908, bySchool.Level("H").Intercept);
Console.WriteLine();

// No pooling believes each school alone, complete pooling none of them, partial pooling weighs both by what the data say about tau.
var shrinkage = bySchool.Shrinkage();
var complete = (Mean: shrinkage.CompletePooling[0], Se: 1 / Math.Sqrt(schools.Sum(s => 1 / (s.Se * s.Se))));
var effects = schools.Select(s => bySchool.Level(s.Name).Intercept).ToArray();
Console.WriteLine("What pooling does: effect of the course, sds in brackets");
Console.WriteLine($"{"",-8}{"none",13}{"partial",13}{"complete",13}{"89% of partial",18}{"P(best)",9}");
var best =
    schools.Select(
        (row, i) => fit.Derive(d => Array.TrueForAll(effects, other => d.Of(other) <= d.Of(effects[i])) ? 1 : 0, $"{row.Name} is best").Mean)
            .ToArray();
foreach (var (i, row) in schools.Index())
{
    var interval = effects[i].Interval();
    Console.WriteLine(
        $"{row.Name,-8}{Text(row.Effect, row.Se),13}{Text(effects[i].Mean, effects[i].Sd),13}"
            + $"{Text(complete.Mean, complete.Se),13}{$"[{interval.Lower:F1}, {interval.Upper:F1}]",18}"
            + $"{best[i],9:F2}  {new string('█', (int)Math.Round(60 * best[i]))}");
}

Console.WriteLine();
var a = effects[0];
var c = effects[2];
var own = shrinkage.Levels[0].PoolingMatrix[0];
Console.WriteLine($"School A keeps a weight of {own:F2} on its own {schools[0].Effect:F0} points; the rest is on mu, {mu.Mean:F1}.");
Console.WriteLine($"P(A is the best of the eight) = {best[0]:F2}, where chance alone gives {1.0 / schools.Count:F2}.");
Console.WriteLine(
    $"P(A is better than C) = {fit.Derive(d => d.Of(a) - d.Of(c)).Probability(x => x > 0):F2}, where the two estimates alone differ "
        + $"by {schools[0].Effect - schools[2].Effect:F0} points.");
Console.WriteLine(
    $"P(the schools hardly differ: tau below 1) = {tau.Probability(t => t < 1):F2}; "
    + $"P(the course helps on average) = {mu.Probability(x => x > 0):F2}");

// All of this on one page. dotnet run -- --report schools.html
if (args is ["--report", var path])
{
    fit.Report(path, schools, new() { Title = "Eight schools", Unit = "points", Prior = model.SamplePrior() });
    Console.WriteLine();
    Console.WriteLine($"The report is in {path}.");
}

static string Text(double mean, double sd) => $"{mean:F1} ({sd:F1})";

static void Compare(string name, double mean, double sd, Quantity ours)
{
    Console.WriteLine($"{name + ", integrated",-24}{mean,9:F4}{sd,9:F4}");
    Console.WriteLine($"{name + ", here",-24}{ours.Mean,9:F4}{ours.Sd,9:F4}");
}
