using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TypedPooling.Engines;
using TypedPooling.Keys;

namespace TypedPooling.Tests.Cultures;

/// <summary>Fits models under the culture that is named and prints everything: texts of keys, bits of draws, tables, messages. The output must not
/// depend on the culture but for its first line.</summary>
public static class Program
{
    private static readonly RunOptions Options = new() { Chains = 2, Draws = 100, Warmup = 100 };

    public static void Main(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Console.OutputEncoding = Encoding.UTF8;
        var culture = CultureInfo.GetCultureInfo(arguments.Length == 0 ? string.Empty : arguments[0]);
        CultureInfo.CurrentCulture = culture;
        CultureInfo.CurrentUICulture = culture;
        CultureInfo.DefaultThreadCurrentCulture = culture;
        CultureInfo.DefaultThreadCurrentUICulture = culture;
        Console.WriteLine($"{-1234.5:N1} {new DateTime(2024, 3, 1, 9, 30, 0)} {"ITEM".ToLower(culture)}");

        foreach (var key in Keys(3))
            Console.WriteLine(KeyText.Of(key));
        Print("record", i => new Place("Iğdır", 0.5 + i));
        Print("record struct", i => new Slot(new DateOnly(2024, 1, 1 + i), 1.25m * i, Math.PI * i));
        Print("tuple", i => (Height: -1.5 * i, At: new DateTime(2024, 3, 1, 9, 30, i, 125)));
        Print("date", i => new DateOnly(2024, 1 + i, 2));
        Print("time", i => new TimeOnly(9, 30, i));
        Print("instant", i => new DateTimeOffset(2024, 3, 1, 9, 30, i, TimeSpan.FromHours(2)));
        Print("number", i => -1234.5 - i);
        Crossed();
        Messages();
    }

    private static object[] Keys(int i) =>
    [
        -1234.5,
        -1234.5f,
        1234.50m,
        (Half)(-0.5),
        -i,
        new DateOnly(2024, 3, 1),
        new TimeOnly(9, 30, 15, 125),
        new DateTime(2024, 3, 1, 9, 30, 15, 125),
        new TimeSpan(-1, 2, 3, 4, 5),
        new DateTimeOffset(2024, 3, 1, 9, 30, 15, TimeSpan.FromHours(2)), new Place("I", -0.5), new Slot(
            new DateOnly(2024, 3, 1), -1.5m, 1e-300), ("i", -1.5, new Place("ı", 2.5)),
        DayOfWeek.Friday, new { Size = -1.5 }, KeyValuePair.Create(-1, -1.5), new Temperature(-1.5),
    ];

    private static void Print<TKey>(string name, Func<int, TKey> key)
    {
        var rows =
            Enumerable.Range(0, 60)
                .Select(i => new Row<TKey>(key(i % 5), 1e-9 * Math.Sin(i), -1234.5 + Math.Cos(3.0 * i) + i % 5, (i * i) % 7, i % 3 == 0 ? "I" : "i"))
                    .ToArray();
        var group = Group.By((Row<TKey> r) => r.Key);
        var normal = PooledModel.Of<Row<TKey>>().Normal(r => r.Y).Intercept().Slope(r => r.X).Categorical(r => r.Kind).Varying(
            group, g => g.Intercept());
        var counts = PooledModel.Of<Row<TKey>>().Poisson(r => r.Count).Intercept().Varying(group, g => g.Intercept());
        Console.WriteLine($"== {name}");
        Console.WriteLine(normal);
        Console.WriteLine(normal.Describe(rows));
        foreach (var engine in new INormalEngine[] { Engine.Marginal, Engine.Gibbs, Engine.MaximumLikelihood })
        {
            var fit = normal.Fit(rows, engine, Options);
            Console.WriteLine(fit.Table);
            Console.WriteLine(fit.For(group).Coefficients());
            Console.WriteLine(fit.For(group).Level(key(1)).Intercept);
            Console.WriteLine(JsonSerializer.Serialize(fit.Table));
            Console.WriteLine(JsonSerializer.Serialize(fit.For(group).Coefficients()));
            Console.WriteLine(JsonSerializer.Serialize(fit.For(group).Level(key(1)).Intercept.SummaryWithDraws()));
            fit.For(group).Coefficients().WriteCsv(Console.Out);
            fit.Draws().WriteCsv(Console.Out);
            Bits(fit.For(group).Level(key(1)).Intercept.Draws);
            Bits(fit.PredictMean(rows[0], group.Level(key(2))).Draws);
            Bits(fit.PredictNew(rows[0], group.New(key(6))).Draws);
            Console.WriteLine(fit.PredictMean(rows[0], group.New(key(6))));
        }

        var cells = counts.Fit(rows, Options);
        Console.WriteLine(cells.Table);
        Bits(cells.For(group).Level(key(1)).Intercept.Draws);
        Bits(cells.PredictMean(rows[0], group.New(key(6))).Draws);
        var pooled = normal.Fit(rows, Options);
        Console.WriteLine(pooled.Loo(rows));
        Console.WriteLine(pooled.Intercept.Histogram());
        var pooling = normal.ComparePooling(rows, group, Options);
        Console.WriteLine(pooling);
        Console.WriteLine(pooling.Plot());
    }

    // Two crossed factors, the smaller with more levels than a strip of packed numbers has.
    private static void Crossed()
    {
        var rows = Enumerable.Range(0, 600)
            .Select(i => new Row<int>(i % 50, (7 * i + i / 50) % 37, Math.Cos(3.0 * i) + i % 5 + i % 4, i, "i")).ToArray();
        var (first, second) = (Group.By((Row<int> r) => r.Key), Group.By((Row<int> r) => (int)r.X));
        var model = PooledModel.Of<Row<int>>().Normal(r => r.Y).Intercept().Varying(first, g => g.Intercept()).Varying(second, g => g.Intercept());
        foreach (var engine in new INormalEngine[] { Engine.Marginal, Engine.MaximumLikelihood })
        {
            var fit = model.Fit(rows, engine, Options);
            Console.WriteLine(fit.Table);
            Bits(fit.For(second).Level(4).Intercept.Draws);
        }

        var counts = PooledModel.Of<Row<int>>().Poisson(r => r.Count % 7, name: "Count").Intercept().Varying(first, g => g.Intercept())
            .Varying(second, g => g.Intercept()).Fit(rows, Engine.MaximumLikelihood, Options);
        Console.WriteLine(counts.Table);
        Bits(counts.For(first).Level(4).Intercept.Draws);
        Bits(counts.For(second).Level(4).Intercept.Draws);
    }

    private static void Messages()
    {
        var rows = Enumerable.Range(0, 12).Select(i => new Row<double>(i % 3 - 1.5, double.NaN, -1.5 * i, -i, "i")).ToArray();
        var model = PooledModel.Of<Row<double>>();
        Message(() => model.LogNormal(r => r.Y).Intercept().Slope(r => r.X).Fit(rows));
        Message(() => model.Poisson(r => r.Count).Intercept().Fit(rows));
        Message(() => model.Normal(r => r.Y).Intercept(Prior.Normal(-1.5, 0.25)).Fit(rows, new RunOptions { TargetAcceptance = -1.5, Chains = -1 }));
        Message(
            () =>
                model.Normal(r => r.Y).Intercept().Varying(Group.By((Row<double> r) => r.Key), g => g.Intercept()).Fit(rows, Options).For(
                    Group.By((Row<double> r) => r.Key)).Level(7.25));
        Console.WriteLine(model.Normal(r => r.Y, sigma: Prior.HalfStudentT(2.5, 1234.5)).Intercept(Prior.Normal(-1234.5, 1e-9)).SamplePrior(100));
    }

    private static void Message(Func<object> act)
    {
        try
        {
            act();
            Console.WriteLine("nothing is refused");
        }
        catch (ModelException failure)
        {
            Console.WriteLine(failure.Message);
            Console.WriteLine(JsonSerializer.Serialize(failure));
        }
    }

    private static void Bits(IEnumerable<double> draws)
    {
        var text = new StringBuilder();
        foreach (var draw in draws)
            text.Append(BitConverter.DoubleToInt64Bits(draw).ToString("x16", CultureInfo.InvariantCulture));
        Console.WriteLine(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))));
    }
}

public sealed record Row<TKey>(TKey Key, double X, double Y, int Count, string Kind);

public record Place(string Name, double Height);

public readonly record struct Slot(DateOnly Day, decimal Price, double Weight);

/// <summary>A type whose own text is in the current culture.</summary>
public sealed record Temperature(double Degrees)
{
    public override string ToString() => $"{Degrees} °C";
}
