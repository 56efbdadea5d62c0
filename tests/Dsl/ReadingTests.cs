using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>How often reading rows tells how far it is, and how soon it stops when it is asked to.</summary>
public sealed class ReadingTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    /// <summary>Every way to read rows: the name, and what reads them with progress and cancellation.</summary>
    public static TheoryData<string> Readers => [.. Reads.Keys];

    private static Dictionary<string, Func<IEnumerable<Reading>, IProgress<long>?, CancellationToken, long>> Reads { get; } = new()
    {
        ["sums"] = (rows, progress, cancellation) => Model.Read(rows, progress, cancellation).RowCount,
        ["cells"] = (rows, progress, cancellation) => Counts.Read(rows, progress, cancellation).RowCount,
        ["sums added to"] = (rows, progress, cancellation) => Model.Read([]).Add(rows, progress, cancellation).RowCount,
        ["cells added to"] = (rows, progress, cancellation) => Counts.Read([]).Add(rows, progress, cancellation).RowCount,
    };

    private static NormalModel<Reading> Model => PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Varying(Site, g => g.Intercept());

    private static PoissonModel<Reading> Counts => PooledModel.Of<Reading>().Poisson(r => r.Line).Intercept().Varying(Site, g => g.Intercept());

    [Theory]
    [MemberData(nameof(Readers))]
    public void Reading_is_told_of_every_1_percent_whatever_the_number_of_rows(string reader)
    {
        foreach (var count in new[] { 7, 100, 12_345, 50_000 })
        {
            var rows = Enumerable.Repeat(new Reading(), count).ToArray();
            foreach (var source in new IEnumerable<Reading>[] { rows, rows.ToList(), rows.Select(row => row) })
                AssertSteps(Told(reader, source), count, Math.Max(1, count / 100));

            // Nobody knows how many rows pass a filter.
            AssertSteps(Told(reader, rows.Where(_ => true)), count, 1 << 14);
        }
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_source_is_asked_for_no_row_once_reading_is_cancelled(string reader)
    {
        foreach (var stop in new[] { 1, 2, 700 })
        {
            using var cancellation = new CancellationTokenSource();
            var asked = 0;
            Assert.ThrowsAny<OperationCanceledException>(() => Reads[reader](Rows(), null, cancellation.Token));
            Assert.Equal(stop, asked);

            IEnumerable<Reading> Rows()
            {
                while (true)
                {
                    if (++asked == stop)
                        cancellation.Cancel();
                    yield return new Reading();
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void An_array_is_left_at_the_row_at_which_reading_is_cancelled(string reader)
    {
        using var cancellation = new CancellationTokenSource();
        var told = new List<long>();
        var progress = new Listener(count =>
        {
            told.Add(count);
            if (count == 30)
                cancellation.Cancel();
        });
        var rows = Enumerable.Repeat(new Reading(), 1000).ToArray();

        Assert.ThrowsAny<OperationCanceledException>(() => Reads[reader](rows, progress, cancellation.Token));
        Assert.Equal([10, 20, 30], told);
        Assert.ThrowsAny<OperationCanceledException>(() => Reads[reader](rows.ToList(), null, cancellation.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => Reads[reader]([], null, cancellation.Token));
    }

    [Fact]
    public void A_fit_stops_reading_its_rows_when_it_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var options = new RunOptions { Cancellation = cancellation.Token };
        var asked = 0;

        Assert.ThrowsAny<OperationCanceledException>(() => Model.Fit(Endless(), options));
        Assert.Equal(5, asked);
        Assert.ThrowsAny<OperationCanceledException>(() => Counts.Fit(Endless(), Engine.MaximumLikelihood, options));
        Assert.Equal(5, asked);

        IEnumerable<Reading> Endless()
        {
            while (true)
            {
                if (++asked == 5)
                    cancellation.Cancel();
                yield return new Reading { Y = asked };
            }
        }
    }

    [Fact]
    public void Leaving_rows_out_stops_reading_when_it_is_cancelled()
    {
        var rows = TypedPooling.Tests.Dsl.Support.Rows.Readings(40);
        var fit = Model.Fit(rows, new RunOptions { Chains = 1, Draws = 100 });
        using var cancellation = new CancellationTokenSource();
        var options = new RunOptions { Cancellation = cancellation.Token };
        var asked = 0;

        Assert.ThrowsAny<OperationCanceledException>(() => fit.Loo(Slow(), options: options));
        Assert.Equal(7, asked);
        Assert.ThrowsAny<OperationCanceledException>(() => fit.LeaveGroupOut(Site, Slow(), options: options));
        Assert.Equal(7, asked);

        IEnumerable<Reading> Slow()
        {
            foreach (var row in rows)
            {
                if (++asked == 7)
                    cancellation.Cancel();
                yield return row;
            }
        }
    }

    private static List<long> Told(string reader, IEnumerable<Reading> rows)
    {
        var told = new List<long>();
        Reads[reader](rows, new Listener(told.Add), CancellationToken.None);
        return told;
    }

    private static void AssertSteps(List<long> told, int count, int step)
    {
        Assert.Equal(Enumerable.Range(1, (count + step - 1) / step).Select(i => Math.Min(count, (long)i * step)), told);
    }

    private sealed class Listener(Action<long> told) : IProgress<long>
    {
        public void Report(long value) => told(value);
    }
}
