using System.Globalization;
using TypedPooling.Engines;
using TypedPooling.Keys;
using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>Keys as text: one text for equal keys, two for keys that differ, the same in every culture.</summary>
public sealed class KeyTextTests
{
    private static readonly DateTime Noon = new(2024, 3, 1, 12, 0, 0, 125, DateTimeKind.Utc);

    /// <summary>Keys and their texts. Those of text, integers and tuples of them are as they were in version 0.1: level draws depend on
    /// them.</summary>
    public static TheoryData<string, object> Texts => new()
    {
        { "a, \"b\"", "a, \"b\"" },
        { "-12", -12 },
        { "9223372036854775807", long.MaxValue },
        { "Winter", Season.Winter },
        { "True", true },
        { "x", 'x' },
        { "(a, 1)", ("a", 1) },
        { "(\"a, b\", c)", ("a, b", "c") },
        { "((a, 1), \"b(\"\"\")", (("a", 1), "b(\"") },
        { "(a, )", ("a", string.Empty) },
        { "(a, null)", ("a", (string?)null) },
        { "(a, \"null\")", ("a", "null") },
        { "1.5", 1.5 },
        { "1E-12", 1e-12 },
        { "0", -0.0 },
        { "0", -0.0f },
        { "NaN", double.NaN },
        { "1.25", 1.25f },
        { "1.5", (Half)1.5 },
        { "1.5", 1.50m },
        { "-0.0000000000000000000000000001", -0.0000000000000000000000000001m },
        { "79228162514264337593543950335", decimal.MaxValue },
        { "2024-03-01", new DateOnly(2024, 3, 1) },
        { "2024-03-01T12:00:00.125", Noon },
        { "2024-03-01T00:00:00", new DateTime(2024, 3, 1) },
        { "2024-03-01T12:00:00.1250001", Noon.AddTicks(1) },
        { "2024-03-01T12:00:00.125Z", new DateTimeOffset(Noon).ToOffset(TimeSpan.FromHours(5.5)) },
        { "09:30:15", new TimeOnly(9, 30, 15) },
        { "09:30:15.0000001", new TimeOnly(9, 30, 15).Add(TimeSpan.FromTicks(1)) },
        { "1.02:03:04.0050000", new TimeSpan(1, 2, 3, 4, 5) },
        { "6f9619ff-8b86-d011-b42d-00cf4fc964ff", new Guid("6F9619FF-8B86-D011-B42D-00CF4FC964FF") },
        { "(1.5, 2024-03-01)", (1.5, new DateOnly(2024, 3, 1)) },
        { "Place { Name = a, Height = 1.5 }", new Place("a", 1.5) },
        { "Place { Name = \"x, Height = 2\", Height = 1.5 }", new Place("x, Height = 2", 1.5) },
        { "Place { Name = null, Height = 0 }", new Place(null, -0.0) },
        { "Place { Name = \"null\", Height = 0 }", new Place("null", 0) },
        { "Peak { Name = a, Height = 1.5, Seen = 2024-03-01 }", new Peak("a", 1.5, new DateOnly(2024, 3, 1)) },
        { "Slot { Day = 2024-03-01, From = 09:30:15, Weight = 0.25 }", new Slot(new DateOnly(2024, 3, 1), new TimeOnly(9, 30, 15), 0.25m) },
        { "Pair { First = Place { Name = a, Height = 1.5 }, Second = (2.5, b) }", new Pair<Place, (double, string)>(
            new Place("a", 1.5), (2.5, "b")) },
        { "Nothing { }", new Nothing() },
        { "Plain { weight = 2.5, Size = 1.5 }", new Plain(1.5, 2.5) },
        { "{ A = 1.5, B = x }", new { A = 1.5, B = "x" } },
        { "[a, 1.5]", KeyValuePair.Create("a", 1.5) },
        { "about 1.5", new Own(1.5) },
        { "1.5 m", new Metres(1.5) },
        { "OwnRecord 1.5", new OwnRecord(1.5) },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_key_has_one_text_in_every_culture(string text, object key)
    {
        Assert.Equal(text, KeyText.Of(key));
        Assert.Equal(text, In(Foreign, () => KeyText.Of(key)));
    }

    [Fact]
    public void Keys_that_are_equal_have_one_text()
    {
        Assert.All(
            new (object, object)[]
            {
                (0.0, -0.0), (1.0m, 1.000m), (Noon, DateTime.SpecifyKind(Noon, DateTimeKind.Local)), (
                    new DateTimeOffset(Noon), new DateTimeOffset(Noon).ToOffset(TimeSpan.FromHours(-3))),
                (new Place("a", 0.0), new Place("a", -0.0)), ((1.0m, "x"), (1.00m, "x")),
            },
            pair =>
            {
                Assert.Equal(pair.Item1, pair.Item2);
                Assert.Equal(KeyText.Of(pair.Item1), KeyText.Of(pair.Item2));
            });
    }

    [Fact]
    public void Keys_that_differ_have_two_texts_and_can_be_fitted()
    {
        Fitted(i => new DateOnly(2024, 1 + i, 2));
        Fitted(i => Noon.AddMilliseconds(i));
        Fitted(i => new DateTimeOffset(Noon).AddTicks(i));
        Fitted(i => new TimeOnly(9, 30, i));
        Fitted(i => TimeSpan.FromTicks(i));
        Fitted(i => new Place("a", 1 + (i * Math.BitIncrement(0.0))));
        Fitted(i => new Place("a", i * 1e-300));
        Fitted(i => new Plain(1, i));
        Fitted(i => (Name: "a", At: Noon.AddTicks(i)));
        Fitted(i => new { Day = new DateOnly(2024, 1, 1 + i), Part = i });
        Fitted(i => new Pair<string, string>(i % 2 == 0 ? "x, Second = y" : "x", i % 2 == 0 ? "z" : $"y, Second = z{i}"));

        static void Fitted<TKey>(Func<int, TKey> key)
        {
            var rows = Enumerable.Range(0, 12).Select(i => (Key: key(i % 4), Y: Math.Sin(i))).ToArray();
            var levels = rows.Select(row => row.Key).Distinct().ToArray();
            var bound =
                PooledModel.Of<(TKey Key, double Y)>().Normal(r => r.Y).Intercept().Varying(
                    Group.By(((TKey Key, double Y) r) => r.Key), g => g.Intercept()).Bind(rows);
            Assert.Equal(levels.Length, Enumerable.Range(0, bound.Levels[0].Count).Select(bound.Levels[0].Text).Distinct().Count());
        }
    }

    [Fact]
    public void Draws_of_known_and_new_levels_are_the_same_bits_in_every_culture()
    {
        var group = Group.By(((Place Key, double Y) r) => r.Key);
        var rows = Enumerable.Range(0, 30).Select(i => (Key: new Place("p", 0.5 + i / 6), Y: Math.Sin(i) + i / 6)).ToArray();
        var model = PooledModel.Of<(Place Key, double Y)>().Normal(r => r.Y).Intercept().Varying(group, g => g.Intercept());

        var invariant = Bits();
        Assert.Equal(invariant, In(Foreign, Bits));

        long[] Bits()
        {
            var fit = model.Fit(rows, new RunOptions { Chains = 2, Draws = 50 });
            var known = fit.For(group).Level(rows[0].Key).Intercept.Draws;
            var added = fit.PredictMean((Key: new Place("q", 7.25), Y: 0.0), group.New(new Place("q", 7.25))).Draws;
            return [.. known.Concat(added).Select(BitConverter.DoubleToInt64Bits)];
        }
    }

    [Fact]
    public void Control_characters_of_keys_are_escaped_where_they_are_printed()
    {
        Assert.Equal("a\\nb\\r\\t\\u001B[31m\\u2028\\u0000", KeyText.Printed("a\nb\r\t\u001B[31m\u2028\0"));
        Assert.Equal("C:\\new, \u00E9", KeyText.Printed("C:\\new, \u00E9"));

        const string Key = "a\n\u001B[31mb";
        var group = Group.By((Reading r) => r.Site);
        var rows = Rows.Readings(60).Select((r, i) => r with { Site = i % 3 == 0 ? Key : r.Site, Kind = i % 2 == 0 ? Key : "k" }).ToArray();
        var model = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Categorical(r => r.Kind, reference: "k").Varying(
            group, g => g.Intercept());
        var fit = model.Fit(rows, new RunOptions { Chains = 1, Draws = 20 });
        var level = fit.For(group).Level(Key);
        string[] printed =
        [
            fit.ToString(),
            fit.For(group).Coefficients().ToString(),
            model.ComparePooling(rows, group).ToString(),
            model.ComparePooling(rows, group).Plot(),
            model.NoPooling(rows, group).ToString(),
            fit.For(group).Shrinkage().ToString(), level.Intercept.ToString(), model.Describe(rows), group.New(Key).ToString(),
            fit.PredictMean(rows[0]).ToString(), Assert.Throws<ModelException>(() => fit.For(group).Level("none\u001B")).Message,
        ];

        Assert.All(printed, text => Assert.DoesNotContain(text.ReplaceLineEndings(string.Empty), char.IsControl));
        Assert.Contains(printed, text => text.Contains("a\\n\\u001B[31mb", StringComparison.Ordinal));
        Assert.Contains("\\u001B", printed[^1], StringComparison.Ordinal);

        // What a program reads is the key's own text.
        Assert.Equal(Key, level.Text);
    }

    /// <summary>A culture that writes numbers and dates unlike any other, whether or not ICU is there.</summary>
    private static CultureInfo Foreign
    {
        get
        {
            var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            culture.NumberFormat =
                new NumberFormatInfo
                {
                    NumberDecimalSeparator = ",",
                    NumberGroupSeparator = ".",
                    NegativeSign = "~",
                    NaNSymbol = "?",
                    PositiveSign = "&",
                };
            culture.DateTimeFormat =
                new DateTimeFormatInfo
                {
                    ShortDatePattern = "d.M.y",
                    LongTimePattern = "H.m",
                    ShortTimePattern = "H.m",
                    DateSeparator = ".",
                    TimeSeparator = ".",
                };
            return culture;
        }
    }

    private static T In<T>(CultureInfo culture, Func<T> what)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            return what();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    public record Place(string? Name, double Height);

    public sealed record Peak(string? Name, double Height, DateOnly Seen) : Place(Name, Height);

    public readonly record struct Slot(DateOnly Day, TimeOnly From, decimal Weight);

    public sealed record Pair<TFirst, TSecond>(TFirst First, TSecond Second);

    public sealed record Nothing;

    public sealed record OwnRecord(double Size)
    {
        public override string ToString() => $"OwnRecord {Size}";
    }

    public readonly struct Plain(double size, double own)
    {
        private readonly double weight = own;

        public double Size { get; } = size;

        public double Weight => weight;
    }

    public sealed class Own(double size)
    {
        public override string ToString() => $"about {size}";
    }

    public sealed class Metres(double size) : IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => size.ToString(formatProvider) + " m";
    }
}
