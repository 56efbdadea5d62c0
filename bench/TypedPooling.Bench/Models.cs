using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Randomness;
using static TypedPooling.Prior;

namespace TypedPooling.Bench;

/// <summary>The models that are timed, with their data: those of the tests' reference numbers.</summary>
internal static class Models
{
    private static readonly Group<Visit, int> Cafe = Group.By((Visit v) => v.Cafe);

    public static NormalModel<Visit> CafeModel { get; } = PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: Exponential(1))
        .Intercept(Normal(5, 2))
        .Slope(v => v.Afternoon, Normal(-1, 0.5))
        .Varying(Cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));

    public static NormalModel<Visit> ConjugateCafeModel { get; } = PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: HalfStudentT(3, 1))
        .Intercept(Normal(5, 2))
        .Slope(v => v.Afternoon, Normal(-1, 0.5))
        .Varying(Cafe, g => g.Intercept().Slope(v => v.Afternoon).Covariance(HuangWand(2, 1)));

    public static NormalModel<Life> GapminderModel { get; } = PooledModel.Of<Life>()
        .Normal(l => l.Expectancy, sigma: Exponential(1))
        .Intercept(Normal(0, 2))
        .Slope(l => l.Time, Normal(0, 2))
        .Varying(Group.By((Life l) => l.Country), g => g.Intercept(Exponential(1)).Slope(l => l.Time, Exponential(1)).Correlated(Lkj(2)));

    public static NormalModel<Home> RadonModel { get; } = PooledModel.Of<Home>()
        .Normal(h => h.LogRadon, sigma: Exponential(1))
        .Intercept(Normal(0, 5))
        .Slope(h => h.Floor, Normal(0, 5))
        .Varying(Group.By((Home h) => h.County), g => g
            .Intercept(Exponential(1)).PredictedBy(h => h.LogUranium, Normal(0, 5))
            .Slope(h => h.Floor, Exponential(1)).PredictedBy(h => h.LogUranium, Normal(0, 5))
            .Correlated(Lkj(2)));

    public static NormalModel<School> SchoolsModel { get; } = PooledModel.Of<School>()
        .Normal(s => s.Effect, knownSd: s => s.Se)
        .Intercept(Normal(0, 5))
        .Varying(Group.By((School s) => s.Name), g => g.Intercept(HalfCauchy(5)));

    public static NormalModel<Sale> ManyModel { get; } = PooledModel.Of<Sale>()
        .Normal(s => s.Amount, sigma: Exponential(1))
        .Intercept(Normal(0, 5))
        .Slope(s => s.Price, Normal(0, 5))
        .Varying(Group.By((Sale s) => s.Shop), g => g.Intercept(Exponential(1)).Slope(s => s.Price, Exponential(1)).Correlated(Lkj(2)));

    /// <summary>Simulated: sds of intercepts 1 and of slopes 0.58, correlation 0.51, sigma 1; 1 to 19 rows a group, 10 on average.</summary>
    public static IEnumerable<Sale> Many(int groups)
    {
        var stream = new PhiloxStream(1, 1);
        for (var shop = 0; shop < groups; shop++)
        {
            var intercept = stream.NextNormal();
            var slope = 0.5 * stream.NextNormal() + 0.3 * intercept;
            var count = 1 + (int)(19 * stream.NextDouble());
            for (var i = 0; i < count; i++)
            {
                var price = stream.NextNormal();
                yield return new Sale(shop, price, 1 + 0.5 * price + intercept + slope * price + stream.NextNormal());
            }
        }
    }
    public static NormalModel<Rating> RatingModel { get; } = PooledModel.Of<Rating>()
        .Normal(r => r.Score)
        .Intercept()
        .Slope(r => r.Service)
        .Varying(Group.By((Rating r) => r.Student), g => g.Intercept())
        .Varying(Group.By((Rating r) => r.Lecturer), g => g.Intercept());

    public static NormalModel<Diameter> PenicillinModel { get; } = PooledModel.Of<Diameter>()
        .Normal(r => r.Value)
        .Intercept()
        .Varying(Group.By((Diameter r) => r.Plate), g => g.Intercept())
        .Varying(Group.By((Diameter r) => r.Sample), g => g.Intercept());

    public static NormalModel<Strength> PastesModel { get; } = PooledModel.Of<Strength>()
        .Normal(r => r.Value)
        .Intercept()
        .Varying(Group.By((Strength r) => r.Batch), g => g.Intercept())
        .Varying(Group.By((Strength r) => r.Cask), g => g.Intercept());

    public static Visit[] Visits() =>
        [.. Read("cafe.csv").Select(r => new Visit((int)Number(r["cafe"]), Number(r["afternoon"]) > 0, Number(r["wait"])))];

    public static Life[] Lives()
    {
        var rows = Read("gapminder.csv").ToArray();
        var values = rows.Select(r => Number(r["lifeExp"])).ToArray();
        var mean = values.Average();
        var sd = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
        return [.. rows.Select(r => new Life(r["country"], (Number(r["lifeExp"]) - mean) / sd, (Number(r["year"]) - 1952) / 5))];
    }

    public static Home[] Homes() =>
        [.. Read("radon.csv").Select(r => new Home(r["county"], Number(r["log_radon"]), Number(r["floor"]), Number(r["log_uranium"])))];

    public static School[] Schools() => [.. Read("eight_schools.csv").Select(r => new School(r["school"], Number(r["effect"]), Number(r["se"])))];

    public static Diameter[] Diameters() => [.. Read("penicillin.csv").Select(r => new Diameter(r["plate"], r["sample"], Number(r["diameter"])))];

    public static Strength[] Strengths() =>
        [.. Read("pastes.csv").Select(r => new Strength(r["batch"], r["batch"] + ":" + r["cask"], Number(r["strength"])))];

    /// <summary>Ten ratings a student, of lecturers at random, as many as students.</summary>
    public static Rating[] Links(int levels)
    {
        var stream = new PhiloxStream(18, 0);
        return
        [
            .. Enumerable.Range(0, 10 * levels)
                .Select(i => new Rating(i % levels, (int)(levels * stream.NextDouble()), i % 3 == 0, stream.NextNormal())),
        ];
    }

    /// <summary>73,000 simulated ratings of the shape of InstEval of lme4: 3,000 students rate 1,100 lecturers, some far more often than others; sds
    /// 0.33, 0.52 and 1.18.</summary>
    public static Rating[] Ratings()
    {
        const int students = 3000, lecturers = 1100;
        var stream = new PhiloxStream(17, 0);
        var effects = Enumerable.Range(0, students + lecturers).Select(i => (i < students ? 0.33 : 0.52) * stream.NextNormal()).ToArray();
        return
        [
            .. Enumerable.Range(0, 73_000)
                .Select(
                    i => (Student: i % students, Lecturer: (int)(lecturers * Math.Pow(stream.NextDouble(), 2)), Service: stream.NextDouble() < 0.4))
                .Select(
                    r => new Rating(
                        r.Student,
                        r.Lecturer,
                        r.Service,
                        3.3 - (r.Service ? 0.1 : 0) + effects[r.Student] + effects[students + r.Lecturer] + 1.18 * stream.NextNormal())),
        ];
    }

    public static NormalModel<Reading> SleepModel { get; } = PooledModel.Of<Reading>()
        .Normal(r => r.Reaction)
        .Intercept()
        .Slope(r => r.Days)
        .Varying(Group.By((Reading r) => r.Subject), g => g.Intercept().Slope(r => r.Days));

    public static Reading[] Readings() =>
        [.. Read("sleepstudy.csv").Select(r => new Reading(r["Subject"], Number(r["Days"]), Number(r["Reaction"])))];

    public static BinomialModel<Herd> CattleModel { get; } = PooledModel.Of<Herd>()
        .Binomial(h => h.Incidence, h => h.Size)
        .Intercept()
        .Categorical(h => h.Period)
        .Varying(Group.By((Herd h) => h.Name), g => g.Intercept());

    public static Herd[] Cattle() =>
        [.. Read("cbpp.csv").Select(r => new Herd(r["herd"], r["period"], (int)Number(r["incidence"]), (int)Number(r["size"])))];

    public static BinomialModel<Tank> TadpoleModel { get; } = PooledModel.Of<Tank>()
        .Binomial(t => t.Survivors, t => t.Density)
        .Intercept(Normal(0, 1.5))
        .Varying(Group.By((Tank t) => t.Name), g => g.Intercept(Exponential(1)));

    public static Tank[] Tanks() => [.. Read("reedfrogs.csv").Select(r => new Tank(r["tank"], (int)Number(r["surv"]), (int)Number(r["density"])))];

    public static BernoulliModel<House> BathroomModel { get; } = PooledModel.Of<House>()
        .Bernoulli(h => h.HasMoreThanTwoBaths)
        .Intercept(Flat)
        .Varying(Group.By((House h) => h.Zip), g => g.Intercept(Flat));

    public static House[] Houses() => [.. Read("seattle_housing.csv").Select(r => new House(r["zipcode"], Number(r["bathrooms"]) > 2))];

    public static PoissonModel<Counted> CountModel { get; } = PooledModel.Of<Counted>()
        .Poisson(c => c.Y, exposure: c => c.Exposure)
        .Intercept(Normal(0, 2))
        .Slope(c => c.X, Normal(0, 1))
        .Varying(Group.By((Counted c) => c.Group), g => g.Intercept(Exponential(1)));

    public static Counted[] Counts() =>
        [.. Read("counts.csv").Select(r => new Counted(r["group"], Number(r["x"]), Number(r["exposure"]), (int)Number(r["y"])))];

    /// <summary>Simulated rows with some columns; intercepts and the slope of the first column vary with sds 1 and 0.5, sigma is 1.</summary>
    public static WideRow[] Wide(int rowCount, int groupCount, int columnCount)
    {
        var stream = new PhiloxStream(23, 0);
        var effects = Enumerable.Range(0, 2 * groupCount).Select(_ => stream.NextNormal()).ToArray();
        return
        [
            .. Enumerable.Range(0, rowCount).Select(i =>
            {
                var x = Enumerable.Range(0, columnCount).Select(_ => stream.NextNormal()).ToArray();
                var group = (int)(i * 7919L % groupCount);
                return new WideRow(group, x, effects[2 * group] + (0.3 + 0.5 * effects[2 * group + 1]) * x[0] + 0.1 * x.Sum() + stream.NextNormal());
            }),
        ];
    }

    public static NormalModel<WideRow> WideModel(int columnCount)
    {
        var model = PooledModel.Of<WideRow>().Normal(r => r.Y).Intercept();
        for (var c = 0; c < columnCount; c++)
        {
            var column = c;
            model = model.Slope(r => r.X[column], name: $"x{c}");
        }

        return model.Varying(Group.By((WideRow r) => r.Group), g => g.Intercept().Slope(r => r.X[0], name: "x0"));
    }

    /// <summary>Least of bulk and tail effective sample size over the table of a fit.</summary>
    public static double WorstEss<TRow>(Fit<TRow> fit) => fit.Table.Rows.Min(r => Math.Min(r.EssBulk, r.EssTail));

    /// <summary>Least bulk effective sample size over population effects, scales and every varying effect.</summary>
    public static double WorstBulkEss(Posterior posterior)
    {
        var worst = double.PositiveInfinity;
        var draws = new double[posterior.DrawCount];
        foreach (var block in new DrawBlock[] { posterior.Population, posterior.Scales }.Concat(posterior.Effects))
        {
            for (var i = 0; i < block.ParameterCount; i++)
            {
                block.CopyDraws(i, draws);
                worst = Math.Min(worst, Diagnostics.EssBulk(draws, posterior.ChainCount));
            }
        }

        return worst;
    }

    private static IEnumerable<Dictionary<string, string>> Read(string file)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "data", file));
        var header = Split(lines[0]);
        return lines.Skip(1).Select(line => header.Zip(Split(line)).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    // The files quote no field that holds a comma, but for "Korea, Dem. Rep." and its like.
    private static List<string> Split(string line)
    {
        var fields = new List<string>();
        var field = new System.Text.StringBuilder();
        var quoted = false;
        foreach (var c in line)
        {
            if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
                field.Append(c);
        }

        fields.Add(field.ToString());
        return fields;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    internal sealed record Sale(int Shop, double Price, double Amount);

    internal sealed record Visit(int Cafe, bool Afternoon, double Wait);

    internal sealed record Life(string Country, double Expectancy, double Time);

    internal sealed record Home(string County, double LogRadon, double Floor, double LogUranium);

    internal sealed record Diameter(string Plate, string Sample, double Value);

    internal sealed record Strength(string Batch, string Cask, double Value);

    internal sealed record Rating(int Student, int Lecturer, bool Service, double Score);

    internal sealed record Reading(string Subject, double Days, double Reaction);

    internal sealed record WideRow(int Group, double[] X, double Y);

    internal sealed record Herd(string Name, string Period, int Incidence, int Size);

    internal sealed record Tank(string Name, int Survivors, int Density);

    internal sealed record House(string Zip, bool HasMoreThanTwoBaths);

    internal sealed record Counted(string Group, double X, double Exposure, int Y);

    internal sealed record School(string Name, double Effect, double Se);
}
