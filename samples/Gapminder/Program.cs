using System.Globalization;
using System.Text;
using TypedPooling;
using TypedPooling.Plots;
using TypedPooling.Samples.Gapminder;
using static TypedPooling.Prior;

Console.OutputEncoding = Encoding.UTF8;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var world = World.Read();
var country = Group.By((CountryYear v) => v.Country);

// What both models share. As in the lecture there is no population intercept: the levels of 1952 (T = 0) vary about 0, the mean of all years.
var shared = PooledModel.Of<CountryYear>()
    .Normal(v => v.L, sigma: Exponential(1))
    .Slope(v => v.T, Normal(0, 2));

// Each country has a level of its own and a pace of its own ...
var slopes = shared.Varying(country, g => g.Intercept(Exponential(1)).Slope(v => v.T, Exponential(1)).Correlated(Lkj(1)));

// ... or only a level: all countries gain at the same pace.
var intercepts = shared.Varying(country, g => g.Intercept(Exponential(1)));

var slopesFit = slopes.Fit(world.Rows);
var interceptsFit = intercepts.Fit(world.Rows);
var byCountry = slopesFit.For(country);

Console.WriteLine(slopes);
Console.WriteLine();
Console.WriteLine(slopesFit);

Console.WriteLine("Side by side: posterior means, sds in brackets");
Console.WriteLine($"{"",-32}{"slopes vary",18}{"intercepts only",18}");
foreach (var row in slopesFit.Table.Rows)
{
    var other = interceptsFit.Table.Rows.FirstOrDefault(r => r.Parameter == row.Parameter);
    Console.WriteLine($"{row.Parameter.Name,-32}{Text(row),18}{(other is null ? "-" : Text(other)),18}");
}

Console.WriteLine(
    $"{"time to fit",-32}{Milliseconds(slopesFit),18}{Milliseconds(interceptsFit),18}   (the first fit of a program also compiles the library)");
Console.WriteLine(
    $"One pace for all leaves errors of {world.Sd * interceptsFit.Sigma.Mean:F1} years about the lines; where paces vary they "
        + $"are {world.Sd * slopesFit.Sigma.Mean:F1} years.");
Console.WriteLine();

// Which model predicts better? Leave out one row of a country whose other rows are known, or a whole country: the rows again, or their sums.
var loo = ModelComparison.Of(slopesFit.Loo(world.Rows, "slopes vary"), interceptsFit.Loo(world.Rows, "intercepts only"));
var groups = ModelComparison.Of(slopesFit.LeaveGroupOut(country, name: "slopes vary"), interceptsFit.LeaveGroupOut(country, name: "intercepts only"));
Console.WriteLine("Expected log predictive densities: of a row given all others (PSIS-LOO), of a country given all others");
Console.WriteLine($"{"",-28}{"elpd",9}{"se",9}{"less best",11}{"se",9}{"p",9}{"bad k",8}");
foreach (var (kind, comparison) in new[] { ("row", loo), ("country", groups) })
{
    foreach (var compared in comparison.Models)
    {
        var estimate = compared.Estimate;
        Console.WriteLine(
            $"{kind + ", " + compared.Name,-28}{estimate.Elpd,9:F1}{estimate.ElpdSe,9:F1}"
                + $"{compared.Difference,11:F1}{compared.DifferenceSe,9:F1}{estimate.EffectiveParameters,9:F1}{estimate.BadCount,8}");
    }
}

var worst = loo.Best.Estimate.Pointwise.OrderBy(part => part.Elpd).Take(3).Select(part => world.Rows[(int)part.Row - 1]);
Console.WriteLine($"Rows that the other rows predict worst: {string.Join(", ", worst.Select(row => $"{row.Country} {row.Year}"))}.");
Console.WriteLine(
    $"Explained by time alone {slopesFit.MarginalRSquared.Mean:P0}, with the countries' lines {slopesFit.ConditionalRSquared.Mean:P0}; countries "
        + $"are {slopesFit.Icc(country).Mean:P0} of what time leaves.");
Console.WriteLine();

Console.WriteLine("Printed by the lecture, and fitted here");
Console.WriteLine($"{"",-28}{"mean",9}{"sd",9}{"5.5%",9}{"94.5%",9}");
Compare("sd of intercepts", 1.1816, 0.0709, 1.0709, 1.2984, byCountry.InterceptSd);
Compare("sd of slopes", 0.0648, 0.0046, 0.0579, 0.0726, byCountry.Sd(v => v.T));
Console.WriteLine();

// A slope is in sds a five-year step: in years of life a decade it is 2 sd(life expectancy) times that.
var pace = byCountry.Keys
    .Select(name => (Name: name, Pace: slopesFit.Derive(d => 2 * world.Sd * d.Of(byCountry.Level(name).Slope(v => v.T)), name)))
    .OrderByDescending(x => x.Pace.Mean)
    .ToArray();
Console.WriteLine("Years of life expectancy gained in a decade: the fastest and the slowest countries (89% intervals)");
foreach (var (name, gain) in pace.Take(5).Concat(pace.TakeLast(5)))
{
    var interval = gain.Interval();
    Console.WriteLine(
        $"{name,-24}{gain.Mean,6:F2}  [{interval.Lower,5:F2}, {interval.Upper,5:F2}]  "
            + $"{new string('█', (int)Math.Round(4 * Math.Max(0, gain.Mean)))}");
}

var falling = pace.Where(x => x.Pace.Probability(g => g < 0) > 0.95).Select(x => x.Name).ToArray();
Console.WriteLine($"Fell over these 55 years with a probability above 0.95: {(falling.Length == 0 ? "none" : string.Join(", ", falling))}.");
Console.WriteLine();

// Twelve rows say nearly all there is to say about a country's line, so partial pooling moves it little, and most where it lies far out.
var shrinkage = byCountry.Shrinkage();
var t = shrinkage.Terms.IndexOf("T");
Console.WriteLine("Shrinkage of slopes: o a country's own least squares, ● after partial pooling, | the slope of all");
foreach (var level in shrinkage.Levels.OrderByDescending(l => Math.Abs(l.NoPooling!.Value[t] - l.PartialPooling[t])).Take(8).OrderByDescending(
    l => l.PartialPooling[t]))
{
    var own = level.NoPooling!.Value[t];
    Console.WriteLine($"{level.Key,-24}{own,8:F4} -> {level.PartialPooling[t],7:F4}  {Strip(own, level.PartialPooling[t], shrinkage.Population[t])}");
}

// All of this on one page. dotnet run -- --report gapminder.html
if (args is ["--report", var path])
{
    var lines = slopesFit.PlotLinesByPanel(world.Rows, v => v.Year, v => v.Country, v => v.Continent, options: new() { Unit = "sds" });
    slopesFit.Report(path, world.Rows, new()
    {
        Title = "Life expectancy of 142 countries",
        Unit = "sds",
        Prior = slopes.SamplePrior(),
        Pictures = [ReportPicture.Of("Fitted lines", "Life expectancy of each country over the years, by continent.", lines)],
    });
    Console.WriteLine();
    Console.WriteLine($"The report is in {path}.");
}

static string Text(SummaryRow row) => $"{row.Mean:F4} ({row.Sd:F4})";

static string Milliseconds(NormalFit<CountryYear> fit) => $"{fit.Posterior.Timings.Total.TotalMilliseconds:F0} ms";

static void Compare(string name, double mean, double sd, double lower, double upper, Quantity ours)
{
    var interval = ours.Interval();
    Console.WriteLine($"{name + ", lecture",-28}{mean,9:F4}{sd,9:F4}{lower,9:F4}{upper,9:F4}");
    Console.WriteLine($"{name + ", here",-28}{ours.Mean,9:F4}{ours.Sd,9:F4}{interval.Lower,9:F4}{interval.Upper,9:F4}");
}

// A slope of -0.04 at the left end, 0.31 at the right.
static string Strip(double own, double pooled, double all)
{
    var strip = new string(' ', 71).ToCharArray();
    strip[At(all)] = '|';
    strip[At(own)] = 'o';
    strip[At(pooled)] = '●';
    return new string(strip).TrimEnd();

    static int At(double slope) => Math.Clamp((int)Math.Round(200 * (slope + 0.04)), 0, 70);
}
