using TypedPooling.Engines;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.DataSources.Streams;

/// <summary>Rows that arrive one by one give the data of the same rows at once, bit by bit, and stop when they are asked to.</summary>
public sealed class StreamTests
{
    private static readonly Group<Arrival, string?> Site = Group.By((Arrival r) => r.Site);

    private static readonly NormalModel<Arrival> Lengths = PooledModel.Of<Arrival>().Normal(r => r.Y).Intercept().Slope(r => r.X)
        .DropRowsWithMissingValues().Varying(Site, g => g.Intercept().Slope(r => r.X));

    private static readonly PoissonModel<Arrival> Counts = PooledModel.Of<Arrival>().Poisson(r => r.Events).Intercept()
        .Varying(Site, g => g.Intercept(Exponential(1)));

    /// <summary>Every way to read a stream: what it makes of rows, progress and cancellation, and the verb of rows that it must equal.</summary>
    private static Dictionary<string, Reader> Readers { get; } = new()
    {
        ["sums"] = new(Lengths.ReadStreamAsync, rows => Lengths.Read(rows)),
        ["cells"] = new(Counts.ReadStreamAsync, rows => Counts.Read(rows)),
        ["sums added to"] = new(Lengths.Read(Arrivals(37)).AddStreamAsync, rows => Lengths.Read(Arrivals(37)).Add(rows)),
        ["cells added to"] = new(Counts.Read(Arrivals(37)).AddStreamAsync, rows => Counts.Read(Arrivals(37)).Add(rows)),
    };

    public static TheoryData<string> Names => [.. Readers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_stream_gives_the_bits_of_its_rows_read_at_once(string name)
    {
        var rows = Arrivals(5_000);

        var streamed = await Readers[name].OfStream(Stream(rows), null, default);

        Assert.Equal(StoredBytes.Of(Readers[name].OfRows(rows)), StoredBytes.Of(streamed));
        Assert.NotEqual(StoredBytes.Of(Readers[name].OfRows(rows[..^1])), StoredBytes.Of(streamed));
        Assert.True(name.StartsWith("cells", StringComparison.Ordinal) || streamed.DroppedRowCount > 0);
    }

    [Fact]
    public async Task A_fit_of_a_stream_is_the_fit_of_its_rows()
    {
        var rows = Arrivals(400);

        var streamed = Lengths.Fit(await Lengths.ReadStreamAsync(Stream(rows)), new RunOptions { Seed = 3 });

        Assert.Equal(Lengths.Fit(rows, new RunOptions { Seed = 3 }).Table.ToString(), streamed.Table.ToString());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_stream_tells_of_every_16384_rows_and_of_the_last(string name)
    {
        foreach (var (count, expected) in new[] { (0, Array.Empty<long>()), (7, [7L]), (16_384, [16_384L]), (40_000, [16_384L, 32_768, 40_000]) })
        {
            var told = new List<long>();

            await Readers[name].OfStream(Stream(Arrivals(count)), new Listener(told.Add), default);

            Assert.Equal(expected, told);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_stream_is_asked_for_no_row_once_reading_is_cancelled(string name)
    {
        foreach (var stop in new[] { 1, 2, 700 })
        {
            using var cancellation = new CancellationTokenSource();
            var asked = 0;

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Readers[name].OfStream(Endless(), null, cancellation.Token));
            Assert.Equal(stop, asked);

            async IAsyncEnumerable<Arrival> Endless()
            {
                while (true)
                {
                    await Task.Yield();
                    if (++asked == stop)
                        await cancellation.CancelAsync();
                    yield return Of(asked);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_source_that_waits_for_its_next_row_is_handed_the_cancellation(string name)
    {
        using var cancellation = new CancellationTokenSource();

        var reading = Readers[name].OfStream(Waiting(), null, cancellation.Token);
        Assert.False(reading.IsCompleted);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        static async IAsyncEnumerable<Arrival> Waiting([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token = default)
        {
            yield return Of(1);
            await Task.Delay(Timeout.Infinite, token);
        }
    }

    [Fact]
    public async Task Refuses_a_stream_with_faulty_values_as_the_same_rows_at_once()
    {
        Arrival[] rows = [Of(1), Of(2) with { Y = double.NaN }, Of(3) with { Y = double.PositiveInfinity }];

        var atOnce = Assert.Throws<ModelException>(() => Lengths.Read(rows));
        var streamed = await Assert.ThrowsAsync<ModelException>(() => Lengths.ReadStreamAsync(Stream(rows)));

        Assert.Equal(atOnce.Message, streamed.Message);
        Assert.Contains(streamed.Problems, problem => problem.Row == 2);
    }

    [Fact]
    public async Task What_a_source_throws_comes_out_as_it_is()
    {
        var thrown = await Assert.ThrowsAsync<IOException>(() => Lengths.ReadStreamAsync(Broken()));

        Assert.Equal("The line is cut.", thrown.Message);

        static async IAsyncEnumerable<Arrival> Broken()
        {
            yield return Of(1);
            await Task.Yield();
            throw new IOException("The line is cut.");
        }
    }

    private static Arrival[] Arrivals(int count) => [.. Enumerable.Range(0, count).Select(Of)];

    private static Arrival Of(int i)
    {
        var x = Math.Sin(i * 1.7) + 3;
        return new("site " + i % 11, i % 101 == 50 ? null : x, 4 + i % 11 * 0.2 - 0.5 * x + Math.Sin(i * (double)i), i % 7);
    }

    private static async IAsyncEnumerable<Arrival> Stream(Arrival[] rows)
    {
        foreach (var row in rows)
        {
            if (row.Events == 3)
                await Task.Yield();
            yield return row;
        }
    }

    private sealed record Arrival(string? Site, double? X, double Y, int Events);

    private sealed record Reader(
        Func<IAsyncEnumerable<Arrival>, IProgress<long>?, CancellationToken, Task<ModelData<Arrival>>> OfStream,
        Func<IEnumerable<Arrival>, ModelData<Arrival>> OfRows);

    private sealed class Listener(Action<long> told) : IProgress<long>
    {
        public void Report(long value) => told(value);
    }
}
