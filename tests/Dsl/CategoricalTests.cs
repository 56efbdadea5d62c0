using TypedPooling.Model;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class CategoricalTests
{
    private static NormalModel<Reading> Readings => PooledModel.Of<Reading>().Normal(r => r.Y).Intercept();

    private static string[] Names(NormalModel<Reading> model) => [.. model.Bind(Rows.Readings()).Spec.Population.Select(term => term.Name)];

    [Fact]
    public void Text_is_measured_against_its_first_level_by_code_units() =>
        Assert.Equal(["Intercept", "Kind[b]", "Kind[c]"], Names(Readings.Categorical(r => r.Kind)));

    [Fact]
    public void Capitals_come_before_small_letters_whatever_the_culture()
    {
        var rows = Rows.Readings().Select((r, i) => r with { Kind = i % 2 == 0 ? "a" : "B" });

        Assert.Equal("Kind[a]", Readings.Categorical(r => r.Kind).Bind(rows).Spec.Population[1].Name);
    }

    [Fact]
    public void An_enum_is_measured_against_its_least_value() =>
        Assert.Equal(["Intercept", "Season[Spring]", "Season[Summer]"], Names(Readings.Categorical(r => r.Season)));

    [Fact]
    public void A_named_reference_is_the_level_without_a_coefficient()
    {
        Assert.Equal(["Intercept", "Kind[a]", "Kind[b]"], Names(Readings.Categorical(r => r.Kind, reference: "c")));
        Assert.Equal(["Intercept", "Season[Winter]", "Season[Spring]"], Names(Readings.Categorical(r => r.Season, reference: Season.Summer)));
        Assert.Equal(
            ["Intercept", "Season[Winter]", "Season[Spring]"],
            Names(Readings.Categorical(r => (Season?)r.Season, reference: Season.Summer, name: "Season")));
    }

    [Fact]
    public void Columns_and_terms_tell_category_level_and_reference()
    {
        var spec = Readings.Categorical(r => r.Kind, Normal(0, 1), name: "kind").Slope(r => r.X).Bind(Rows.Readings()).Spec;

        Assert.Equal(["Intercept", "kind[b]", "kind[c]", "X"], spec.Population.Select(term => term.Name));
        Assert.Equal(["X", "kind[b]", "kind[c]"], spec.Columns.Select(column => column.Name));
        Assert.Equal(("kind", "b", "a"), (spec.Columns[1].Category, spec.Columns[1].CategoryLevel, spec.Columns[1].ReferenceLevel));
        Assert.Equal("[Kind = b]", spec.Columns[1].Formula);
        Assert.All(spec.Population.Skip(1).Take(2), term => Assert.Equal(Normal(0, 1), term.Prior));
        Assert.Equal([ModelSpec.Ones, 1, 2, 0], spec.Population.Select(term => term.Column));
    }

    [Fact]
    public void Listed_levels_have_coefficients_in_the_order_of_the_list()
    {
        Assert.Equal(["Intercept", "Kind[a]", "Kind[b]"], Names(Readings.Categorical(r => r.Kind, ["c", "none", "a", "b"])));
        Assert.Equal(["Intercept", "Kind[c]", "Kind[a]"], Names(Readings.Categorical(r => r.Kind, ["c", "a", "b"], reference: "b")));
        Assert.Equal(Normal(0, 3), Readings.Categorical(r => r.Kind, ["c", "b", "a"], Normal(0, 3)).Bind(Rows.Readings()).Spec.Population[1].Prior);
    }

    [Fact]
    public void A_level_of_the_data_that_is_not_listed_is_refused() =>
        Assert.Equal(
            "[UnknownTerm] Kind, level 'b': The data have a level 'b' that the list of levels of 'Kind' lacks. Add it to the list, or leave such rows "
                + "out.",
            Assert.Throws<ModelException>(() => Names(Readings.Categorical(r => r.Kind, ["a", "c"]))).Message);

    [Fact]
    public void A_list_of_levels_that_cannot_be_meant_is_refused_when_the_model_is_built()
    {
        static ProblemCode Code(Func<object> build) => Assert.Throws<ModelException>(build).Code;

        Assert.Equal(ProblemCode.DuplicateTerm, Code(() => Readings.Categorical(r => r.Kind, ["a", "b", "a"])));
        Assert.Equal(ProblemCode.NullKey, Code(() => Readings.Categorical(r => r.Kind, ["a", null])));
        Assert.Equal(ProblemCode.UnknownTerm, Code(() => Readings.Categorical(r => r.Kind, ["a", "b", "c"], reference: "z")));
        Assert.Equal(ProblemCode.UnknownTerm, Code(() => Names(Readings.Categorical(r => r.Kind, ["z", "a", "b", "c"], reference: "z"))));
    }

    [Fact]
    public void A_reference_that_no_row_has_is_refused_with_the_levels_there_are()
    {
        var text = Assert.Throws<ModelException>(() => Names(Readings.Categorical(r => r.Kind, reference: "z")));
        var value = Assert.Throws<ModelException>(() => Names(Readings.Categorical(r => r.Season, reference: (Season)9)));

        Assert.Equal(
            "[UnknownTerm] Kind, level 'z': No row has the reference level 'z' of 'Kind'. The data have 'a', 'b', 'c'. "
                + "Choose a level that the data have.",
            text.Message);
        Assert.Equal(
            "[UnknownTerm] Season, level '9': No row has the reference level '9' of 'Season'. The data have 'Winter', 'Spring', 'Summer'. "
                + "Choose a level that the data have.",
            value.Message);
    }

    [Fact]
    public void A_category_of_one_level_has_no_coefficient() =>
        Assert.Equal(
            ["Intercept"],
            Readings.Categorical(r => r.Kind).Bind(Rows.Readings().Select(r => r with { Kind = "k" })).Spec.Population.Select(term => term.Name));

    [Fact]
    public void A_level_that_only_dropped_rows_have_is_no_level()
    {
        var rows = Rows.Readings();
        rows[0] = rows[0] with { Kind = "A", Gap = null };

        Assert.Equal(
            ["Intercept", "Gap", "Kind[b]", "Kind[c]"],
            Readings.Slope(r => r.Gap).Categorical(r => r.Kind).DropRowsWithMissingValues().Bind(rows).Spec.Population.Select(term => term.Name));
    }
}
