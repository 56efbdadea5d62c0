using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Randomness;
using TypedPooling.Selectors;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Grouping factors nested in others by <c>Nested</c>: keys are pairs.</summary>
public sealed class NestedFactorTests
{
    private static readonly Group<Pupil, string?> School = Group.By((Pupil v) => v.School);
    private static readonly Group<Pupil, (string? Outer, int? Inner)> Class = School.Nested(v => v.Class);
    private static readonly RunOptions Options = new() { Seed = 4, Draws = 200, Warmup = 100 };

    public sealed record Pupil(string? School, int? Class, Seat? Seat, double Score);

    public sealed record Seat(int Row);

    public sealed record Paste(double Strength, string Batch, string Cask, string Sample);

    private static IReadOnlyList<Pupil> Pupils { get; } =
    [
        .. Enumerable.Range(0, 48).Select(
            i => new Pupil("ABC"[i % 3].ToString(), 1 + i / 3 % 2, new Seat(i / 6 % 2), i % 3 + i / 3 % 2 * (i % 3 - 1) + i * i * 13 % 31 / 31.0)),
    ];

    private static NormalModel<Pupil> Scores { get; } = PooledModel.Of<Pupil>().Normal(v => v.Score, sigma: Exponential(1)).Intercept(Normal(1, 2));

    [Fact]
    public void Inner_keys_of_different_outer_levels_are_different_levels()
    {
        var fit = Scores.Varying(School, g => g.Intercept(Exponential(1))).Varying(Class, g => g.Intercept(Exponential(1))).Fit(Pupils, Options);

        var classes = fit.For(Class);
        Assert.Equal([("A", 1), ("B", 1), ("C", 1), ("A", 2), ("B", 2), ("C", 2)], classes.Keys);
        Assert.Equal("A", classes.Keys[0].Outer);
        Assert.Equal(("(A, 1)", "School/Class[(A, 1)]: Intercept"), (classes[("A", 1)].Text, classes[("A", 1)].Intercept.Name));
        Assert.Same(classes.Level(("B", 2)), fit.For(Group.By((Pupil v) => v.School).Nested(v => v.Class)).Level(("B", 2)));
        Assert.Contains("sd(School/Class: Intercept)", fit.ToString());
        Assert.Contains("3 levels of School, 6 levels of School/Class", fit.ToString());

        // Class 2 differs from class 1 in A and C, in opposite directions.
        Assert.True(classes[("A", 2)].Effect("Intercept").Mean < classes[("A", 1)].Effect("Intercept").Mean - 0.3);
        Assert.True(classes[("C", 2)].Effect("Intercept").Mean > classes[("C", 1)].Effect("Intercept").Mean + 0.3);
        Assert.Equal(ProblemCode.UnknownTerm, Assert.Throws<ModelException>(() => classes[("D", 1)]).Code);
    }

    [Fact]
    public void The_model_prints_the_path_of_names()
    {
        Assert.Equal("School/Class", Class.Name);
        Assert.Equal("room", School.Nested(v => v.Class, "room").Name);
        var text = Scores.Varying(Class, g => g.Intercept(Exponential(1))).ToString();
        Assert.Contains("u_School/Class", text);
        Assert.DoesNotContain("{School/Class}", text);
    }

    [Fact]
    public void Pastes_nested_are_pastes_with_unique_keys()
    {
        var rows = CsvFile.Read("pastes.csv", f => new Paste(CsvFile.Number(f("strength")), f("batch"), f("cask"), f("sample")));
        var batch = Group.By((Paste p) => p.Batch);
        var (nested, unique) = (batch.Nested(p => p.Cask, "cask"), Group.By((Paste p) => ValueTuple.Create(p.Batch, p.Cask), "cask"));
        var model = PooledModel.Of<Paste>().Normal(p => p.Strength, sigma: Exponential(1)).Intercept(Normal(60, 5)).Varying(
            batch, g => g.Intercept(Exponential(0.5)));

        var first = model.Varying(nested, g => g.Intercept(Exponential(0.5))).Fit(rows, Options);
        var second = model.Varying(unique, g => g.Intercept(Exponential(0.5))).Fit(rows, Options);

        Assert.Equal(30, first.For(nested).Keys.Count);
        Assert.Equal(second.For(unique)[("J", "c")].Intercept.Draws.AsEnumerable(), first.For(nested)[("J", "c")].Intercept.Draws);
        Assert.Equal(second.Sigma.Draws.AsEnumerable(), first.Sigma.Draws);
    }

    [Fact]
    public void Nests_twice()
    {
        var seat = Class.Nested(v => v.Seat!.Row);

        var fit = Scores.Varying(seat, g => g.Intercept(Exponential(1))).Fit(Pupils, Options);

        Assert.Equal("School/Class/Seat.Row", seat.Name);
        Assert.Equal(12, fit.For(seat).Keys.Count);
        Assert.Equal("((C, 2), 1)", fit.For(seat)[(("C", 2), 1)].Text);
    }

    [Fact]
    public void A_null_in_any_part_of_the_key_is_an_error_or_drops_the_row()
    {
        var seat = Class.Nested(v => v.Seat);
        Pupil[] rows = [
            .. Pupils,
            Pupils[0] with { School = null },
            Pupils[0] with { Class = null },
            Pupils[0] with { Seat = null },
            Pupils[0] with { School = null, Class = null }];
        var model = Scores.Varying(Class, g => g.Intercept(Exponential(1))).Varying(seat, g => g.Intercept(Exponential(1)));

        var refusal = Assert.Throws<ModelException>(() => model.Fit(rows));

        Assert.Equal(
            [
                "[NullKey] School/Class, row 49: The key 'School/Class' is null in 3 of 52 rows. Give them a key, leave such rows out, or call "
                    + "DropRowsWithMissingValues().",
                "[NullKey] School/Class/Seat, row 49: The key 'School/Class/Seat' is null in 4 of 52 rows. Give them a key, leave such rows out, "
                    + "or call DropRowsWithMissingValues().",
            ],
            refusal.Message.Split(Environment.NewLine));
        var fit = model.DropRowsWithMissingValues().Fit(rows, Options);
        Assert.Equal((48, 4, 6), (fit.RowCount, fit.DroppedRowCount, fit.For(Class).Keys.Count));
    }

    [Fact]
    public void Sums_of_nested_factors_merge_and_levels_keep_the_numbers_of_their_first_rows()
    {
        var model = Scores.Varying(Class, g => g.Intercept(Exponential(1)));

        var merged = model.Fit(model.Read(Pupils.Take(20)).Merge(model.Read(Pupils.Skip(20))), Options);

        Assert.Equal(model.Fit(Pupils, Options).For(Class).Keys, merged.For(Class).Keys);
        Assert.Equal(48, merged.RowCount);
    }

    [Fact]
    public void Selectors_differ_from_those_of_tuples_in_how_they_take_nulls()
    {
        var tuple = KeySelector.Of((Pupil v) => ValueTuple.Create(v.School, v.Class));

        Assert.NotEqual(tuple.Key, Class.Selector.Key);
        Assert.Equal(KeySelector.Nested<Pupil, string?, int?>(School.Selector, KeySelector.Of((Pupil w) => w.Class), null).Key, Class.Selector.Key);
    }

    [Fact]
    public void Texts_of_pairs_tell_keys_apart_and_do_not_depend_on_the_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo(string.Empty) { NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = "," } };
            Assert.Equal("(a, 1.5)", LevelIndex<(string, double)>.ToText(("a", 1.5)));
            Assert.Equal("((a, 1.5), 2020-01-31)", LevelIndex<((string, double), string)>.ToText((("a", 1.5), "2020-01-31")));
            Assert.Equal("(a, 1.5)", LevelIndex<Tuple<string, double>>.ToText(Tuple.Create("a", 1.5)));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }

        (string, string)[] keys = [("a, b", "c"), ("a", "b, c"), ("a", "(b, c)"), ("(a", "b)"), ("\"a", "b\""), ("", "a"), ("a", ""), ("\"a\"", "b")];
        Assert.Equal(keys.Length, keys.Select(LevelIndex<(string, string)>.ToText).Distinct().Count());
        Assert.Equal("(\"a, b\", c)", LevelIndex<(string, string)>.ToText(keys[0]));
        Assert.NotEqual(LevelIndex<(string, (string, string))>.ToText(("a", ("b", "c"))), LevelIndex<(string, string)>.ToText(("a", "(b, c)")));
        Assert.Equal(
            9,
            new[] { ("A", 1), ("A", 2), ("A", 3) }.SelectMany(key => new[] { key, ("B", key.Item2), ("C", key.Item2) }).Select(
                key => StableHash.Of(LevelIndex<(string, int)>.ToText(key))).Distinct().Count());
    }
}
