using System.Collections;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace TypedPooling.Tests.DataSources.Queries;

/// <summary>What a query refuses: with the term and how many rows.</summary>
public sealed class QueryRefusalTests
{
    private static readonly Group<Measurement, string> BySchool = Group.By((Measurement m) => m.School);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public void Missing_values_and_keys_are_counted(string name)
    {
        var rows = Measurement.Some(gaps: true);
        using var source = Source.Of(name, rows);
        var model = Normal().Slope(m => m.Maybe).Varying(Group.By((Measurement m) => m.Teacher), g => g.Intercept());
        var problems = Refusal(() => model.Query(source.Rows)).Problems;
        var expected = Refusal(() => model.Read(rows)).Problems;
        Assert.Equal(expected.Select(Without).Order(), problems.Select(Without).Order());
        Assert.All(problems, problem => Assert.Null(problem.Row));
        Assert.Equal(13, rows.Count(row => row.Maybe is null));
        Assert.Contains("'Maybe' has no value in 13 of 240 rows.", problems.Select(problem => problem.Sentence));

        static (ProblemCode, string?, string) Without(Problem problem) => (problem.Code, problem.Term, problem.Sentence);
    }

    [Fact]
    public void A_null_category_is_counted()
    {
        var rows = Measurement.Some(gaps: true);
        using var source = Source.Of("sqlite", rows);
        var model = Normal().Categorical(m => m.Label).Varying(BySchool, g => g.Intercept());
        Assert.Equal(Refusal(() => model.Read(rows)).Problems[0].Sentence, Refusal(() => model.Query(source.Rows)).Problems[0].Sentence);
    }

    [Theory]
    [InlineData("sqlite", double.PositiveInfinity, "Infinity")]
    [InlineData("parquet", double.PositiveInfinity, "Infinity")]
    [InlineData("parquet", double.NaN, "NaN")]
    public void Values_that_are_not_finite_are_counted(string name, double value, string shown)
    {
        var rows = Measurement.Some();
        rows[3].X = rows[50].X = value;
        using var source = Source.Of(name, rows);
        var problem = Refusal(() => Normal().Slope(m => m.X).Varying(BySchool, g => g.Intercept()).Query(source.Rows)).Problems.Single();
        Assert.Equal((ProblemCode.NotFinite, "X"), (problem.Code, problem.Term));
        Assert.Equal($"'X' is not a finite number in 2 of 240 rows; one is {shown}.", problem.Sentence);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public void A_logarithm_that_a_database_has_not_is_refused(string name)
    {
        var rows = Measurement.Some();
        rows[3].Positive = -1;
        using var source = Source.Of(name, rows);
        var model = PooledModel.Of<Measurement>().LogNormal(m => m.Positive).Intercept().Varying(BySchool, g => g.Intercept());
        var problem = Refusal(() => model.Query(source.Rows)).Problems.Single();
        Assert.Equal((ProblemCode.NotPositive, "Positive"), (problem.Code, problem.Term));
        Assert.Equal("The response 'Positive' of a LogNormal model is not positive in 1 of 240 rows; one is -1.", problem.Sentence);
    }

    [Fact]
    public void Weights_counts_and_known_errors_out_of_range_are_counted()
    {
        var rows = Measurement.Some();
        rows[3].Weight = 0;
        rows[4].Weight = -2;
        rows[5].Sd = 0;
        rows[6].Number = 0;
        using var source = Source.Of("sqlite", rows);
        var model = Normal().Varying(BySchool, g => g.Intercept());
        Check(model.PrecisionWeight(m => m.Weight), "The precision weight 'Weight' is not a positive number in 2 of 240 rows; one is");
        Check(model.Count(m => m.Number), "The count 'Number' is not a positive whole number in 1 of 240 rows; one is 0.");
        Check(model.Count(m => m.Number / 2.0, name: "half"), "The count 'half' is not a positive whole number in 160 of 240 rows; one is");
        Check(
            PooledModel.Of<Measurement>().Normal(m => m.Y, knownSd: m => m.Sd).Intercept().Varying(BySchool, g => g.Intercept()),
            "The known standard error 'Sd' is not a positive number of a usable size in 1 of 240 rows; one is 0.");

        void Check(NormalModel<Measurement> weighted, string sentence) =>
            Assert.StartsWith(sentence, Refusal(() => weighted.Query(source.Rows)).Problems.Single().Sentence);
    }

    [Fact]
    public void Responses_that_a_family_cannot_have_are_counted()
    {
        var rows = Measurement.Some();
        rows[3].Events = -1;
        rows[4].Successes = 100;
        rows[5].Successes = 100;
        using var source = Source.Of("sqlite", rows);
        Assert.Equal(
            "The response 'Events' of a Poisson model is not a whole number of 0 or more in 1 of 240 rows; one is -1.",
            Refusal(() => PooledModel.Of<Measurement>().Poisson(m => m.Events).Intercept().Query(source.Rows)).Problems.Single().Sentence);
        Assert.StartsWith(
            "The successes 'Successes' are more than the trials 'Trials' in 2 of 240 rows; one is 100 of",
            Refusal(() => PooledModel.Of<Measurement>().Binomial(m => m.Successes, m => m.Trials).Intercept().Query(source.Rows))
                .Problems.Single().Sentence);
    }

    [Theory]
    [InlineData("sqlite", true)]
    [InlineData("parquet", true)]
    [InlineData("sqlite", false)]
    [InlineData("parquet", false)]
    public void A_selector_that_is_not_translated_is_named(string name, bool isNormal)
    {
        using var source = Source.Of(name, Measurement.Some(30));
        var refusal = Refusal(() => _ = isNormal
            ? Normal().Slope(m => m.X).Slope(m => Opaque(m.X), name: "opaque").Varying(BySchool, g => g.Intercept()).Query(source.Rows)
            : PooledModel.Of<Measurement>().Poisson(m => m.Events).Intercept().Slope(m => m.X).Slope(m => Opaque(m.X), name: "opaque")
                .Query(source.Rows));
        var problem = Assert.Single(refusal.Problems);
        Assert.Equal((ProblemCode.NotTranslated, "opaque"), (problem.Code, problem.Term));
        Assert.StartsWith("The provider of the query does not translate 'opaque': ", problem.Sentence);
        Assert.NotNull(refusal.InnerException);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public void A_key_that_is_not_translated_is_named(string name)
    {
        using var source = Source.Of(name, Measurement.Some(30));
        var key = Group.By((Measurement m) => Hidden(m.School), "hidden");
        var problem = Assert.Single(Refusal(() => Normal().Varying(key, g => g.Intercept()).Query(source.Rows)).Problems);
        Assert.Equal((ProblemCode.NotTranslated, "hidden"), (problem.Code, problem.Term));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public void A_part_of_a_key_that_is_not_translated_is_named(string name)
    {
        using var source = Source.Of(name, Measurement.Some(30));
        var key = Group.By((Measurement m) => new { m.Class, Part = Hidden(m.School) }, "both");
        var problem = Assert.Single(Refusal(() => Normal().Varying(key, g => g.Intercept()).Query(source.Rows)).Problems);
        Assert.Equal((ProblemCode.NotTranslated, "both"), (problem.Code, problem.Term));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public void Eight_parts_of_keys_are_refused_only_where_groups_lie_far_apart(string name)
    {
        var rows = Measurement.Some();
        var key = Group.By(
            (Measurement m) => new
            {
                m.School,
                A = m.OfSchool,
                B = m.OfSchool * 2,
                C = m.OfSchool * 3,
                D = m.OfSchool * 4,
                E = m.OfSchool * 5,
                F = m.OfSchool * 6,
                G = m.OfSchool * 7,
            },
            "eight");
        var model = Normal().Varying(key, g => g.Intercept());
        using (var near = Source.Of(name, rows))
            SameData.Assert(model.Bind(rows), model.Bind(model.Query(near.Rows)));

        rows.ForEach(row => row.Y += 1e10 * row.School[^1]);
        using var far = Source.Of(name, rows);
        var problem = Assert.Single(Refusal(() => model.Query(far.Rows)).Problems);

        Assert.Equal(ProblemCode.NotTranslated, problem.Code);
        Assert.EndsWith("by 8 parts of keys; providers join by at most 7.", problem.Sentence);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_null_of_a_column_that_cannot_be_missing_is_refused_and_never_dropped(bool isNormal, bool drops)
    {
        using var source = Source.Of("sqlite", Measurement.Some());
        var normal = Normal().Slope(m => m.X / m.Whole, name: "ratio").Varying(BySchool, g => g.Intercept());
        var poisson = PooledModel.Of<Measurement>().Poisson(m => m.Events).Intercept().Slope(m => m.X / m.Whole, name: "ratio");

        var problem = Assert.Single(Refusal(() => _ = isNormal
            ? (drops ? normal.DropRowsWithMissingValues() : normal).Query(source.Rows)
            : (drops ? poisson.DropRowsWithMissingValues() : poisson).Query(source.Rows)).Problems);

        Assert.Equal((ProblemCode.MissingValues, "ratio"), (problem.Code, problem.Term));
        Assert.Equal("The database gave NULL for 'ratio', which cannot be missing, in 40 of 240 rows.", problem.Sentence);
        Assert.DoesNotContain("DropRows", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_that_is_not_of_a_selector_comes_out_as_it_is()
    {
        var source = Source.Of("sqlite", Measurement.Some(30));
        source.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Normal().Slope(m => m.X).Varying(BySchool, g => g.Intercept()).Query(source.Rows));
    }

    [Fact]
    public void An_error_of_a_provider_that_does_not_join_comes_out_as_it_is()
    {
        var rows = Measurement.Some();
        rows.ForEach(row => row.Y += 1e10 * row.School[^1]);
        var model = Normal().Varying(BySchool, g => g.Intercept());
        Assert.Throws<NotSupportedException>(() => model.Query(new WithoutJoins(rows.AsQueryable())));
    }

    [Theory]
    [InlineData(2, "INSERT INTO Measurements SELECT 1000, School, Class, Teacher, Kind, Label, X, Whole, Flag, Maybe, OfSchool, Y, Positive, Share, "
        + "Weight, Sd, Number, Trials, Successes, Events, Exposure FROM Measurements WHERE Id = 1")]
    [InlineData(2, "UPDATE Measurements SET School = 'School Z' WHERE Id = 1")]
    [InlineData(3, "DELETE FROM Measurements WHERE Id = 7")]
    public void A_table_that_changes_between_two_queries_is_found(int before, string change)
    {
        using var source = Source.Of("sqlite", Measurement.Some());
        var model = Normal().Categorical(m => m.Label).Varying(BySchool, g => g.Intercept());
        source.Sending = number =>
        {
            if (number == before)
                source.Context!.Database.ExecuteSqlRaw(change);
        };
        var problem = Refusal(() => model.Query(source.Rows)).Problems.Single();
        Assert.Equal(ProblemCode.ChangedMeanwhile, problem.Code);
        Assert.Contains("snapshot", problem.Remedy);
    }

    private static string Hidden(string text) => text + "!";

    private static double Opaque(double x) => x + 1;

    private static ModelException Refusal(Action action) => Assert.Throws<ModelException>(action);

    private static NormalModel<Measurement> Normal() => PooledModel.Of<Measurement>().Normal(m => m.Y).Intercept();

    // Rows in memory that refuse to be joined.
    private sealed class WithoutJoins(IQueryable<Measurement> rows) : IQueryable<Measurement>, IQueryProvider
    {
        public Type ElementType => rows.ElementType;

        public Expression Expression => rows.Expression;

        public IQueryProvider Provider => this;

        public IQueryable<T> CreateQuery<T>(Expression expression) => expression is MethodCallExpression { Method.Name: nameof(Queryable.Join) }
            ? throw new NotSupportedException("No joins.")
            : rows.Provider.CreateQuery<T>(expression);

        public IQueryable CreateQuery(Expression expression) => rows.Provider.CreateQuery(expression);

        public object? Execute(Expression expression) => rows.Provider.Execute(expression);

        public T Execute<T>(Expression expression) => rows.Provider.Execute<T>(expression);

        public IEnumerator<Measurement> GetEnumerator() => rows.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
