using System.Diagnostics;
using System.Globalization;
using System.Text;
using ScottPlot;
using TypedPooling;
using TypedPooling.Engines;
using TypedPooling.Plots;
using TypedPooling.Samples.Cafe;
using TypedPooling.Samples.Gallery;
using TypedPooling.Samples.SeattleHousing;
using static TypedPooling.Prior;

// Writes every picture of docs/plots.md, and some more, as SVG and as PNG: Gallery [folder] [--time]
Console.OutputEncoding = Encoding.UTF8;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var isTimed = args.Contains("--time");
var named = args.FirstOrDefault(arg => arg != "--time");
var folder = Directory.CreateDirectory(named ?? Path.Combine(AppContext.BaseDirectory, "gallery")).FullName;
PlotOptions minutes = new() { Unit = "minutes" };
PlotOptions years = new() { Unit = "years" };
PlotOptions dollars = new() { Unit = "US dollars" };

// Cafés of a town: waits that are long in the morning and fall in the afternoon.
var visits = Town.Simulate(seed: 1).Visits;
var cafe = Group.By((Visit v) => v.Cafe);
var waits = PooledModel.Of<Visit>()
    .Normal(v => v.Wait, sigma: Exponential(1))
    .Intercept(Normal(5, 2))
    .Slope(v => v.Afternoon, Normal(-1, 0.5))
    .Varying(cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));
var cafes = waits.Fit(visits);
Write("shrinkage", () => cafes.PlotShrinkage(cafe, options: minutes));
Write("levels", () => cafes.PlotLevels(cafe, options: minutes));
WritePanels("levels-by-term", () => cafes.PlotLevelsByTerm(cafe, minutes));
var prior = waits.SamplePrior();
Write("prior-posterior", () => cafes.PlotPriorAgainstPosterior(prior, "cor(Cafe: Intercept, Afternoon)"));
var pooling = waits.ComparePooling(visits, cafe);
Write("pooling", () => pooling.PlotPooling("Afternoon", minutes));
Write("check", () => cafes.PlotCheck(visits, minutes));
var residuals = cafes.Residuals(visits);
WritePanels("residuals", () => residuals.PlotResidualPanels(minutes));
Write("residual-quantiles", () => residuals.PlotResidualQuantiles(new() { Size = new(480, 420) }));
var withoutCafe = cafes.LeaveGroupOut(cafe);
WritePanels("elpd-cafes", () => withoutCafe.PlotElpd());

// Life expectancy by country, in panels by continent.
var rows = LifeExpectancy.Read();
var country = Group.By((LifeExpectancy v) => v.Country);
var lives = PooledModel.Of<LifeExpectancy>()
    .Normal(v => v.Years)
    .Intercept()
    .Slope(v => v.Decade)
    .Varying(country, g => g.Intercept().Slope(v => v.Decade).Correlated())
    .Fit(rows);
WritePanels("lines", () => lives.PlotLinesByPanel(rows, v => v.Year, v => v.Country, v => v.Continent, v => v.Years, years));
var three = rows.Where(v => v.Country is "Rwanda" or "Vietnam" or "Norway").ToList();
Write("lines-three", () => lives.PlotLines(three, v => v.Year, v => v.Country, v => v.Years, years with { Title = "Three countries" }));
Write("levels-many", () => lives.PlotLevels(country, "Decade", years));
Write("shrinkage-many", () => lives.PlotShrinkage(country, options: years));
var loo = lives.Loo(rows, "lives");
WritePanels("elpd", () => loo.PlotElpd());
var withoutCountry = lives.LeaveGroupOut(country);
WritePanels("elpd-countries", () => withoutCountry.PlotElpd());

// House prices by zip code: a house in one without data.
var houses = House.Read();
var zip = Group.By((House h) => h.Zip);
var prices = PooledModel.Of<House>().LogNormal(h => h.Price).Intercept().Slope(h => h.Size).Varying(zip, g => g.Intercept()).Fit(houses);
House average = new(98999, Price: double.NaN, Size: 0);
Write("new-group", () => prices.PlotPrediction(average, dollars, zip.New(98999)));

// Ticks on grouse chicks: counts with many zeros.
var ticks = Ticks.Read();
var brood = Group.By((Ticks t) => t.Brood);
var counts = PooledModel.Of<Ticks>().Poisson(t => t.Count).Intercept().Slope(t => t.Height).Varying(brood, g => g.Intercept()).Fit(ticks);
Write("check-counts", () => counts.PlotCheck(ticks));
Write("zeros", () => counts.PlotZeros(ticks));
WritePanels("check-panels", () => counts.PlotCheckPanels(ticks));
Write("new-count", () => counts.PlotPrediction(ticks[0], brood.New(-1)));
var countsLoo = counts.Loo(ticks);
WritePanels("elpd-counts", () => countsLoo.PlotElpd());

// Eight schools by Markov chains: the scale near 0 is hard for them, and that shows.
var schools = School.Read();
var school = Group.By((School s) => s.Name, "School");
var effects = PooledModel.Of<School>()
    .Normal(s => s.Effect, s => s.Error)
    .Intercept(Normal(0, 10))
    .Varying(school, g => g.Intercept(HalfCauchy(5)));
var chains = effects.Fit(schools, Engine.Nuts, new RunOptions { Draws = 1000, Warmup = 500, TargetAcceptance = 0.6 });
WritePanels("traces", () => chains.PlotTraces(new PlotOptions { Size = new(820, 420) }));
WritePanels("ranks", () => chains.PlotRanks());
return;

void Write(string name, Func<Plot> make)
{
    if (isTimed)
        make().ToSvg();
    var clock = Stopwatch.StartNew();
    var plot = make();
    var made = clock.Elapsed.TotalMilliseconds;
    plot.WriteSvg(Path.Combine(folder, name + ".svg"));
    var svg = clock.Elapsed.TotalMilliseconds - made;
    plot.WritePng(Path.Combine(folder, name + ".png"));
    Say(name, made, svg);
}

void WritePanels(string name, Func<Multiplot> make)
{
    if (isTimed)
        make().ToSvg();
    var clock = Stopwatch.StartNew();
    var panels = make();
    var made = clock.Elapsed.TotalMilliseconds;
    panels.WriteSvg(Path.Combine(folder, name + ".svg"));
    var svg = clock.Elapsed.TotalMilliseconds - made;
    panels.WritePng(Path.Combine(folder, name + ".png"));
    Say(name, made, svg);
}

void Say(string name, double made, double svg) => Console.WriteLine(
    $"{name,-18}{new FileInfo(Path.Combine(folder, name + ".svg")).Length / 1024.0,8:F1} KB"
        + (isTimed ? $"{made,8:F0} ms to make{svg,8:F0} ms as SVG" : string.Empty));
