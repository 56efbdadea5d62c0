using System.Globalization;
using System.Numerics;
using TypedPooling.Keys;
using Xunit;

namespace TypedPooling.Tests.Files;

/// <summary>Keys read back from their text.</summary>
public sealed class KeyReadingTests
{
    private static readonly DateTime Noon = new(2024, 3, 1, 12, 0, 0, 125, DateTimeKind.Utc);

    public static TheoryData<object> Keys => new()
    {
        "plain", string.Empty, "null", "a, \"b\" (c) {d}; e = f", "half a pair \ud800", "\u2028\n", 'x', true,
        (sbyte)-3, (byte)3, (short)-3, (ushort)3, -12, 12u, long.MinValue, ulong.MaxValue, Int128.MinValue, UInt128.MaxValue, BigInteger.Pow(7, 50),
        1.5, 1e-320, double.NaN, double.NegativeInfinity, 0.1f, (Half)1.5, 1.50m, -0.0000000000000000000000000001m,
        Tone.Middle, (Tone)77, FileAttributes.Hidden | FileAttributes.System, new Guid("6F9619FF-8B86-D011-B42D-00CF4FC964FF"),
        new DateOnly(2024, 3, 1), Noon, Noon.AddTicks(1), new DateTimeOffset(Noon), new TimeOnly(9, 30, 15, 125), new TimeSpan(-1, 2, 3, 4, 5),
        new Uri("https://example.org/a?b=c"), new Version(1, 2, 3), new Metres(1.25),
        ("a", 1), ("a, b", "c"), (("a", 1), "b(\""), ("null", (string?)null), (string.Empty, (int?)null), (1, 2, 3, 4, 5, 6, 7, 8, "nine"),
        Tuple.Create(1.5, new DateOnly(2024, 3, 1)), KeyValuePair.Create("a]", 1.5), new { A = 1.5, B = "x}" },
        new Named("x, Height = 2", 1.5), new Named(null, 0), new Named("null", 2), new Wide("a", 1.5, new DateOnly(2024, 3, 1)),
        new Both<Named, (double, string)>(new("a", 1), (2.5, "b ")), new Settable { First = "one }", Second = 2 }, new Fields(3, 2.5), new Empty(),
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_key_comes_back_from_its_text(object key)
    {
        var form = KeyForm.Of(key.GetType());
        var text = KeyText.Of(key);

        Assert.NotNull(form);
        Assert.Equal(key, form.Read(text));
        Assert.DoesNotContain(key.GetType().FullName!, form.Kind, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Half_of_a_text_or_more_than_it_is_no_other_way_to_write_a_key(object key)
    {
        var (form, text) = (KeyForm.Of(key.GetType())!, KeyText.Of(key));
        if (form.IsText || text.Length == 0)
            return;
        foreach (var other in (string[])[text[..(text.Length / 2)], text + ")", text + " ", " " + text, "(" + text])
        {
            if (form.Read(other) is { } read)
                Assert.NotEqual(other, KeyText.Of(read) == text ? string.Empty : text);
        }
    }

    [Fact]
    public void Numbers_of_every_size_are_one_kind_and_kinds_name_no_types()
    {
        Assert.Equal("whole number", KeyForm.Of(typeof(int))!.Kind);
        Assert.Equal("whole number", KeyForm.Of(typeof(long?))!.Kind);
        Assert.Equal("(text, whole number)", KeyForm.Of(typeof((string, short)))!.Kind);
        Assert.Equal("(Name: text, Height: number)", KeyForm.Of(typeof(Named))!.Kind);
    }

    [Fact]
    public void Types_whose_text_says_too_little_have_no_form()
    {
        Assert.Null(KeyForm.Of(typeof(object)));
        Assert.Null(KeyForm.Of(typeof(Silent)));
        Assert.Null(KeyForm.Of(typeof(Chain)));
        Assert.Null(KeyForm.Of(typeof((int, Silent))));
        Assert.Null(KeyForm.Of(typeof(List<int>)));
    }

    [Fact]
    public void A_text_that_its_type_fails_to_read_is_that_of_no_key() => Assert.Null(KeyForm.Of(typeof(Failing))!.Read("1"));

    private sealed record Named(string? Name, double Height);

    private record Narrow(string Name, double Height);

    private sealed record Wide(string Name, double Height, DateOnly Seen) : Narrow(Name, Height);

    private sealed record Both<TFirst, TSecond>(TFirst First, TSecond Second);

    private sealed record Settable
    {
        public required string First { get; init; }

        public int Second { get; set; }
    }

    private sealed record Empty;

    private sealed record Chain(Chain? Next, int Length);

    private readonly struct Fields(double size, double weight)
    {
        public double Size { get; } = size;

        public double Total => Size + weight;
    }

    private sealed class Silent;

    private sealed class Failing
    {
        public override string ToString() => "1";

        public static bool TryParse(string? text, IFormatProvider? provider, out Failing? result) => throw new FormatException("A type's own fault.");
    }

    private readonly record struct Metres(double Value) : IParsable<Metres>
    {
        public static Metres Parse(string s, IFormatProvider? provider) => new(double.Parse(s[..^2], provider));

        public static bool TryParse(string? s, IFormatProvider? provider, out Metres result)
        {
            result = default;
            if (s is null || !s.EndsWith(" m", StringComparison.Ordinal) || !double.TryParse(s[..^2], NumberStyles.Float, provider, out var value))
                return false;
            result = new(value);
            return true;
        }

        public override string ToString() => $"{Value} m";
    }
}
