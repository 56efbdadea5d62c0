using System.Globalization;
using System.Linq.Expressions;
using TypedPooling.Data;
using TypedPooling.Selectors;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>Closed delegates give what compiled code gives, to the last bit, exceptions included.</summary>
public sealed class SelectorAgreementTests
{
    public enum Size : byte
    {
        Small = 1,
        Large = 255,
    }

    [Flags]
    public enum Marks : long
    {
        None = 0,
        First = 1,
        Second = 1L << 40,
    }

    public interface INamed
    {
        string? Name { get; }
    }

    public abstract record Thing
    {
        public virtual double Weight { get; init; }

        public static double operator +(Thing thing, double x) => thing.Weight + x;
    }

    public sealed record Place(string City, int Number) : Thing
    {
        public override double Weight => base.Weight + 1;

        public Place? Next { get; init; }

        public double Plus(double x, int n) => (Number * n) + x;
    }

    public readonly record struct Code(string? Text, int Number);

    public sealed record Row : INamed
    {
        public double X { get; init; }

        public float F { get; init; }

        public int I { get; init; }

        public long L { get; init; }

        public uint U { get; init; }

        public ulong W { get; init; }

        public short S { get; init; }

        public byte B { get; init; }

        public sbyte T { get; init; }

        public char C { get; init; }

        public bool P { get; init; }

        public decimal M { get; init; }

        public Half H { get; init; }

        public DateTime When { get; init; }

        public DateTimeOffset At { get; init; }

        public DateOnly Day { get; init; }

        public TimeOnly Hour { get; init; }

        public TimeSpan Span { get; init; }

        public Guid Id { get; init; }

        public Size Size { get; init; }

        public Marks Marks { get; init; }

        public double? MaybeX { get; init; }

        public int? MaybeI { get; init; }

        public bool? MaybeP { get; init; }

        public decimal? MaybeM { get; init; }

        public DateTime? MaybeWhen { get; init; }

        public Size? MaybeSize { get; init; }

        public Code Code { get; init; }

        public Code? MaybeCode { get; init; }

        public string? Name { get; init; }

        public Place? Place { get; init; }

        public Thing? Thing { get; init; }

        public object? Object { get; init; }

        public double[]? Readings { get; init; }

        public Size[] Sizes { get; init; } = [Size.Small, Size.Large];

        public List<int> Numbers { get; init; } = [3, 4];

        public Dictionary<string, double> Table { get; init; } = new(StringComparer.Ordinal) { ["a"] = 1.5 };

        public double Field;

        public string? TextField;

        public double Throws => X > 0 ? throw new InvalidTimeZoneException("a getter") : X;

        public double Twice() => 2 * X;

        public override string ToString() => $"{Name} {I}";

        public double Fails(int n) => n > 2 ? throw new FormatException("a method") : n;
    }

    public readonly record struct Pair(double X, int I, string? Name, double? MaybeX, Size Size)
    {
        public double Sum() => X + I;
    }

    public struct Open
    {
        public double X;
        public int I;
        public string? Name;
        public Size? Size;
    }

    private static readonly Row[] Rows =
    [
        new()
        {
            X = 3.7, F = 0.1f, I = 7, L = 1L
                << 40, U = 5, W = ulong.MaxValue, S = 300, B = 200, T = -3, C = 'q', P = true, M = 2.25m, H = (Half)1.5, When = new(
                    2000, 1, 3, 4, 5, 6),
            At = new(
                2001,
                2,
                3,
                4,
                5,
                6,
                TimeSpan.FromHours(2)), Day = new(2002, 3, 4), Hour = new(5, 6, 7), Span = TimeSpan.FromMinutes(90), Id = Guid.Parse(
                    "00000000-0000-0000-0000-000000000001", CultureInfo.InvariantCulture),
            Size = Size.Large, Marks = Marks.First
                | Marks.Second, MaybeX =
                    4.5, MaybeI =
                        3, MaybeP =
                            true, MaybeM = 1.5m, MaybeWhen = new(1999, 1, 1), MaybeSize = Size.Small, Code = new("c", 2), MaybeCode = new("d", 3),
            Name =
                "name", Place =
                    new("A", 3)
                    {
                        Weight = 2,
                        Next = new("B", 4),
                    }, Thing = new Place("C", 5) { Weight = 6 }, Object = 5.5, Readings = [1, 2, 3], Field = 9, TextField = "t",
        },
        new()
        {
            X = -1e300, F =
                float.NaN, I =
                    int.MinValue, L =
                        long.MinValue, U =
                            uint.MaxValue, S = short.MinValue, B = 255, T = sbyte.MinValue, C = char.MaxValue, M = decimal.MaxValue, H = Half.NaN,
            When =
                DateTime.MaxValue, Name =
                    string.Empty, Object =
                        "text", Readings =
                            [], Thing =
                                new Place("D", 1), MaybeX =
                                    double.NaN, MaybeI = int.MaxValue, MaybeP = false, MaybeM = decimal.MinValue, Size = Size.Small,
        },
        new() { X = double.NaN, I = -1, Object = 3, Name = "x" },
        new()
        {
            X = double.PositiveInfinity,
            I = int.MaxValue,
            L = long.MaxValue,
            Readings = [double.NaN, 1],
            Place = new("E", -1),
            Code = new(null, 0),
        },
        new() { X = -0.0, F = -3.9f, I = 2, Name = "name", Place = new("A", 3) },
        new() { X = 256.9, F = 1e20f, I = 3, L = 255, S = -1, MaybeX = 0, MaybeI = 0 },
    ];

    private static readonly Func<double, double> Captured = x => x * 3;

    private static double Own(double x, string? text) => text is null ? throw new ArgumentNullException(nameof(text)) : x + text.Length;

    private static string OwnText(string text) => text.Trim() + "!";

    private static int OwnSize(Size size) => (int)size;

    private static void Agree<TRow>(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys, IReadOnlyList<TRow> rows)
    {
        foreach (var column in columns)
            Check([column], []);
        foreach (var key in keys)
            Check([], [key]);

        void Check(ColumnSelector[] column, KeySelector[] key)
        {
            var what = string.Concat(column.Select(c => c.Body.ToString())) + string.Concat(key.Select(k => k.Body.ToString()));
            var (compiled, closed) = (RowReader<TRow>.Compiled(column, key), RowReader<TRow>.Closed(column, key));
            var (compiledIndexes, closedIndexes) = (compiled.NewIndexes(), closed.NewIndexes());
            for (var i = 0; i < rows.Count; i++)
                Assert.Equal($"{what} {i} {Outcome(compiled, rows[i], compiledIndexes)}", $"{what} {i} {Outcome(closed, rows[i], closedIndexes)}");
            foreach (var (one, other) in compiledIndexes.Zip(closedIndexes))
                Assert.Equal(Enumerable.Range(0, one.Count).Select(one.Text), Enumerable.Range(0, other.Count).Select(other.Text));
        }
    }

    private static string Outcome<TRow>(RowReader<TRow> reader, TRow row, LevelTable[] indexes)
    {
        var (values, levels) = (new double[reader.Columns.Count], new int[reader.Keys.Count]);
        try
        {
            reader.Read(row, values, levels, indexes);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e.GetType().Name;
        }

        return string.Join(' ', values.Select(value => $"{value:R} {BitConverter.DoubleToInt64Bits(value):X}")) + string.Join(' ', levels);
    }

    private static ColumnSelector Of<TValue>(Expression<Func<Row, TValue>> selector)
        where TValue : struct => ColumnSelector.Numeric(selector, "x");

    private static ColumnSelector Maybe<TValue>(Expression<Func<Row, TValue?>> selector)
        where TValue : struct => ColumnSelector.NumericOrMissing(selector, "x");

    private static KeySelector Key<TKey>(Expression<Func<Row, TKey>> selector) => KeySelector.Of(selector, "k");

    [Fact]
    public void Arithmetic_agrees_for_every_type_checked_and_unchecked()
    {
        var zero = Rows.Length - 6;
        Agree(
            [
                Of(v => v.X + 1),
                Of(v => v.X - v.F),
                Of(v => v.X * v.I),
                Of(v => v.X / v.I),
                Of(v => v.X % 2),
                Of(v => -v.X),
                Of(v => v.F + v.F),
                Of(v => v.F / 3),
                Of(v => -v.F),
                Of(v => v.F * v.F % 2),
                Of(v => unchecked(v.I + v.I)),
                Of(v => checked(v.I + v.I)),
                Of(v => unchecked(v.I * 3)),
                Of(v => checked(v.I * 3)),
                Of(v => checked(v.I - 5)),
                Of(v => checked(-v.I)),
                Of(v => unchecked(-v.I)),
                Of(v => v.I / 2),
                Of(v => v.I / (v.I - 2)),
                Of(v => v.I / v.T),
                Of(v => v.I % v.B),
                Of(v => v.I / (zero - 1)),
                Of(v => v.L / -1),
                Of(v => v.L % (v.I + 1)),
                Of(v => unchecked(v.L * v.L)),
                Of(v => checked(v.L * v.L)),
                Of(v => v.U + v.U),
                Of(v => checked(v.U + 1)),
                Of(v => v.W / 3),
                Of(v => checked(v.W + 1)),
                Of(v => v.S * v.S),
                Of(v => v.B - v.T),
                Of(v => v.I & v.B),
                Of(v => v.I | 5),
                Of(v => v.I ^ v.S),
                Of(v => ~v.I),
                Of(v => v.I << 3),
                Of(v => v.I >> v.B),
                Of(v => v.L << v.B),
                Of(v => v.U >> 2),
                Of(v => v.C + 1),
                Of(v => v.C - 'a'),
                Of(v => v.M * 2 - v.I), Of(v => v.M / v.I), Of(v => -v.M % 3), Of(v => v.H + v.H), Of(v => v.H * (Half)2), Of(v => -v.H),
            ],
            [],
            Rows);
    }

    [Fact]
    public void Conversions_agree_for_every_pair_of_types()
    {
        Agree(
            [
                Of(v => (int)v.X),
                Of(v => (long)v.X),
                Of(v => (uint)v.X),
                Of(v => (ulong)v.X),
                Of(v => (short)v.X),
                Of(v => (ushort)v.X),
                Of(v => (byte)v.X),
                Of(v => (sbyte)v.X),
                Of(v => (float)v.X),
                Of(v => (char)v.X + 0),
                Of(v => checked((int)v.X)),
                Of(v => checked((long)v.X)),
                Of(v => checked((uint)v.X)),
                Of(v => checked((ulong)v.X)),
                Of(v => checked((byte)v.X)),
                Of(v => checked((sbyte)v.X)),
                Of(v => checked((short)v.X)),
                Of(v => (int)v.F),
                Of(v => (byte)v.F),
                Of(v => (ulong)v.F),
                Of(v => checked((byte)v.F)),
                Of(v => (double)v.F),
                Of(v => (float)v.L),
                Of(v => (float)v.W),
                Of(v => (double)v.L),
                Of(v => (double)v.W),
                Of(v => (byte)v.I),
                Of(v => (sbyte)v.I),
                Of(v => (short)v.I),
                Of(v => (ushort)v.I),
                Of(v => (uint)v.I),
                Of(v => (ulong)v.I),
                Of(v => (long)v.I),
                Of(v => checked((byte)v.I)),
                Of(v => checked((uint)v.I)),
                Of(v => (int)v.L),
                Of(v => checked((int)v.L)),
                Of(v => (int)v.W),
                Of(v => checked((long)v.W)),
                Of(v => (int)v.U),
                Of(v => checked((int)v.U)),
                Of(v => (byte)v.T),
                Of(v => (int)v.C),
                Of(v => (short)v.C),
                Of(v => (double)v.M),
                Of(v => (int)v.M),
                Of(v => (decimal)v.X),
                Of(v => (decimal)v.I),
                Of(v => (long)v.M),
                Of(v => (float)v.M),
                Of(v => (double)v.H),
                Of(v => (Half)v.X),
                Of(v => (int)v.H),
                Of(v => (int)v.Size), Of(v => (byte)v.Size), Of(v => (long)v.Marks), Of(v => (int)v.Marks), Of(v => (double)v.Marks),
                Of(v => (double)v.Object!),
                Of(v => (int)v.Object!),
                Of(v => ((Place)v.Thing!).Number),
                Of(v => ((Thing)v.Place!).Weight),
                Of(v => (v.Thing as Place)!.Number),
                Of(v => v.Object is double),
                Of(v => v.P),
                Maybe(v => (double?)v.MaybeI),
                Maybe(v => (long?)v.MaybeI),
                Maybe(v => (int?)v.MaybeX),
                Maybe(v => (byte?)v.MaybeX),
                Maybe(v => (double?)v.I),
                Maybe(v => (int?)v.I),
                Maybe(v => (double?)v.MaybeM),
                Maybe(v => (decimal?)v.MaybeX),
                Of(v => (double)v.MaybeX!),
                Of(v => (int)v.MaybeX!),
                Of(v => (int)v.MaybeSize!),
                Maybe(v => (int?)v.MaybeSize),
                Maybe(v => v.MaybeP),
                Maybe(v => v.MaybeM),
            ],
            [],
            Rows);
    }

    [Fact]
    public void Comparisons_conditions_and_nullables_agree()
    {
        Agree(
            [
                Of(v => v.X < 2),
                Of(v => v.X <= v.F),
                Of(v => v.X > v.X),
                Of(v => v.X >= double.NaN),
                Of(v => v.X == 3.7),
                Of(v => v.X != v.X),
                Of(v => v.I == 7),
                Of(v => v.U < v.W),
                Of(v => v.C == 'q'),
                Of(v => v.C > 'a'),
                Of(v => v.P == (v.I > 2)), Of(v => v.P != v.P), Of(v => v.P & v.I > 2), Of(v => v.P | v.I > 2), Of(v => v.P ^ v.I > 2), Of(v => !v.P),
                Of(v => v.Name != null && v.Name.Length > 2),
                Of(v => v.Name == null || v.Name.Length > 2),
                Of(v => v.Name!.Length > 2 || v.P),
                Of(v => v.P && v.Name!.Length > 2),
                Of(v => v.M > 2),
                Of(v => v.M == 2.25m),
                Of(v => v.H < (Half)2),
                Of(v => v.When > new DateTime(2000, 1, 1)),
                Of(v => v.At == v.At),
                Of(v => v.Day < new DateOnly(2003, 1, 1)),
                Of(v => v.Hour > new TimeOnly(1, 2)),
                Of(v => v.Span != TimeSpan.Zero),
                Of(v => v.Id == Guid.Empty),
                Of(v => v.Name == "name"),
                Of(v => v.Name != "name"),
                Of(v => "name".Equals(v.Name)),
                Of(v => string.Equals(v.Name, "NAME", StringComparison.OrdinalIgnoreCase)),
                Of(v => v.Size == Size.Large),
                Of(v => v.Size != Size.Large),
                Of(v => v.Size > Size.Small),
                Of(v => (v.Marks & Marks.Second) != 0),
                Of(v => v.Marks.HasFlag(Marks.First)),
                Of(v => v.Size.Equals(Size.Large)),
                Of(v => v.Code == new Code("c", 2)),
                Of(v => v.Place == new Place("A", 3)),
                Of(v => v.Place == null),
                Of(v => v.Object == null),
                Of(v => v.Object != (object?)v.Name),
                Of(v => v.MaybeCode == null),
                Of(v => v.MaybeCode != null),
                Of(v => v.MaybeX > 1),
                Of(v => v.MaybeX <= v.MaybeI),
                Of(v => v.MaybeX == null),
                Of(v => v.MaybeX != 4.5),
                Of(v => v.MaybeX == v.MaybeI),
                Of(v => v.MaybeP == true),
                Of(v => v.MaybeP != false),
                Of(v => v.MaybeP == null),
                Of(v => v.MaybeM >= 1),
                Of(v => v.MaybeM != null),
                Of(v => v.MaybeM == v.MaybeM),
                Of(v => v.MaybeWhen < v.When),
                Of(v => v.MaybeSize == Size.Small),
                Of(v => v.MaybeSize != null),
                Of(v => v.MaybeSize == null),
                Of(v => v.X > 0 ? v.X : v.I),
                Of(v => v.P ? v.I : v.Throws),
                Of(v => v.P ? 1 : 0),
                Of(v => v.Name == null ? -1 : v.Name.Length),
                Of(v => v.X > 0 ? v.X < 5 ? 1.0 : 2.0 : 3.0),
                Of(v => (v.P ? v.Name : v.TextField)!.Length),
                Maybe(v => v.MaybeX + 1),
                Maybe(v => v.MaybeX * v.MaybeI),
                Maybe(v => v.MaybeI / v.MaybeI),
                Maybe(v => checked(v.MaybeI + 1)),
                Maybe(v => -v.MaybeX),
                Maybe(v => v.MaybeM * 2),
                Maybe(v => -v.MaybeM),
                Maybe(v => v.MaybeI & 3),
                Maybe(v => v.MaybeP & v.P),
                Maybe(v => v.MaybeP | v.P),
                Maybe(v => !v.MaybeP),
                Maybe(v => v.P ? v.MaybeX : null),
                Maybe(v => v.Readings == null ? null : (double?)v.Readings.Length),
                Of(v => (v.MaybeWhen - v.When)!.Value.TotalDays),
                Of(v => v.MaybeX ?? -1),
                Of(v => v.MaybeI ?? v.I),
                Of(v => v.MaybeI ?? 0.5),
                Maybe(v => v.MaybeX ?? v.MaybeI),
                Maybe(v => v.MaybeI ?? v.MaybeI),
                Of(v => (v.Name ?? "none").Length),
                Of(v => v.MaybeX ?? v.Throws),
                Of(v => v.MaybeSize ?? Size.Large, true),
                Of(v => (v.MaybeCode ?? v.Code).Number),
                Of(v => v.MaybeX.HasValue ? v.MaybeX.Value : v.X),
                Of(v => v.MaybeX.GetValueOrDefault()),
                Of(v => v.MaybeX.GetValueOrDefault(3)),
                Of(v => v.MaybeX.GetValueOrDefault(v.Throws)),
                Of(v => v.MaybeSize.GetValueOrDefault() == Size.Small),
                Of(v => v.MaybeCode.HasValue),
                Of(v => v.MaybeCode!.Value.Number),
                Of(v => v.MaybeI.ToString()!.Length),
                Of(v => v.MaybeX!.Value > 1 ? 1.0 : 0.0),
            ],
            [],
            Rows);

        static ColumnSelector Of<TValue>(Expression<Func<Row, TValue>> selector, bool isEnum = false)
            where TValue : struct =>
                isEnum
                    ? ColumnSelector.Numeric(
                        Expression.Lambda<Func<Row, int>>(Expression.Convert(selector.Body, typeof(int)), selector.Parameters), "x")
                    : SelectorAgreementTests.Of(selector);
    }

    [Fact]
    public void Members_calls_and_exceptions_agree()
    {
        var place = new Place("F", 2);
        Agree(
            [
                Of(v => v.Place!.Number),
                Of(v => v.Place!.Weight),
                Of(v => v.Place!.Next!.Number),
                Of(v => v.Thing!.Weight),
                Of(v => v.Name!.Length),
                Of(v => ((INamed)v).Name!.Length),
                Of(v => v.Throws),
                Of(v => v.Twice()),
                Of(v => v.Fails(v.I)),
                Of(v => v.Field),
                Of(v => v.TextField!.Length),
                Of(v => v.Code.Number),
                Of(v => v.Code.Text!.Length),
                Of(v => v.Place!.Plus(v.X, v.I)),
                Of(v => place.Plus(v.X, 2)),
                Of(v => v.Thing! + v.X),
                Of(v => v.Readings![1]),
                Of(v => v.Readings![v.I]),
                Of(v => v.Readings!.Length),
                Of(v => (int)v.Sizes[1]),
                Of(v => v.Sizes[0] == Size.Small),
                Of(v => v.Numbers[1]),
                Of(v => v.Numbers.Count),
                Of(v => v.Table["a"]),
                Of(v => v.Table[v.Name!]),
                Of(v => v.Readings!.Sum()),
                Of(v => v.Readings!.Sum(x => x * v.X)),
                Of(v => v.Numbers.Where(n => n > 3).Count()),
                Of(v => Captured(v.X)),
                Of(v => new[] { v.X, 2 }.Max()),
                Of(v => new Row { X = v.X }.Twice()),
                Of(v => Math.Log(v.X)),
                Of(v => Math.Pow(v.X, 1)),
                Of(v => Math.Pow(v.X, 2)),
                Of(v => Math.Pow(v.X, 3)),
                Of(v => Math.Pow(v.X, 4)),
                Of(v => Math.Pow(v.X, v.I)),
                Of(v => Math.Abs(v.I)),
                Of(v => Math.Abs(v.M)),
                Of(v => Math.Max(v.X, v.I)),
                Of(v => Math.Round(v.X, 1)),
                Of(v => Math.Sign(v.X)),
                Of(v => MathF.Sqrt(v.F)),
                Of(v => Math.Clamp(v.X, 0, 1)),
                Of(v => double.IsNaN(v.X)),
                Of(v => Math.BigMul(v.I, 3)),
                Of(v => double.Parse("2" + v.Name!.Length, CultureInfo.InvariantCulture)),
                Of(v => Own(v.X, v.Name)),
                Of(v => OwnSize(v.Size)),
                Of(v => OwnText(v.Name!).Length),
                Of(v => (v.When - DateTime.UnixEpoch).TotalDays),
                Of(v => v.When.Year),
                Of(v => (int)v.When.DayOfWeek),
                Of(v => v.When.AddDays(1).Day),
                Of(v => v.When.Date.Ticks),
                Of(v => v.At.UtcDateTime.Hour),
                Of(v => v.Day.DayNumber),
                Of(v => v.Hour.Minute),
                Of(v => v.Span.TotalHours),
                Of(v => (v.Span / 2).TotalHours),
                Of(v => (v.At - v.At).Days),
                Of(v => v.Hour.ToTimeSpan().TotalHours),
                Of(v => v.Object!.GetHashCode() == 1),
                Of(v => v.Size.ToString().Length),
                Of(v => v.C.ToString().Length),
                Of(v => v.I.ToString(CultureInfo.InvariantCulture).Length),
                Of(v => v.Name!.StartsWith("na", StringComparison.Ordinal)),
                Of(v => v.Id.ToString().Length),
            ],
            [
                Key(v => v.Name),
                Key(v => v.I),
                Key(v => v.X),
                Key(v => v.P),
                Key(v => v.C),
                Key(v => v.Size),
                Key(v => v.Marks),
                Key(v => v.MaybeSize),
                Key(v => v.MaybeI),
                Key(v => v.Code),
                Key(v => v.MaybeCode),
                Key(v => v.Place),
                Key(v => v.Thing),
                Key(v => v.Id),
                Key(v => v.When),
                Key(v => v.Day),
                Key(v => v.When.Date),
                Key(v => v.When.DayOfWeek),
                Key(v => v.Code.Text),
                Key(v => v.Place!.City),
                Key(v => v.Name!.Substring(0, 1)),
                Key(v => v.Name + "/" + v.TextField),
                Key(v => v.Name + v.I),
                Key(v => $"{v.Name}-{v.I}"),
                Key(v => ValueTuple.Create(v.Name, v.I)),
                Key(v => Tuple.Create(v.Name, v.Size)),
                Key(v => new { v.Name, v.Size, v.MaybeX }),
                Key(v => new Code(v.Name, v.B)),
                Key(v => (object)v.I),
                Key(v => (object)v.Size),
                Key(v => (object?)v.MaybeI),
                Key(v => (object?)v.Name),
                Key(v => v.Object),
                Key(v => v.P ? v.Size : Size.Small),
                Key(v => v.P ? v.Code : new Code("z", 1)),
                Key(v => v.MaybeSize ?? Size.Large),
                Key(v => v.MaybeCode ?? v.Code),
                Key(v => v.X > 2),
                Key(v => v.I % 3),
                Key(v => (Size)v.B),
                Key(v => (Size?)v.Size),
                Key(v => (Code?)v.Code),
                Key(v => v.Name == null ? null : v.Name.Trim()),
                Key(v => v.M),
                Key(v => v.F),
                Key(v => v.Sizes[0]),
                Key(v => v.Sizes[1]),
                Key(v => v.Span),
                Key(v => v.Field),
                Key(v => v.TextField),
                Key(v => (INamed)v), Key(v => v), Key(v => new Code { Text = v.Name }), Key(v => v.Throws),
                KeySelector.Nested<Row, string?, int>(KeySelector.Of((Row v) => v.Name), KeySelector.Of((Row v) => v.I), null),
                KeySelector.Nested<Row, (string?, Size), int?>(
                    KeySelector.Nested<Row, string?, Size>(KeySelector.Of((Row v) => v.Name), KeySelector.Of((Row v) => v.Size), null),
                    KeySelector.Of((Row v) => v.MaybeI),
                    null),
                KeySelector.Nested<Row, string?, double>(KeySelector.Of((Row v) => v.Name), KeySelector.Of((Row v) => v.Throws), null),
            ],
            [.. Rows, null!]);
    }

    [Fact]
    public void Structs_tuples_numbers_and_texts_as_rows_agree()
    {
        Agree(
            [
                ColumnSelector.Numeric((Pair v) => v.X),
                ColumnSelector.Numeric((Pair v) => v.I + v.X),
                ColumnSelector.Numeric((Pair v) => Math.Log(v.X)),
                ColumnSelector.NumericOrMissing((Pair v) => v.MaybeX),
                ColumnSelector.Numeric((Pair v) => v.Name!.Length),
                ColumnSelector.Numeric((Pair v) => v.Size == Size.Large),
                ColumnSelector.Numeric((Pair v) => v.Sum(), "sum"),
                ColumnSelector.Numeric((Pair v) => v.GetHashCode() == v.GetHashCode(), "hash"),
            ],
            [
                KeySelector.Of((Pair v) => v.Name),
                KeySelector.Of((Pair v) => v.Size),
                KeySelector.Of((Pair v) => v.I),
                KeySelector.Of((Pair v) => v),
                KeySelector.Of((Pair v) => v.MaybeX),
                KeySelector.Of((Pair v) => (object)v, "boxed"),
                KeySelector.Nested<Pair, string?, Size>(KeySelector.Of((Pair v) => v.Name), KeySelector.Of((Pair v) => v.Size), null),
            ],
            [new Pair(1.5, 2, "a", null, Size.Large), new Pair(-1, 3, null, 4, Size.Small), new Pair(1.5, 2, "a", null, Size.Large)]);
        Agree(
            [ColumnSelector.Numeric(
                (Open v) => v.X), ColumnSelector.Numeric((Open v) => v.I * 2), ColumnSelector.Numeric((Open v) => v.Size == Size.Small)],
            [KeySelector.Of((Open v) => v.Name), KeySelector.Of((Open v) => v.Size)],
            [new Open { X = 1, I = 2, Name = "a" }, new Open { X = 3, Size = Size.Small }]);
        Agree(
            [ColumnSelector.Numeric(((double, int, string?) v) => v.Item1), ColumnSelector.Numeric(
                ((double, int, string?) v) => v.Item2 + v.Item1), ColumnSelector.Numeric(((double, int, string?) v) => v.Item3!.Length)],
            [KeySelector.Of(((double, int, string?) v) => v.Item3), KeySelector.Of(
                ((double, int, string?) v) => v.Item2), KeySelector.Of(((double, int, string?) v) => v)],
            [(1.5, 2, "a"), (2.5, -1, null)]);
        Agree(
            [ColumnSelector.Numeric((Tuple<double, string> v) => v.Item1)],
            [KeySelector.Of((Tuple<double, string> v) => v.Item2)],
            [Tuple.Create(1.5, "a")]);
        Agree(
            [ColumnSelector.Numeric((double v) => v), ColumnSelector.Numeric((double v) => v * v)],
            [KeySelector.Of((double v) => v)],
            [1.5, double.NaN]);
        Agree(
            [ColumnSelector.Numeric((string v) => v.Length), ColumnSelector.Numeric((string v) => v[0] - 'a')],
            [KeySelector.Of((string v) => v)],
            ["abc", string.Empty]);
        Agree([ColumnSelector.Numeric((double[] v) => v[1])], [KeySelector.Of((double[] v) => v[0], "k")], [new[] { 1.0, 2 }, [3]]);
        Agree(
            [ColumnSelector.Numeric((KeyValuePair<string, int> v) => v.Value)],
            [KeySelector.Of((KeyValuePair<string, int> v) => v.Key)],
            [KeyValuePair.Create("a", 1)]);
        Agree([], [KeySelector.Of((Size v) => v), KeySelector.Of((Size v) => v == Size.Small)], [Size.Small, Size.Large]);
    }
}
