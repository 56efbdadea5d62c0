using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>What is refused when rows are read or bound, with the message a user sees.</summary>
public sealed class DataProblemTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    private static NormalModel<Reading> Model =>
        PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Slope(r => r.Gap).Varying(Site, g => g.Intercept());

    private static NormalModel<Reading> Known => PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Se).Intercept();

    private static Reading[] With(int row, Func<Reading, Reading> change, int? also = null)
    {
        var rows = Rows.Readings();
        rows[row - 1] = change(rows[row - 1]);
        if (also is { } other)
            rows[other - 1] = change(rows[other - 1]);
        return rows;
    }

    private static string Refusal(Func<object> bind) => Assert.Throws<ModelException>(bind).Message.ReplaceLineEndings("\n");

    [Fact]
    public void Refuses_a_column_that_is_NaN() => Assert.Equal(
        "[NotFinite] X, row 3: 'X' is not a finite number in 2 of 60 rows; the first is NaN. Correct the values or leave such rows out.",
        Refusal(() => Model.Bind(With(3, r => r with { X = double.NaN }, also: 9))));

    [Fact]
    public void Refuses_a_response_that_is_infinite() => Assert.Equal(
        "[NotFinite] Y, row 60: 'Y' is not a finite number in 1 of 60 rows; the first is -Infinity. Correct the values or leave such rows out.",
        Refusal(() => Model.Bind(With(60, r => r with { Y = double.NegativeInfinity }))));

    [Fact]
    public void Refuses_a_known_error_that_is_NaN() => Assert.Equal(
        "[NotFinite] Se, row 2: 'Se' is not a finite number in 1 of 60 rows; the first is NaN. Correct the values or leave such rows out.",
        Refusal(() => Known.Bind(With(2, r => r with { Se = double.NaN }))));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(1e-200, "1E-200")]
    [InlineData(1e200, "1E+200")]
    public void Refuses_a_known_error_that_is_not_positive_or_whose_inverse_square_is_not_a_number(double se, string text) => Assert.Equal(
        $"[NotPositive] Se, row 4: The known standard error 'Se' is not a positive number of a usable size in 1 of 60 rows; the first is {text}. "
            + $"Correct the values or leave such rows out.",
        Refusal(() => Known.Bind(With(4, r => r with { Se = se }))));

    [Fact]
    public void Refuses_null_keys_of_factors_and_categories() => Assert.Equal(
        """
        [NullKey] Site, row 5: The key 'Site' is null in 1 of 60 rows. Give them a key, leave such rows out, or call DropRowsWithMissingValues().
        [NullKey] Kind, row 5: The key 'Kind' is null in 1 of 60 rows. Give them a key, leave such rows out, or call DropRowsWithMissingValues().
        """.ReplaceLineEndings("\n"),
        Refusal(() => Model.Categorical(r => r.Kind).Bind(With(5, r => r with { Site = null, Kind = null }))));

    [Fact]
    public void Counts_all_missing_values_before_it_refuses_them() => Assert.Equal(
        "[MissingValues] Gap, row 7: 'Gap' has no value in 2 of 60 rows. Fill them in, leave such rows out, or call DropRowsWithMissingValues().",
        Refusal(() => Model.Bind(With(7, r => r with { Gap = null }, also: 59))));

    [Fact]
    public void Refuses_a_row_that_is_null() => Assert.Equal(
        "[MissingValues] row 2: The row itself is null in 1 of 60 rows. Fill them in, leave such rows out, or call DropRowsWithMissingValues().",
        Refusal(() => Model.Bind(With(2, _ => null!))));

    [Fact]
    public void Lists_every_problem_of_the_rows_at_once()
    {
        var refusal = Assert.Throws<ModelException>(() => Model.Bind(With(2, r => r with { X = double.NaN, Gap = null, Site = null })));

        Assert.Equal([ProblemCode.NotFinite, ProblemCode.MissingValues, ProblemCode.NullKey], refusal.Problems.Select(p => p.Code));
        Assert.All(refusal.Problems, p => Assert.Equal(2, p.Row));
    }

    [Fact]
    public void A_row_dropped_for_a_missing_value_may_hold_anything_else()
    {
        var bound = Model.DropRowsWithMissingValues().Bind(With(2, r => r with { X = double.NaN, Gap = null }));

        Assert.Equal((59L, 1L), (bound.RowCount, bound.DroppedRowCount));
    }

    [Fact]
    public void Refuses_no_rows() =>
        Assert.Equal(
            "[NoRows] There are no rows. Give at least one row in which every column and key of the model has a value.",
            Refusal(() => Model.Bind([])));

    [Fact]
    public void Refuses_rows_that_are_all_dropped() => Assert.Equal(
        "[NoRows] No row is left: all 60 were dropped because a value was missing. Give at least one row in which every column and key of the "
            + "model has a value.",
        Refusal(() => Model.DropRowsWithMissingValues().Bind(Rows.Readings().Select(r => r with { Gap = null }))));

    [Fact]
    public void Refuses_a_model_without_terms() => Assert.Equal(
        "[EmptyModel] The model has neither a population effect nor a varying effect. Add Intercept(), Slope(...), Categorical(...) or Varying(...).",
        Refusal(() => PooledModel.Of<Reading>().Normal(r => r.Y).Bind(Rows.Readings())));

    [Fact]
    public void Refuses_a_group_level_predictor_that_varies_in_a_group_and_names_the_group() => Assert.Equal(
        "[VariesWithinGroup] W, level 'site 2': 'W' predicts effects of Site, so it must have one value in each level. It varies within 2 of 5 "
            + "levels. "
        + "Give all rows of a level the same value, or use Slope for a predictor that varies within levels.",
        Refusal(() => PredictedBy(With(3, r => r with { W = r.W + 1e-7 }, also: 10))));

    [Fact]
    public void A_group_level_predictor_far_from_zero_is_still_constant()
    {
        Assert.NotNull(PredictedBy([.. Rows.Readings(2000).Select(r => r with { W = 1e9 + r.W / 3 })]));
        Assert.Contains(
            "in 1 of 5",
            Refusal(() => PredictedBy([.. Rows.Readings(2000).Select((r, i) => r with { W = 1e9 + (i == 1203 ? 0.01 : 0) })])),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_level_predictor_is_checked_over_all_cells_of_its_factor()
    {
        var line = Group.By((Reading r) => r.Line);
        NormalModel<Reading> Crossed() => PooledModel.Of<Reading>().Normal(r => r.Y).Intercept()
            .Varying(Site, g => g.Intercept().PredictedBy(r => r.W)).Varying(line, g => g.Intercept());

        Assert.NotNull(Crossed().Bind(Rows.Readings()));
        Assert.Equal(
            ProblemCode.VariesWithinGroup,
            Assert.Throws<ModelException>(() => Crossed().Bind(Rows.Readings().Select(r => r with { W = r.Line }))).Code);
    }

    [Fact]
    public void Refuses_numbers_whose_squares_overflow() => Assert.Equal(
        "[NotFinite] X: The values of 'X' are so large that their squares overflow. Use another unit.",
        Refusal(() => Model.Bind(With(3, r => r with { X = 1e200 }))));

    [Fact]
    public void Refuses_keys_that_their_text_does_not_tell_apart() => Assert.Equal(
        "[NameNeeded] Thing, level 'System.Object': Two different keys of 'Thing' have the same text. Use a key whose ToString() tells keys apart: "
            + "text, a number, an enum, a tuple or a record.",
        Refusal(() => PooledModel.Of<Reading>().Normal(r => r.Y).Varying(Group.By((Reading r) => r.Thing), g => g.Intercept())
            .Bind(Rows.Readings().Select(r => r with { Thing = new object() }))));

    private static object PredictedBy(Reading[] rows) =>
        PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Varying(Site, g => g.Intercept().PredictedBy(r => r.W)).Bind(rows);
}
