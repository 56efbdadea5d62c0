using System.Linq.Expressions;
using TypedPooling.Data;
using TypedPooling.Selectors;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>Every case runs with each way of reading rows.</summary>
public abstract class SelectorTests
{
    public enum Colour
    {
        Red,
        Blue,
    }

    public sealed record Address(string City, double Height);

    public readonly record struct Point(double U, double? V);

    public sealed record Row
    {
        public double X { get; init; }

        public double Y { get; init; }

        public int Year { get; init; }

        public bool Flag { get; init; }

        public double? Maybe { get; init; }

        public int? MaybeCount { get; init; }

        public bool? MaybeFlag { get; init; }

        public Point? Place { get; init; }

        public byte Small { get; init; }

        public ulong Large { get; init; }

        public float Single { get; init; }

        public decimal Money { get; init; }

        public Half Half { get; init; }

        public Colour Colour { get; init; }

        public char Letter { get; init; }

        public DateTime When { get; init; }

        public Guid Id { get; init; }

        public string? Shop { get; init; }

        public Address Address { get; init; } = new("Zürich, \"Old\" Town", 408);

        public double[] Readings { get; init; } = [1, 2, 3];

        public double Twice() => 2 * X;
    }

    private static readonly Row Sample = new()
    {
        X = 3,
        Y = 5,
        Year = 1962,
        Flag = true,
        Maybe = 7,
        MaybeCount = 4,
        Small = 200,
        Large = ulong.MaxValue,
        Single = 0.5f,
        Money = 2.25m,
        Half = (Half)1.5,
        Colour = Colour.Blue,
        Letter = 'b',
        When = new DateTime(2000, 1, 3),
        Shop = "A",
    };

    private static ColumnSelector Column<TValue>(Expression<Func<Row, TValue>> selector, string? name = null)
        where TValue : struct => ColumnSelector.Numeric(selector, name);

    private static ColumnSelector Missing<TValue>(Expression<Func<Row, TValue?>> selector, string? name = null)
        where TValue : struct => ColumnSelector.NumericOrMissing(selector, name);

    private protected abstract RowReader<Row> Reader(ColumnSelector[] columns, KeySelector[] keys);

    private double Value(ColumnSelector column, Row row)
    {
        var reader = Reader([column], []);
        var values = new double[1];
        reader.Read(row, values, [], []);
        return values[0];
    }

    private static ProblemCode Refusal(Action build) => Assert.Throws<ModelException>(build).Code;

    [Fact]
    public void Names_a_member_by_itself_and_a_nested_one_by_its_path()
    {
        Assert.Equal("Flag", Column(v => v.Flag).Name);
        Assert.Equal("Address.Height", Column(v => v.Address.Height).Name);
        Assert.Equal("Readings[1]", Column(v => v.Readings[1]).Name);
        Assert.Equal("value", ColumnSelector.Numeric((double x) => x).Name);
    }

    [Fact]
    public void Prints_computed_columns_as_mathematics_without_casts()
    {
        var origin = 1952;
        Assert.Equal("(Year - 1952) / 5", Column(v => (v.Year - origin) / 5.0).Formula);
        Assert.Equal("log(X)", Column(v => Math.Log(v.X)).Formula);
        Assert.Equal("log(Year)", Column(v => Math.Log(v.Year)).Formula);
        Assert.Equal("Year * X", Column(v => v.Year * v.X).Formula);
        Assert.Equal("X^2", Column(v => Math.Pow(v.X, 2)).Formula);
        Assert.Equal("(X + Y)^2", Column(v => Math.Pow(v.X + v.Y, 2)).Formula);
        Assert.Equal("X - (Y - 0.5)", Column(v => v.X - (v.Y - 0.5)).Formula);
        Assert.Equal("X - Y - 0.5", Column(v => v.X - v.Y - 0.5).Formula);
        Assert.Equal("X / (Y * 2)", Column(v => v.X / (v.Y * 2)).Formula);
        Assert.Equal("X * (-Y)", Column(v => v.X * -v.Y).Formula);
        Assert.Equal("X + (-3)", Column(v => v.X + -3).Formula);
        Assert.Equal("(When - 2000-01-01).TotalDays", Column(v => (v.When - new DateTime(2000, 1, 1)).TotalDays).Formula);
        Assert.Equal("Maybe ?? 0", Column(v => v.Maybe ?? 0).Formula);
        Assert.Equal("Money * 1.1", Column(v => v.Money * 1.10m).Formula);
    }

    [Fact]
    public void Prints_what_cuts_digits_off_so_that_it_is_not_taken_for_a_cast()
    {
        Assert.Equal("trunc(Year / 10)", Column(v => v.Year / 10).Formula);
        Assert.Equal("trunc(X)", Column(v => (int)v.X).Formula);
        Assert.Equal("Byte(Year)", Column(v => (byte)v.Year).Formula);
        Assert.NotEqual(Column(v => (float)v.X).Key, Column(v => v.X).Key);
    }

    [Fact]
    public void Prints_a_choice_between_one_and_zero_as_its_condition()
    {
        Assert.Equal("Flag", Column(v => v.Flag ? 1.0 : 0.0).Formula);
        Assert.Equal("not Flag", Column(v => v.Flag ? 0 : 1).Formula);
        Assert.Equal("Colour == Colour.Blue", Column(v => v.Colour == Colour.Blue).Formula);
        Assert.Equal("Letter == 'b'", Column(v => v.Letter == 'b').Formula);
        Assert.Equal("(Year > 1960 and not Flag) * X", Column(v => (v.Year > 1960 && !v.Flag ? 1.0 : 0.0) * v.X).Formula);
        Assert.Equal("if(Flag, X, Y)", Column(v => v.Flag ? v.X : v.Y).Formula);
        Assert.Equal(1, Value(Column(v => v.Colour == Colour.Blue), Sample));
    }

    [Fact]
    public void An_explicit_name_wins_and_the_formula_stays()
    {
        var column = Column(v => (v.Year - 1952) / 5.0, "t");
        Assert.Equal("t", column.Name);
        Assert.Equal("(Year - 1952) / 5", column.Formula);
    }

    [Fact]
    public void Selectors_that_differ_in_parameter_names_casts_or_closures_are_one_column()
    {
        Assert.Equal(Shifted(1952).Key, Column(row => (row.Year - 1952) / 5.0).Key);
        Assert.Equal(Shifted(1952).Key, Column(v => ((double)v.Year - 1952.0) / 5).Key);
        Assert.NotEqual(Shifted(1953).Key, Shifted(1952).Key);
        Assert.Equal(Column(v => v.Year).Key, Column(v => (double)v.Year).Key);
        Assert.Equal(Column(v => v.Flag).Key, Column(v => v.Flag ? 1.0 : 0.0).Key);
        Assert.NotEqual(Column(v => v.Year / 10).Key, Column(v => v.Year / 10.0).Key);
        Assert.NotEqual(Column(v => v.X - (v.Y - 1)).Key, Column(v => v.X - v.Y - 1).Key);

        static ColumnSelector Shifted(int origin) => Column(v => (v.Year - origin) / 5.0);
    }

    [Fact]
    public void A_captured_variable_changed_later_does_not_change_the_column()
    {
        var origin = 2.0;
        var column = Column(v => v.X - origin);
        origin = 100;
        Assert.Equal("X - 2", column.Formula);
        Assert.Equal(1, Value(column, Sample));
    }

    [Fact]
    public void Reads_every_numeric_type_as_a_double()
    {
        Assert.Equal(3, Value(Column(v => v.X), Sample));
        Assert.Equal(1962, Value(Column(v => v.Year), Sample));
        Assert.Equal(1, Value(Column(v => v.Flag), Sample));
        Assert.Equal(0, Value(Column(v => v.Flag), Sample with { Flag = false }));
        Assert.Equal(200, Value(Column(v => v.Small), Sample));
        Assert.Equal(18446744073709551616.0, Value(Column(v => v.Large), Sample));
        Assert.Equal(0.5, Value(Column(v => v.Single), Sample));
        Assert.Equal(2.25, Value(Column(v => v.Money), Sample));
        Assert.Equal(1.5, Value(Column(v => v.Half), Sample));
        Assert.Equal(4, Value(Missing(v => v.MaybeCount), Sample));
        Assert.Equal(1, Value(Missing(v => v.MaybeFlag), Sample with { MaybeFlag = true }));
        Assert.Equal(0, Value(Missing(v => v.MaybeFlag), Sample with { MaybeFlag = false }));
        Assert.Equal(2, Value(Column(v => (v.When - new DateTime(2000, 1, 1)).TotalDays), Sample));
        Assert.Equal(9, Value(Column(v => Math.Pow(v.X, 2)), Sample));
        Assert.Equal(27, Value(Column(v => Math.Pow(v.X, 3)), Sample));
        Assert.Equal(1.0 / 9, Value(Column(v => Math.Pow(v.X, -2)), Sample), 15);
    }

    [Fact]
    public void Tells_missing_values_from_NaN_and_infinities()
    {
        ColumnSelector[] columns = [
            Missing(v => v.Maybe), Column(v => v.X), Column(v => Math.Log(v.X)), Missing(v => v.MaybeFlag), Missing(v => v.Maybe * v.X)];
        var reader = Reader(columns, []);
        var values = new double[columns.Length];

        Assert.Equal([ValueFault.None, ValueFault.None, ValueFault.None, ValueFault.Missing, ValueFault.None], Faults(Sample));
        Assert.Equal(
            [ValueFault.Missing, ValueFault.None, ValueFault.Infinite, ValueFault.None, ValueFault.Missing],
            Faults(Sample with { Maybe = null, X = 0, MaybeFlag = true }));
        Assert.Equal(
            [ValueFault.NotANumber, ValueFault.Infinite, ValueFault.Infinite, ValueFault.None, ValueFault.NotANumber],
            Faults(Row(double.NaN, double.PositiveInfinity)));

        static Row Row(double maybe, double x) => new() { Maybe = maybe, X = x, MaybeFlag = false };

        ValueFault[] Faults(Row row)
        {
            reader.Read(row, values, [], []);
            var read = Array.ConvertAll(values, ValueFaults.Of);
            Assert.Equal(read, Enumerable.Range(0, columns.Length).Select(column => reader.Diagnose(row, column)));
            return read;
        }
    }

    [Fact]
    public void The_selector_that_throws_is_found_and_what_it_throws_comes_out_as_it_is()
    {
        var shop = KeySelector.Of((Row v) => v.Shop);
        var part = KeySelector.Of((Row v) => v.Shop!.Substring(3), "part");
        var quotient = KeySelector.Of((Row v) => 6 / v.Year);
        ColumnSelector[] columns = [Column(v => v.X), Column(v => 100 / v.Year), Column(v => Checked(v.Y), "checked"), Column(v => v.Readings[1])];
        KeySelector[] keys = [shop, part, quotient, KeySelector.Nested<Row, string?, int>(shop, quotient, "nested")];
        var fine = Sample with { Shop = "Aberdeen" };

        Reader(columns, keys).ReadNumbered(fine, 7, new double[4], new int[4], Reader(columns, keys).NewIndexes());
        Find<DivideByZeroException>(columns, [], fine with { Year = 0 }, "trunc(100 / Year)");
        Find<FormatException>(columns, [], fine with { Y = -1 }, "checked");
        Find<IndexOutOfRangeException>(columns, [], fine with { Readings = [] }, "Readings[1]");
        Find<ArgumentOutOfRangeException>([], keys, fine with { Shop = "A" }, "part");
        Find<NullReferenceException>([], keys, fine with { Shop = null }, "part");
        Find<DivideByZeroException>([], keys, fine with { Year = 0 }, "trunc(6 / Year)");
        Find<DivideByZeroException>([], [keys[3]], fine with { Year = 0 }, "nested");

        void Find<TException>(ColumnSelector[] some, KeySelector[] few, Row row, string name)
            where TException : Exception
        {
            var reader = Reader(some, few);
            var thrown = Assert.Throws<ModelException>(
                () => reader.ReadNumbered(row, 7, new double[some.Length], new int[few.Length], reader.NewIndexes()));
            Assert.Equal((ProblemCode.SelectorThrew, name, 7L), (thrown.Code, thrown.Problems[0].Term, thrown.Problems[0].Row));
            Assert.IsType<TException>(thrown.InnerException);
        }
    }

    private static double Checked(double value) => value >= 0 ? value : throw new FormatException("A height is negative.");

    [Fact]
    public void The_value_of_a_null_makes_a_column_missing_instead_of_throwing()
    {
        var cast = Column(v => Math.Log((double)v.Maybe!) + v.X);
        Assert.True(cast.IsNullable);
        Assert.Equal("log(Maybe) + X", cast.Name);
        Assert.Equal(ValueFault.Missing, ValueFaults.Of(Value(cast, Sample with { Maybe = null })));
        Assert.Equal(Math.Log(7) + 3, Value(cast, Sample));

        var nested = Missing(v => v.Place!.Value.V);
        Assert.Equal("Place.V", nested.Name);
        Assert.Equal(ValueFault.Missing, ValueFaults.Of(Value(nested, Sample)));
        Assert.Equal(ValueFault.Missing, ValueFaults.Of(Value(nested, Sample with { Place = new Point(1, null) })));
        Assert.Equal(6, Value(nested, Sample with { Place = new Point(1, 6) }));

        var guarded = Column(v => v.Maybe.HasValue ? v.Maybe.Value : -1);
        Assert.False(guarded.IsNullable);
        Assert.Equal(-1, Value(guarded, Sample with { Maybe = null }));
    }

    [Fact]
    public void Inlines_let_bindings_in_both_shapes_that_FSharp_Core_gives_them()
    {
        // Blocks since FSharp.Core 10.1, invoked lambdas before.
        var row = Expression.Parameter(typeof(Row), "v");
        var x = Expression.Property(row, nameof(Row.X));
        var z = Expression.Variable(typeof(double), "z");
        var product = Expression.Multiply(z, Expression.Negate(z));
        var block = Expression.Block([z], Expression.Assign(z, x), product);
        var invoked = Expression.Call(Expression.Lambda<Func<double, double>>(product, z), nameof(Action.Invoke), null, x);
        Assert.Equal("X * (-X)", Column(Expression.Lambda<Func<Row, double>>(block, row)).Formula);
        Assert.Equal("X * (-X)", Column(Expression.Lambda<Func<Row, double>>(invoked, row)).Formula);
        Assert.Equal(-9, Value(Column(Expression.Lambda<Func<Row, double>>(block, row)), Sample));
    }

    [Fact]
    public void Refuses_types_that_are_not_numbers_with_the_remedy()
    {
        Assert.Equal(ProblemCode.UnsupportedType, Refusal(() => Column(v => v.Id)));
        Assert.Equal(ProblemCode.UnsupportedType, Refusal(() => Column(v => v.Letter)));
        Assert.Equal(ProblemCode.UnsupportedType, Refusal(() => Missing(v => v.Place)));
        Assert.Contains("Categorical", Assert.Throws<ModelException>(() => Column(v => v.Colour)).Message, StringComparison.Ordinal);
        Assert.Contains("(When - origin).TotalDays", Assert.Throws<ModelException>(() => Column(v => v.When)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_opaque_call_needs_a_name_and_works_with_one()
    {
        Assert.Equal(ProblemCode.NameNeeded, Refusal(() => Column(v => v.Twice())));
        Assert.Equal(ProblemCode.NameNeeded, Refusal(() => Column(v => (DateTime.UnixEpoch - DateTime.Now).TotalDays)));
        Assert.Equal(ProblemCode.NameNeeded, Refusal(() => KeySelector.Of((Row v) => Code(v.Shop!))));
        var column = Column(v => v.Twice(), "doubled");
        Assert.Equal("doubled", column.Formula);
        Assert.Equal(6, Value(column, Sample));
        Assert.Equal(column.Key, Column(row => row.Twice(), "other").Key);
        Assert.NotEqual(Filled(1).Key, Filled(2).Key);

        static KeySelector Filled(double height) => KeySelector.Of((Row v) => new Row { Shop = v.Shop, X = height }, "filled");
    }

    [Fact]
    public void Opaque_columns_with_different_captured_objects_are_different()
    {
        Assert.Equal(With(Math.Sqrt, "a").Key, With(Math.Sqrt, "b").Key);
        Assert.NotEqual(With(Half, "a").Key, With(Math.Sqrt, "a").Key);

        static double Half(double x) => x / 2;
        static ColumnSelector With(Func<double, double> f, string name) => Column(v => f(v.X), name);
    }

    [Fact]
    public void A_product_joins_names_with_a_colon_and_is_missing_where_a_factor_is()
    {
        var product = ColumnSelector.Product(Column(v => v.X + 1), Missing(v => v.Maybe));
        Assert.Equal("X + 1:Maybe", product.Name);
        Assert.Equal("(X + 1) * Maybe", product.Formula);
        Assert.Equal(Missing(v => (v.X + 1) * v.Maybe).Key, product.Key);
        Assert.True(product.IsNullable);
        Assert.Equal(28, Value(product, Sample));
        Assert.Equal(ValueFault.Missing, ValueFaults.Of(Value(product, Sample with { Maybe = null })));

        var plain = ColumnSelector.Product(Column(v => v.Flag), Column(row => row.Y));
        Assert.False(plain.IsNullable);
        Assert.Equal(5, Value(plain, Sample));
        Assert.Equal("X * (Flag * Y)", ColumnSelector.Product(Column(v => v.X), plain).Formula);
    }

    [Fact]
    public void Reads_columns_and_keys_of_every_type_in_one_call()
    {
        var at = DateTime.UnixEpoch;
        KeySelector[] keys =
        [
            KeySelector.Of((Row v) => v.Shop),
            KeySelector.Of((Row v) => v.MaybeCount),
            KeySelector.Of((Row v) => v.Colour),
            KeySelector.Of((Row v) => v.Id),
            KeySelector.Of((Row v) => ValueTuple.Create(v.Shop, v.Year)),
            KeySelector.Of((Row v) => v.Address),
            KeySelector.Of((Row v) => new { v.Shop, v.Year }),
            KeySelector.Of((Row v) => (object)v.Year), KeySelector.Of((Row v) => v.When < at),
        ];
        Assert.Equal(
            ["Shop", "MaybeCount", "Colour", "Id", "(Shop, Year)", "Address", "(Shop, Year)", "Year", "When < 1970-01-01"],
            keys.Select(key => key.Name));

        var reader = Reader([Column(v => v.X), Column(v => v.Y)], keys);
        var indexes = reader.NewIndexes();
        var levels = new int[keys.Length];
        var values = new double[2];
        reader.Read(Sample, values, levels, indexes);
        Assert.Equal([3.0, 5.0], values);
        Assert.Equal(new int[9], levels);

        reader.Read(Sample with { Shop = null, MaybeCount = null, Year = 2000 }, values, levels, indexes);
        Assert.Equal([-1, -1, 0, 0, 1, 0, 1, 1, 0], levels);
        reader.Read(Sample with { Address = new Address("Zürich, \"Old\" Town", 408) }, values, levels, indexes);
        Assert.Equal(new int[9], levels);
        Assert.Equal("A", ((LevelIndex<string>)indexes[0]).Key(0));
        Assert.Equal((null, 2000), ((LevelIndex<(string?, int)>)indexes[4]).Key(1));
    }

    [Fact]
    public void Keys_of_different_types_are_different_selectors()
    {
        Assert.Equal(KeySelector.Of((Row v) => v.Year).Key, KeySelector.Of((Row row) => row.Year).Key);
        Assert.NotEqual(KeySelector.Of((Row v) => v.Year).Key, KeySelector.Of((Row v) => (long)v.Year).Key);
        Assert.Equal("Shop.Substring(0, 1)", KeySelector.Of((Row v) => v.Shop!.Substring(0, 1)).Name);
        Assert.Equal("first", KeySelector.Of((Row v) => v.Shop!.Substring(0, 1), "first").Name);
    }

    private static string Code(string shop) => shop + "!";
}
