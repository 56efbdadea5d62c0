using System.Globalization;
using static TypedPooling.Prior;

namespace TypedPooling.Bench;

/// <summary>Models of three data sets of R's lme4, whose licence (GPL) keeps the data out of this repository: bench/fetch_lme4_data.R writes them
/// to a folder.</summary>
internal static class Lme4Models
{
    /// <summary>The environment variable that names the folder of fetch_lme4_data.R.</summary>
    public const string Variable = "TYPEDPOOLING_LME4_DATA";

    private static readonly Group<Answer, string> Person = Group.By((Answer a) => a.Person, name: "id");
    private static readonly Group<Answer, string> Item = Group.By((Answer a) => a.Item, name: "item");
    private static readonly Group<Chick, string> Brood = Group.By((Chick c) => c.Brood, name: "BROOD");
    private static readonly Group<Chick, string> Index = Group.By((Chick c) => c.Index, name: "INDEX");
    private static readonly Group<Chick, string> Location = Group.By((Chick c) => c.Location, name: "LOCATION");
    private static readonly Group<Evaluation, string> Student = Group.By((Evaluation e) => e.Student, name: "s");
    private static readonly Group<Evaluation, string> Lecturer = Group.By((Evaluation e) => e.Lecturer, name: "d");

    private static readonly BernoulliModel<Answer> Verbal = PooledModel.Of<Answer>().Bernoulli(a => a.Yes)
        .Intercept(Flat)
        .Slope(a => a.Anger, Flat, name: "Anger")
        .Categorical(a => a.Gender, Flat, reference: "F", name: "Gender")
        .Categorical(a => a.Act, Flat, reference: "curse", name: "btype")
        .Categorical(a => a.Situation, Flat, reference: "other", name: "situ")
        .Varying(Person, g => g.Intercept())
        .Varying(Item, g => g.Intercept());

    private static readonly BernoulliModel<Evaluation> High = PooledModel.Of<Evaluation>().Bernoulli(e => e.IsHigh)
        .Intercept(Flat)
        .Varying(Student, g => g.Intercept())
        .Varying(Lecturer, g => g.Intercept());

    private static readonly NormalModel<Evaluation> Score = PooledModel.Of<Evaluation>().Normal(e => e.Score)
        .Intercept(Flat)
        .Slope(e => e.Service, Flat, name: "service")
        .Varying(Student, g => g.Intercept())
        .Varying(Lecturer, g => g.Intercept());

    public static IReadOnlyList<Lme4Case> All { get; } =
    [
        new("glmer-verbagg", "Laplace: 7,584 yes or no of 316 persons crossed with 24 items", "verbagg.csv", path =>
        {
            var rows = Read(path, row => new Answer(
                row["id"], row["item"], row["Gender"], row["btype"], row["situ"], Number(row["Anger"]), row["r2"] == "Y"));
            return () => Lme4Fit.Of(Verbal.Fit(rows, Engine.MaximumLikelihood), [Person, Item]);
        }),
        Ticks("glmer-grouseticks", "Laplace: 403 counts, effects of rows in 118 broods in 63 places", "HEIGHT"),
        Ticks("glmer-grouseticks-centred", "the same with the height centred", "cHEIGHT"),
        new("glmer-insteval", "Laplace: 73,421 yes or no of 2,972 students crossed with 1,128 lecturers", "insteval.csv", path =>
        {
            var rows = Evaluations(path);
            return () => Lme4Fit.Of(High.Fit(rows, Engine.MaximumLikelihood), [Student, Lecturer]);
        }),
        new("reml-insteval", "REML of the same ratings, 1 to 5, and a covariate", "insteval.csv", path =>
        {
            var rows = Evaluations(path);
            return () =>
            {
                var fit = Score.Fit(rows, Engine.RestrictedMaximumLikelihood);
                return Lme4Fit.Of(fit, [Student, Lecturer]) with { Sigma = fit.Sigma.Mean };
            };
        }),
    ];

    /// <summary>The folder of the data; null where the variable is not set.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>Why a case cannot run, as a sentence; null where it can.</summary>
    public static string? Missing(Lme4Case wanted) =>
        Folder is not { } folder ? $"set {Variable} to the folder that bench/fetch_lme4_data.R has written"
        : File.Exists(Path.Combine(folder, wanted.File)) ? null
        : $"{wanted.File} is not in the folder of {Variable}; bench/fetch_lme4_data.R writes it";

    /// <summary>Reads the data of a case.</summary>
    /// <returns>Rows to fit, reading of the file excluded.</returns>
    public static Func<Lme4Fit> Prepare(Lme4Case wanted) => wanted.Prepare(Path.Combine(Folder!, wanted.File));

    private static Lme4Case Ticks(string name, string purpose, string height) => new(name, purpose, "grouseticks.csv", path =>
    {
        var rows = Read(path, row => new Chick(
            row["INDEX"], row["BROOD"], row["LOCATION"], row["YEAR"], Number(row[height]), (int)Number(row["TICKS"])));
        var model = PooledModel.Of<Chick>().Poisson(c => c.Ticks)
            .Intercept(Flat)
            .Categorical(c => c.Year, Flat, reference: "95", name: "YEAR")
            .Slope(c => c.Height, Flat, name: height)
            .Varying(Brood, g => g.Intercept())
            .Varying(Index, g => g.Intercept())
            .Varying(Location, g => g.Intercept());
        return () => Lme4Fit.Of(model.Fit(rows, Engine.MaximumLikelihood), [Brood, Index, Location]);
    });

    private static Evaluation[] Evaluations(string path) => Read(path, row => new Evaluation(
        row["s"], row["d"], Number(row["service"]), Number(row["y"]), row["high"] == "1"));

    // The files have no quotes.
    private static TRow[] Read<TRow>(string path, Func<Dictionary<string, string>, TRow> make)
    {
        var lines = File.ReadAllLines(path);
        var header = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => make(header.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second)))];
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private sealed record Answer(string Person, string Item, string Gender, string Act, string Situation, double Anger, bool Yes);

    private sealed record Chick(string Index, string Brood, string Location, string Year, double Height, int Ticks);

    private sealed record Evaluation(string Student, string Lecturer, double Service, double Score, bool IsHigh);
}
