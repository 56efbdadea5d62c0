using System.Globalization;
using System.Text;
using TypedPooling;
using TypedPooling.Plots;
using TypedPooling.Samples.Cafe;
using static TypedPooling.Prior;

Console.OutputEncoding = Encoding.UTF8;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var town = Town.Simulate(seed: 1);

var cafe = Group.By((Visit v) => v.Cafe);
var model = PooledModel.Of<Visit>()
    .Normal(v => v.Wait, sigma: Exponential(1))
    .Intercept(Normal(5, 2))
    .Slope(v => v.Afternoon, Normal(-1, 0.5))
    .Varying(cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));

var fit = model.Fit(town.Visits);

Console.WriteLine(model);
Console.WriteLine(fit);

var byCafe = fit.For(cafe);
Console.WriteLine("True and estimated minutes (89% intervals)");
Console.WriteLine($"{"",-12}{"morning",9}{"estimate",10}{"interval",16}   {"afternoon",9}{"estimate",10}{"interval",16}");
var covered = 0;
foreach (var name in byCafe.Keys)
{
    var level = byCafe.Level(name);
    var morning = level.Intercept;
    var difference = level.Slope(v => v.Afternoon);
    var (trueMorning, trueDifference) = town.Truth[name];
    covered += (Holds(morning.Interval(), trueMorning) ? 1 : 0) + (Holds(difference.Interval(), trueDifference) ? 1 : 0);
    Console.WriteLine(
        $"{name,-12}{trueMorning,9:F2}{morning.Mean,10:F2}{Text(morning.Interval()),16}  "
            + $" {trueDifference,9:F2}{difference.Mean,10:F2}{Text(difference.Interval()),16}");
}

Console.WriteLine($"{covered} of {2 * byCafe.Keys.Count} intervals hold the truth.");
Console.WriteLine();

Console.WriteLine("Shrinkage: each café's own least squares, and after partial pooling towards the population");
Console.WriteLine(byCafe.Shrinkage());

var rho = byCafe.Correlation(v => v.Afternoon);
Console.WriteLine("Correlation of morning wait and afternoon difference: prior LKJ(2) against posterior (true: -0.7)");
Console.WriteLine($"{"",16}{"prior",-26}posterior");
for (var bin = 0; bin < 10; bin++)
{
    var lower = -1 + 0.2 * bin;
    var upper = lower + 0.2;
    var prior = LkjCumulative(upper) - LkjCumulative(lower);
    var posterior = rho.Probability(r => r >= lower && r < upper);
    Console.WriteLine($"{lower,5:F1} to {upper,4:F1}   {Bar(prior),-26}{Bar(posterior)}");
}

Console.WriteLine();
var gap = fit.Derive(d => d.Of(byCafe.Level("Quill").Intercept) - d.Of(byCafe.Level("Station").Intercept), "Quill - Station");
Console.WriteLine($"{gap}; P(Quill makes you wait longer than Station in the morning) = {gap.Probability(x => x > 0):F2}");

// cafe.html: warnings, model, estimates, pictures, checks and cafés on one page. dotnet run -- --report cafe.html
if (args is ["--report", var path])
{
    fit.Report(path, town.Visits, new() { Title = "Waiting times of 20 cafés", Unit = "minutes", Prior = model.SamplePrior() });
    Console.WriteLine();
    Console.WriteLine($"The report is in {path}.");
}

static bool Holds(Interval interval, double value) => interval.Lower <= value && value <= interval.Upper;

static string Text(Interval interval) => $"[{interval.Lower:F2}, {interval.Upper:F2}]";

static string Bar(double probability) => new('█', (int)Math.Round(60 * probability));

// LKJ(2) of a 2 x 2 matrix: density of the correlation 3/4 (1 - r^2).
static double LkjCumulative(double r) => 0.25 * (2 + 3 * r - r * r * r);
