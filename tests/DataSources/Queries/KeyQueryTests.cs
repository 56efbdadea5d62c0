using Xunit;
using Visit = TypedPooling.Tests.DataSources.Queries.Visits.Visit;

namespace TypedPooling.Tests.DataSources.Queries;

/// <summary>Keys by a database: of every type, over captured objects, and under a collation that ignores case.</summary>
public sealed class KeyQueryTests
{
    private static readonly Group<Visit, string> ByCafe = Group.By((Visit v) => v.Cafe);
    private static readonly Group<Visit, string> ByCity = Group.By((Visit v) => v.City);

    private static readonly Dictionary<string, NormalModel<Visit>> Models = new()
    {
        ["Guid"] = Normal().Varying(Group.By((Visit v) => v.Chain), g => g.Intercept()),
        ["DateTime"] = Normal().Varying(Group.By((Visit v) => v.Day), g => g.Intercept()),
        ["decimal"] = Normal().Varying(Group.By((Visit v) => v.Price), g => g.Intercept()),
        ["nullable"] = Normal().Varying(Group.By((Visit v) => v.Floor), g => g.Intercept()),
        ["all together"] = Normal().Varying(Group.By((Visit v) => new { v.Chain, v.Day, v.Price, v.Floor }, "all"), g => g.Intercept()),
    };

    public static TheoryData<string> Cases => [.. Models.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Keys_of_a_query_are_those_of_the_rows_read(string name)
    {
        var rows = Visits.Some();
        using var table = new Visits(rows);
        SameData.Assert(Models[name].Bind(rows), Models[name].Bind(Models[name].Query(table.Rows)));
    }

    [Fact]
    public void Keys_over_two_captured_lists_are_two_keys()
    {
        List<string> north = ["City A", "City B"];
        List<string> coast = ["City B", "City C"];
        var model = Normal().Varying(Group.By((Visit v) => north.Contains(v.City), "north"), g => g.Intercept())
            .Varying(Group.By((Visit v) => coast.Contains(v.City), "coast"), g => g.Intercept());
        var rows = Visits.Some();
        using var table = new Visits(rows);

        var queried = model.Query(table.Rows);

        Assert.Equal(4, queried.CellCount);
        SameData.Assert(model.Bind(rows), model.Bind(queried));
    }

    [Fact]
    public void Refuses_one_key_of_which_two_queries_report_other_spellings()
    {
        using var table = new Visits(InTwoSpellings());

        var problem = Assert.Throws<ModelException>(() => Normal().Varying(ByCafe, g => g.Intercept()).Query(table.Rows)).Problems.Single();

        Assert.Equal(ProblemCode.ChangedMeanwhile, problem.Code);
        Assert.Contains("binary collation", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_two_spellings_of_a_key_where_there_is_another_key()
    {
        using var table = new Visits(InTwoSpellings());
        var model = Normal().Varying(ByCafe, g => g.Intercept()).Varying(ByCity, g => g.Intercept());

        var problem = Assert.Single(Assert.Throws<ModelException>(() => model.Query(table.Rows)).Problems);

        Assert.Equal((ProblemCode.CollationConflict, "Cafe"), (problem.Code, problem.Term));
        Assert.Equal(
            "The key 'Cafe' has 6 levels to the database and 12 to .NET: its collation takes different spellings for one level.", problem.Sentence);
        Assert.Contains("binary collation", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_two_spellings_of_the_outer_key_of_a_nested_one()
    {
        using var table = new Visits(InTwoSpellings());
        var model = Normal().Varying(ByCafe, g => g.Intercept()).Varying(ByCafe.Nested(v => v.City), g => g.Intercept());

        Assert.Equal(ProblemCode.CollationConflict, Assert.Throws<ModelException>(() => model.Query(table.Rows)).Code);
    }

    [Fact]
    public void Refuses_two_spellings_of_a_key_or_a_category_where_rows_are_counted()
    {
        var rows = InTwoSpellings();
        foreach (var row in rows)
            row.Orders = row.City is "City A" or "City C" ? 0 : 1;
        using var table = new Visits(rows);
        var model = PooledModel.Of<Visit>().Poisson(v => v.Orders).Intercept();

        var ofKey = Assert.Throws<ModelException>(() => model.Varying(ByCafe, g => g.Intercept()).Query(table.Rows)).Problems.Single();
        var ofCategory = Assert.Throws<ModelException>(() => model.Categorical(v => v.Answer).Query(table.Rows)).Problems.Single();

        Assert.Equal((ProblemCode.CollationConflict, "Cafe"), (ofKey.Code, ofKey.Term));
        Assert.Equal((ProblemCode.CollationConflict, "Answer"), (ofCategory.Code, ofCategory.Term));
    }

    [Fact]
    public void A_normalised_key_has_one_spelling()
    {
        var rows = InTwoSpellings();
        using var table = new Visits(rows);
        var model = Normal().Varying(Group.By((Visit v) => v.Cafe.ToLower()), g => g.Intercept()).Varying(ByCity, g => g.Intercept());

        SameData.Assert(model.Bind(rows), model.Bind(model.Query(table.Rows)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Refuses_levels_of_a_category_that_the_database_takes_for_equal(bool isWeighted)
    {
        using var table = new Visits(InTwoSpellings());
        var model = Normal().Categorical(v => v.Answer).Varying(ByCity, g => g.Intercept());

        var refusal = Assert.Throws<ModelException>(() => (isWeighted ? model.PrecisionWeight(v => v.Id) : model).Query(table.Rows));

        var problem = Assert.Single(refusal.Problems);
        Assert.Equal((ProblemCode.CollationConflict, "Answer", "NO"), (problem.Code, problem.Term, problem.Level));
        Assert.Equal(
            "The database compares levels of the category 'Answer' otherwise than .NET: one has 36 rows where it groups and 72 where it compares.",
            problem.Sentence);
    }

    // Cities A and C have other spellings than B and D.
    private static List<Visit> InTwoSpellings()
    {
        var rows = Visits.Some();
        foreach (var row in rows.Where(row => row.City is "City A" or "City C"))
            (row.Cafe, row.Answer) = (row.Cafe.ToUpperInvariant(), row.Answer.ToUpperInvariant());
        return rows;
    }

    private static NormalModel<Visit> Normal() => PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept();
}
