using Xunit;

namespace TypedPooling.Tests.DataSources.Queries;

/// <summary>What data of queries are beside their sums: where they came from, in files and merged, awaited and cancelled.</summary>
public sealed class QueriedDataTests
{
    private static readonly NormalModel<Measurement> Model = PooledModel.Of<Measurement>().Normal(m => m.Y).Intercept().Slope(m => m.X)
        .Varying(Group.By((Measurement m) => m.School), g => g.Intercept());

    [Fact]
    public void A_fit_says_that_the_database_summed_its_rows()
    {
        var rows = Measurement.Some();
        using var source = Source.Of("sqlite", rows);
        var data = Model.Query(source.Rows);
        Assert.Equal(DataOrigin.Queries, data.Origin);
        var first = Model.Fit(data).ToString().Split(Environment.NewLine)[0];
        Assert.Equal("Normal model of Y: 240 rows, 11 levels of School, summed by the database", first);
        Assert.Contains("240 rows; School: 11 levels, summed by the database", Model.Describe(data));
        Assert.DoesNotContain("summed", Model.Fit(rows).ToString());
        Assert.Equal(DataOrigin.Rows, Model.Read(rows).Origin);
    }

    [Fact]
    public void Files_and_merged_data_keep_the_origin()
    {
        var rows = Measurement.Some();
        using var source = Source.Of("sqlite", rows);
        var queried = Model.Query(source.Rows);
        Assert.Equal(DataOrigin.Queries, Loaded(queried).Origin);
        Assert.Equal(DataOrigin.Queries, queried.Merge(queried).Origin);
        Assert.Equal(DataOrigin.RowsAndQueries, queried.Merge(Model.Read(rows)).Origin);
        Assert.Equal(DataOrigin.RowsAndQueries, Model.Read(rows).Merge(queried).Origin);
        Assert.Equal(DataOrigin.RowsAndQueries, queried.Add(rows).Origin);
        Assert.Equal(DataOrigin.RowsAndQueries, Loaded(queried.Add(rows)).Origin);
        Assert.Equal(DataOrigin.Rows, Loaded(Model.Read(rows)).Origin);
        Assert.Contains("in part summed by the database", Model.Fit(queried.Add(rows)).ToString());

        using var file = new MemoryStream();
        Model.Fit(queried).Save(file);
        file.Position = 0;
        Assert.Contains(", summed by the database", Model.LoadFit(file).ToString());

        static ModelData<Measurement> Loaded(ModelData<Measurement> data)
        {
            using var stream = new MemoryStream();
            data.Save(stream);
            stream.Position = 0;
            return Model.LoadData(stream);
        }
    }

    [Fact]
    public void Halves_of_a_table_merge_into_the_whole()
    {
        var rows = Measurement.Some();
        using var source = Source.Of("sqlite", rows);
        var halves = Model.Query(source.Rows.Where(row => row.Id % 2 == 0)).Merge(Model.Query(source.Rows.Where(row => row.Id % 2 != 0)));
        SameData.Assert(Model.Bind(rows), Model.Bind(halves));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public async Task Awaited_queries_give_the_same_data(string name)
    {
        var rows = Measurement.Some();
        using var source = Source.Of(name, rows);
        var data = await Model.QueryAsync(source.Rows);
        SameData.Assert(Model.Bind(rows), Model.Bind(data));
        if (name == "sqlite")
            Assert.Equal(source.Sent.Count, source.Awaited);
    }

    [Fact]
    public async Task Queries_of_objects_in_memory_run_where_they_are_called()
    {
        var rows = Measurement.Some();
        var task = Model.QueryAsync(rows.AsQueryable());
        Assert.True(task.IsCompletedSuccessfully);
        SameData.Assert(Model.Bind(rows), Model.Bind(await task));
    }

    [Fact]
    public async Task Cancellation_is_honoured()
    {
        using var source = Source.Of("sqlite", Measurement.Some());
        using var cancelled = new CancellationTokenSource();
        source.Sending = number =>
        {
            if (number == 2)
                cancelled.Cancel();
        };
        Assert.Throws<OperationCanceledException>(() => Model.Query(source.Rows, cancelled.Token));
        Assert.Equal(2, source.Sent.Count);

        using var later = new CancellationTokenSource();
        source.Sent.Clear();
        source.Sending = number =>
        {
            if (number == 2)
                later.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Model.QueryAsync(source.Rows, later.Token));
        Assert.Equal((2, 2), (source.Sent.Count, source.Awaited));
    }

    [Fact]
    public void Levels_are_in_ascending_order_and_references_ordinal()
    {
        var rows = Measurement.Some();
        using var source = Source.Of("sqlite", rows);
        var model = Model.Categorical(m => m.Label);
        var bound = model.Bind(model.Query(source.Rows));
        Assert.Equal(rows.Select(row => row.School).Distinct().Order(StringComparer.Ordinal), Enumerable.Range(0, 11).Select(bound.Levels[0].Text));

        // "B" comes before "a'c", "b" and "ä" by its code unit, whatever the collation of the database.
        Assert.Equal(["a'c", "b", "ä"], bound.Spec.Columns.Where(column => column.Category is not null).Select(column => column.CategoryLevel));
    }

    [Fact]
    public void The_fit_is_that_of_the_rows()
    {
        var rows = Measurement.Some();
        using var source = Source.Of("parquet", rows);
        var (read, queried) = (Model.Fit(rows), Model.Fit(Model.Query(source.Rows)));
        foreach (var name in (string[])["Intercept", "X", "sigma", "sd(School: Intercept)"])
        {
            Assert.Equal(read.Quantity(name).Mean, queried.Quantity(name).Mean, 1e-9);
            Assert.Equal(read.Quantity(name).Sd, queried.Quantity(name).Sd, 1e-9);
        }
    }
}
