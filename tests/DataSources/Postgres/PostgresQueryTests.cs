using Microsoft.EntityFrameworkCore;
using Npgsql;
using Xunit;
using Xunit.Abstractions;
using SameData = TypedPooling.Tests.DataSources.Queries.SameData;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>PostgreSQL sums, by two LINQ providers: what it gives is what its rows give.</summary>
[Collection(nameof(PostgresCollection))]
public sealed class PostgresQueryTests(PostgresFixture fixture, ITestOutputHelper output)
{
    private static readonly Lock Making = new();
    private static bool isMade;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var provider in Provider.Names)
            {
                foreach (var one in QueryCase.All)
                    cases.Add(provider, one.Name);
            }

            return cases;
        }
    }

    public static TheoryData<string> Providers => [.. Provider.Names];

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void A_query_gives_the_data_of_the_rows(string provider, string name)
    {
        using var open = Open(provider);

        try
        {
            QueryCase.All.Single(one => one.Name == name).Holds(Measurement.All, open.Table);
        }
        catch
        {
            output.WriteLine(string.Join("\n\n", open.Sent));
            throw;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void The_SQL_that_is_sent_is_the_one_of_the_golden_text(string provider, string name)
    {
        using var open = Open(provider);

        QueryCase.All.Single(one => one.Name == name).Query(open.Table);

        GoldenSql.Holds($"PostgreSQL.{provider}", name, open.Sent);
    }

    [SkippableTheory]
    [MemberData(nameof(Providers))]
    public async Task A_query_that_waits_for_no_server_gives_the_same(string provider)
    {
        using var open = Open(provider);
        var model = PooledModel.Of<Measurement>().Normal(m => m.Y).Intercept().Slope(m => m.Floor)
            .Varying(Group.By((Measurement m) => m.Site), g => g.Intercept());

        SameData.Assert(model.Bind(model.Query(open.Table)), model.Bind(await model.QueryAsync(open.Table)), 0);
    }

    [SkippableTheory]
    [MemberData(nameof(Providers))]
    public void Refuses_values_that_are_no_finite_numbers_and_says_how_many(string provider)
    {
        Measurement[] rows = [.. Measurement.All.Take(100).Select(m => m.Id switch
        {
            5 or 50 => m with { Far = double.NaN },
            7 => m with { Far = double.PositiveInfinity },
            _ => m,
        })];
        using var open = Made(provider, "spoilt", rows);
        var model = PooledModel.Of<Measurement>().Normal(m => m.Y).Intercept().Slope(m => m.Far).Slope(m => m.X);

        var refused = Assert.Throws<ModelException>(() => model.Query(open.Table));

        // The row of id 13 has no X.
        Assert.Equal(["Far", "X"], refused.Problems.Select(problem => problem.Term).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("3 of 100 rows", refused.Message, StringComparison.Ordinal);
        Assert.Contains("1 of 100 rows", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Rows_that_come_between_two_queries_are_refused_and_a_snapshot_does_not_see_them()
    {
        using var open = Made("EntityFrameworkCore", "growing", Measurement.All.Take(200));
        var model = PooledModel.Of<Measurement>().Normal(m => m.Y).Intercept().Slope(m => m.Far).Varying(
            Group.By((Measurement m) => m.Site), g => g.Intercept());
        var added = 0;
        open.BeforeQuery = before =>
        {
            if (before % 2 == 1)
                Execute($"INSERT INTO growing_entityframeworkcore SELECT * FROM measurements WHERE id = {1000 + added++}");
        };

        var refused = Assert.Throws<ModelException>(() => model.Query(open.Table));
        using var snapshot = open.Context!.Database.BeginTransaction(System.Data.IsolationLevel.RepeatableRead);
        var data = model.Query(open.Table);

        Assert.Equal("ChangedMeanwhile", Assert.Single(refused.Problems).Code.ToString());
        Assert.Equal(2, added);
        SameData.Assert(model.Bind([.. Measurement.All.Take(200), Measurement.All[1000]]), model.Bind(data), 1e-9);
    }

    [SkippableTheory]
    [MemberData(nameof(Providers))]
    public void A_collation_that_ignores_case_makes_one_level_of_two_spellings(string provider)
    {
        Measurement[] rows =
        [
            .. Measurement.All.Take(600).Select((m, i) => i / 12 % 2 == 0 ? m : m with { Site = m.Site.ToUpperInvariant() }),
        ];
        Execute("CREATE COLLATION IF NOT EXISTS either_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
        using var open = Made(provider, "spellings", rows, "text COLLATE either_case NOT NULL");
        var model = PooledModel.Of<Measurement>().Normal(m => m.Y).Intercept().Varying(Group.By((Measurement m) => m.Site), g => g.Intercept());

        // The rows have both spellings; the database, whose equality decides here, has one.
        Assert.Equal(24, model.Read(rows).CellCount);
        Assert.Equal((600L, 12), (model.Query(open.Table).RowCount, model.Query(open.Table).CellCount));
    }

    // linq2db takes the padding off the keys that it reads.
    [SkippableFact]
    public void Refuses_a_category_whose_blanks_are_padding()
    {
        using var open = Made("EntityFrameworkCore", "padded", Measurement.All.Take(600), "char(20) NOT NULL");
        var model = PooledModel.Of<Measurement>().Normal(m => m.Y).Intercept().Categorical(m => m.Site);

        var problem = Assert.Single(Assert.Throws<ModelException>(() => model.Query(open.Table)).Problems);

        Assert.Equal((ProblemCode.CollationConflict, "Site"), (problem.Code, problem.Term));
        Assert.EndsWith(" rows where it groups and 0 where it compares.", problem.Sentence, StringComparison.Ordinal);
    }

    // A table of its own for a test and a provider.
    private Provider Made(string provider, string name, IEnumerable<Measurement> rows, string textType = "text NOT NULL")
    {
        var table = $"{name}_{provider.ToLowerInvariant()}";
        MeasurementTable.Make(ConnectionString(), rows, table, textType);
        return Provider.Open(provider, ConnectionString(), table);
    }

    private void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(ConnectionString());
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private Provider Open(string provider) => Provider.Open(provider, ConnectionString());

    private string ConnectionString()
    {
        var connectionString = fixture.ConnectionString();
        lock (Making)
        {
            if (!isMade)
                MeasurementTable.Make(connectionString, Measurement.All);
            isMade = true;
        }

        return connectionString;
    }
}
