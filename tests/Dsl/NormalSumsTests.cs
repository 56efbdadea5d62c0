using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class NormalSumsTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly Group<Reading, int> Line = Group.By((Reading r) => r.Line);

    private static NormalModel<Reading> Model =>
        PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Slope(r => r.Z).Varying(Site, g => g.Intercept());

    [Fact]
    public void Moments_equal_those_of_two_exact_passes()
    {
        var rows = Rows.Readings(1000);
        var bound = Model.Bind(rows);

        Assert.Equal(["site 0", "site 1", "site 2", "site 3", "site 4"], ((LevelIndex<string?>)bound.Levels[0]).Keys);
        foreach (var (site, cell) in rows.GroupBy(r => r.Site).Select((site, cell) => (site, cell)))
            AssertMoments(bound.Cells, cell, [.. site.Select(r => new[] { r.X, r.Z, r.Y })], 1e-12);
    }

    [Fact]
    public void Moments_keep_their_digits_when_columns_are_far_from_zero()
    {
        var rows = Rows.Readings(1000).Select(r => r with { X = r.X + 1e9, Y = r.Y - 1e9 }).ToArray();
        var bound = Model.Bind(rows);

        foreach (var (site, cell) in rows.GroupBy(r => r.Site).Select((site, cell) => (site, cell)))
            AssertMoments(bound.Cells, cell, [.. site.Select(r => new[] { r.X, r.Z, r.Y })], 1e-12);
    }

    [Fact]
    public void A_known_error_weights_moments_by_its_inverse_square_and_keeps_the_logs()
    {
        var model = PooledModel.Of<School>().Normal(s => s.Effect, knownSd: s => s.Se).Intercept().Varying(
            Group.By((School s) => s.Name), g => g.Intercept(HalfCauchy(5)));
        var bound = model.Bind(Rows.EightSchools);

        Assert.Equal(8, bound.Cells.CellCount);
        Assert.Equal(1 / 225.0, bound.Cells.Weight(0), 15);
        Assert.Equal(28, bound.Cells.Means(0)[0]);
        Assert.Equal(Rows.EightSchools.Sum(s => -2 * Math.Log(s.Se)), bound.Cells.LogWeightSum, 12);
        Assert.Null(bound.Spec.Response.Sigma);
    }

    [Fact]
    public void Sums_of_parts_merge_into_the_sums_of_the_whole_whatever_the_order_of_levels()
    {
        var rows = Rows.Readings(900);
        var whole = Model.Bind(rows);
        var merged = Model.Bind(Model.Read(rows.Skip(2).Take(100)).Merge(Model.Read(rows.Take(2))).Merge(Model.Read(rows.Skip(102))));
        var added = Model.Bind(Model.Read([]).Add(rows.Take(333)).Add(rows.Skip(333).ToList()));

        Assert.Equal("site 2", merged.Levels[0].Text(0));
        AssertSameMoments(whole, merged, 1e-12);
        AssertSameMoments(whole, added, 1e-12);
    }

    [Fact]
    public void Merging_changes_neither_part()
    {
        var first = Model.Read(Rows.Readings().Take(2));
        var second = Model.Read(Rows.Readings().Skip(2));
        first.Merge(second);
        first.Add(Rows.Readings());

        Assert.Equal((2L, 58L), (first.RowCount, second.RowCount));
        Assert.Equal((2, 5), (first.CellCount, second.CellCount));
    }

    [Fact]
    public void Categorical_columns_are_aligned_by_level_when_sums_merge()
    {
        var model = Model.Categorical(r => r.Kind).Categorical(r => r.Season);
        var rows = Rows.Readings(900).OrderByDescending(r => r.Kind, StringComparer.Ordinal).ToArray();
        var whole = model.Bind(Rows.Readings(900));
        var merged = model.Bind(model.Read(rows.Take(250)).Merge(model.Read(rows.Skip(250).Take(300))).Merge(model.Read(rows.Skip(550))));

        Assert.Equal(["X", "Z", "Kind[b]", "Kind[c]", "Season[Spring]", "Season[Summer]"], whole.Spec.Columns.Select(c => c.Name));
        AssertSameMoments(whole, merged, 1e-12);
    }

    [Fact]
    public void Indicator_columns_met_late_are_zero_before()
    {
        var model = Model.Categorical(r => r.Kind, reference: "b");
        var rows = Rows.Readings(600).OrderByDescending(r => r.Kind, StringComparer.Ordinal).ToArray();
        var bound = model.Bind(rows);

        foreach (var (site, cell) in rows.GroupBy(r => r.Site).Select((site, cell) => (site, cell)))
            AssertMoments(bound.Cells, cell, [.. site.Select(r => new[] { r.X, r.Z, r.Kind == "a" ? 1.0 : 0, r.Kind == "c" ? 1.0 : 0, r.Y })], 1e-12);
    }

    [Fact]
    public void Arrays_lists_and_lazy_sequences_give_the_same_bits()
    {
        var rows = Rows.Readings(700);
        var array = Model.Bind(rows);

        AssertSameMoments(array, Model.Bind(rows.ToList()), 0);
        AssertSameMoments(array, Model.Bind(rows.Where(_ => true)), 0);
    }

    [Fact]
    public void A_lazy_sequence_is_enumerated_once()
    {
        var passes = 0;
        IEnumerable<Reading> Lazy()
        {
            passes++;
            foreach (var row in Rows.Readings())
                yield return row;
        }

        Model.Bind(Lazy());
        Assert.Equal(1, passes);
    }

    [Fact]
    public void With_several_factors_cells_are_the_combinations_that_have_rows()
    {
        var rows = Rows.Readings(700).Where(r => r.Site != "site 3" || r.Line != 1).ToArray();
        var bound = Model.Varying(Line, g => g.Intercept()).Varying(Group.By((Reading r) => r.Season), g => g.Intercept()).Bind(rows);
        var combinations = rows.Select(r => (r.Site, r.Line, r.Season)).Distinct().ToArray();

        Assert.Equal(combinations.Length, bound.Cells.CellCount);
        for (var cell = 0; cell < combinations.Length; cell++)
        {
            Assert.Equal(combinations[cell].Site, bound.Levels[0].Text(bound.CellLevels(0)[cell]));
            Assert.Equal(combinations[cell].Line, ((LevelIndex<int>)bound.Levels[1]).Key(bound.CellLevels(1)[cell]));
            Assert.Equal(combinations[cell].Season.ToString(), bound.Levels[2].Text(bound.CellLevels(2)[cell]));
            AssertMoments(
                bound.Cells,
                cell,
                [.. rows.Where(r => (r.Site, r.Line, r.Season) == combinations[cell]).Select(r => new[] { r.X, r.Z, r.Y })],
                1e-12);
        }

        var reversed = Model.Varying(Line, g => g.Intercept()).Varying(Group.By((Reading r) => r.Season), g => g.Intercept());
        AssertSameMoments(bound, reversed.Bind(reversed.Read(rows.Skip(300)).Merge(reversed.Read(rows.Take(300)))), 1e-12);
    }

    [Fact]
    public void Without_factors_all_rows_are_one_cell()
    {
        var bound = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Bind(Rows.Readings());

        Assert.Equal((1, 60L, 0), (bound.Cells.CellCount, bound.Cells.Rows(0), bound.Levels.Length));
    }

    [Fact]
    public void Rows_with_missing_values_are_dropped_on_request_with_the_levels_that_only_they_have()
    {
        var rows = Rows.Readings();
        rows[0] = rows[0] with { Site = "lost", Gap = null };
        rows[1] = rows[1] with { Site = "found", Gap = null };
        rows[7] = rows[7] with { Site = "found" };
        rows[8] = rows[8] with { Site = null };
        var bound = PooledModel.Of<Reading>().Normal(r => r.Y).Slope(r => r.Gap).Varying(Site, g => g.Intercept()).DropRowsWithMissingValues()
            .Bind(rows);

        Assert.Equal((57L, 3L), (bound.RowCount, bound.DroppedRowCount));
        Assert.Equal(
            ["site 2", "site 3", "site 4", "site 0", "site 1", "found"], Enumerable.Range(0, bound.Levels[0].Count).Select(bound.Levels[0].Text));
        Assert.Equal([0, 1, 2, 3, 4, 5], bound.CellLevels(0).ToArray());
        Assert.Equal(1, bound.Cells.Rows(5));
        Assert.Equal(rows[7].Y, bound.Cells.Means(5)[1]);
    }

    [Fact]
    public void Sums_serve_every_model_that_differs_in_priors_only()
    {
        var sums = Model.Read(Rows.Readings());
        var other = PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Exponential(3)).Slope(r => r.X, Normal(0, 1)).Slope(r => r.Z).Varying(
            Site, g => g.Intercept());

        Assert.Equal(60, other.Bind(sums).RowCount);
        var refusal = Assert.Throws<ModelException>(() => Model.Slope(r => r.W).Bind(sums));
        Assert.Equal(
            "[SumsOfAnotherModel] The model that read these data has different columns, keys, response or rule for missing values. Read the "
                + "rows with this model, or with one that differs only in priors or link.",
            refusal.Message);
        Assert.Equal(
            ProblemCode.SumsOfAnotherModel,
            Assert.Throws<ModelException>(() => sums.Merge(Model.DropRowsWithMissingValues().Read(Rows.Readings()))).Code);
    }

    [Fact]
    public void Keys_with_commas_quotes_and_other_letters_stay_as_they_are()
    {
        string[] names = ["Zürich, \"Mitte\"", "東京", "", " ", "a\nb", "Ω"];
        var rows = Rows.Readings().Select((r, i) => r with { Site = names[i % 6] });

        Assert.Equal(names, ((LevelIndex<string?>)Model.Bind(rows).Levels[0]).Keys);
    }

    [Fact]
    public void A_single_level_and_levels_of_one_row_work()
    {
        Assert.Equal(1, Model.Bind(Rows.Readings().Select(r => r with { Site = "only" })).Cells.CellCount);
        Assert.Equal(60, Model.Bind(Rows.Readings().Select((r, i) => r with { Site = "site " + i })).Cells.CellCount);
        Assert.Equal(1, Model.Bind([new Reading { Y = 3 }]).RowCount);
    }

    [Fact]
    public void A_million_levels_work()
    {
        var group = Group.By((Reading r) => r.Line);
        var model = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(group, g => g.Intercept());
        var bound = model.Bind(Enumerable.Range(0, 1_000_000).Select(i => new Reading { Line = i, Y = i % 101, X = i % 7 }));

        Assert.Equal(1_000_000, bound.Levels[0].Count);
        Assert.Equal(999_999 % 101, bound.Cells.Means(999_999)[1]);
    }

    private static void AssertMoments(CellMoments moments, int cell, double[][] rows, double tolerance)
    {
        var k = rows[0].Length;
        Assert.Equal(rows.Length, moments.Rows(cell));
        var means = Enumerable.Range(0, k).Select(a => rows.Sum(row => Exact(row[a])) / rows.Length).ToArray();
        for (var a = 0; a < k; a++)
        {
            Assert.Equal((double)means[a], moments.Means(cell)[a], tolerance * Math.Max(1, Math.Abs((double)means[a])));
            for (var b = 0; b <= a; b++)
            {
                // In decimals the two passes are exact to 28 digits.
                var product = (double)rows.Sum(row => (Exact(row[a]) - means[a]) * (Exact(row[b]) - means[b]));
                var scale = (double)rows.Sum(row => Math.Abs((Exact(row[a]) - means[a]) * (Exact(row[b]) - means[b])));
                Assert.Equal(product, moments.CrossProducts(cell)[a * (a + 1) / 2 + b], tolerance * Math.Max(1e-3, scale));
            }
        }
    }

    // A cast to decimal keeps 15 digits only.
    private static decimal Exact(double value) => decimal.Parse(value.ToString("F20", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static void AssertSameMoments(NormalBoundModel expected, NormalBoundModel actual, double tolerance)
    {
        Assert.Equal(expected.Spec.Columns.ToArray(), actual.Spec.Columns.ToArray());
        Assert.Equal(expected.Cells.CellCount, actual.Cells.CellCount);
        for (var cell = 0; cell < expected.Cells.CellCount; cell++)
        {
            var other = Enumerable.Range(0, actual.Cells.CellCount).Single(c => Enumerable.Range(0, expected.Levels.Length)
                .All(k => actual.Levels[k].Text(actual.CellLevels(k)[c]) == expected.Levels[k].Text(expected.CellLevels(k)[cell])));
            Assert.Equal(expected.Cells.Rows(cell), actual.Cells.Rows(other));
            AssertClose(expected.Cells.Means(cell), actual.Cells.Means(other), tolerance);
            AssertClose(expected.Cells.CrossProducts(cell), actual.Cells.CrossProducts(other), tolerance);
        }
    }

    private static void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])));
    }
}
