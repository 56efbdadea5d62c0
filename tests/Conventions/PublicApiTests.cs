using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class PublicApiTests
{
    private const string Committed = "tests/Conventions/PublicApi.txt";

    [Fact]
    public void The_public_API_is_the_committed_one()
    {
        var actual = ApiPrinter.Print([.. Convention.Assemblies, typeof(Plots.PlotFiles).Assembly]);
        var changes = LineDifference.Of(Repository.TextOf(Committed) ?? "", actual);
        if (changes.Count == 0)
            return;

        var written = Path.Combine(AppContext.BaseDirectory, "PublicApi.actual.txt");
        File.WriteAllText(written, actual);
        Assert.Fail(string.Join(
            Environment.NewLine,
            [$"The public API differs from {Committed} (- committed, + actual):", .. changes, "Where the change is meant, from the root of the "
                + "repository:", $"cp {Repository.Relative(written)} {Committed}"]));
    }

    [Fact]
    public void The_print_shows_every_kind_of_member()
    {
        Assert.Equal(
            """
            sealed record PublicApiTests.Row
                Row(int Count, double? Mean)
                double? Mean { get; init; }
                int Count { get; init; }
                void Deconstruct(out int Count, out double? Mean)

            """,
            ApiPrinter.Print(typeof(Row)));
        Assert.Equal(
            """
            abstract class PublicApiTests.Sample<TKey, TValue> : IDisposable where TKey : class, new() where TValue : struct, IComparable<TValue>
                TKey[] Keys { get; protected set; }
                TValue this[int row, string name] { get; }
                abstract (TKey, int) Next(ReadOnlySpan<TValue> values)
                const string Name = "sample"
                event EventHandler? Changed
                override string ToString()
                protected Sample(DayOfWeek day = DayOfWeek.Friday, string? text = null)
                static TOther Convert<TOther>(IReadOnlyList<TKey> keys, params int[] more) where TOther : TKey
                static bool op_Equality(PublicApiTests.Sample<TKey, TValue> left, PublicApiTests.Sample<TKey, TValue> right)
                static bool op_Inequality(PublicApiTests.Sample<TKey, TValue> left, PublicApiTests.Sample<TKey, TValue> right)
                virtual void Dispose()

            """,
            ApiPrinter.Print(typeof(Sample<,>)));
        Assert.Equal("enum PublicApiTests.Kind : byte\n    First = 1\n    Second = 2\n", ApiPrinter.Print(typeof(Kind)));
        Assert.Equal("delegate bool PublicApiTests.Test<T>(T value)\n", ApiPrinter.Print(typeof(Test<>)));
    }

    [Fact]
    public void A_change_is_shown_under_its_type() =>
        Assert.Equal(
            ["  class B", "-     int Two", "+     long Two", "+ class C", "+     int Three"],
            LineDifference.Of(
                "class A\n    int One\n\nclass B\n    int Two\n    int Last\n",
                "class A\n    int One\n\nclass B\n    long Two\n    int Last\n\nclass C\n    int Three\n"));

    [Fact]
    public void Equal_texts_have_no_difference() => Assert.Empty(LineDifference.Of("a\nb\n", "a\r\nb\r\n"));

#pragma warning disable CS0067, CS0660, CS0661 // samples for the printer
    public enum Kind : byte
    {
        First = 1,
        Second = 2,
    }

    public delegate bool Test<T>(T value);

    public sealed record Row(int Count, double? Mean);

    public abstract class Sample<TKey, TValue> : IDisposable
        where TKey : class, new()
        where TValue : struct, IComparable<TValue>
    {
        public const string Name = "sample";

        protected Sample(DayOfWeek day = DayOfWeek.Friday, string? text = null) => Keys = [new()];

        private protected Sample(int hidden) => Keys = [];

        public event EventHandler? Changed;

        public TKey[] Keys { get; protected set; }

        public TValue this[int row, string name] => default;

        public static bool operator ==(Sample<TKey, TValue> left, Sample<TKey, TValue> right) => ReferenceEquals(left, right);

        public static bool operator !=(Sample<TKey, TValue> left, Sample<TKey, TValue> right) => !ReferenceEquals(left, right);

        public static TOther? Convert<TOther>(IReadOnlyList<TKey> keys, params int[] more)
            where TOther : TKey => default;

        public abstract (TKey Key, int Count) Next(ReadOnlySpan<TValue> values);

        public virtual void Dispose() => GC.SuppressFinalize(this);

        public override string ToString() => Name;

        internal static void Hidden()
        {
        }
    }
}
