using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>What the documentation of the public types promises of threads: models, fits and what fits give are shared by all of them.</summary>
public sealed class ThreadTests
{
    private const int ThreadCount = 8;

    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly Group<Reading, int> Line = Group.By((Reading r) => r.Line);
    private static readonly RunOptions Few = new() { Seed = 5, Chains = 2, Warmup = 100, Draws = 100 };
    private static readonly Reading[] Data = Rows.Readings();

    private static NormalModel<Reading> Model =>
        PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept().Slope(r => r.X));

    private static PoissonModel<Reading> Counts =>
        PooledModel.Of<Reading>().Poisson(r => r.W).Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept()).Varying(Line, g => g.Intercept());

    [Fact]
    public void A_fit_of_sums_answers_eight_threads_as_it_answers_one()
    {
        AssertSame(() => Model.Fit(Data, Few), Ask);
        AssertSame(() => Model.Fit(Data, Engine.MaximumLikelihood, Few), Ask);

        static IEnumerable<object> Ask(NormalFit<Reading> fit)
        {
            var site = fit.For(Site);
            yield return fit.Table.ToString();
            yield return site.Shrinkage().ToString();
            yield return site.Coefficients().ToString();
            yield return fit.Derive(d => d.Of(fit.Sigma) / d.Of(site.InterceptSd)).Draws.ToArray();
            foreach (var key in site.Keys)
            {
                yield return site.Level(key).Intercept.Draws.ToArray();
                yield return site.Level(key).Slope(r => r.X).ToString();
                yield return site.Level(key).Effect(r => r.X).Sd;
            }

            foreach (var quantity in fit.PredictMean(Data).Concat(fit.PredictNew(Data)).Append(fit.PredictNew(Data[0] with { Site = "elsewhere" })))
                yield return quantity.Draws.ToArray();
            yield return fit.Intercept.Histogram().ToString();
        }
    }

    [Fact]
    public void A_fit_of_cells_answers_eight_threads_as_it_answers_one()
    {
        AssertSame(() => Counts.Fit(Data, Few), Ask);

        static IEnumerable<object> Ask(PoissonFit<Reading> fit)
        {
            yield return fit.Table.ToString();
            foreach (var key in fit.For(Site).Keys)
                yield return fit.For(Site).Level(key).Intercept.Draws.ToArray();
            yield return fit.For(Line).Coefficients().ToString();
            foreach (var quantity in fit.PredictMean(Data).Concat(fit.PredictNew(Data)).Append(fit.PredictMeanOverGroups(Data[0], Site.Average())))
                yield return quantity.Draws.ToArray();
        }
    }

    // More levels than a fit keeps, so that threads make and drop them all the time.
    [Fact]
    public void Many_levels_are_read_by_eight_threads_as_by_one()
    {
        var rows = Enumerable.Range(0, 1800).Select(i => new Reading { Line = i % 600, Y = i * i * 13 % 31 / 7.0, X = i * 7 % 11 }).ToArray();
        var model = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Varying(Line, g => g.Intercept());

        AssertSame(
            () => model.Fit(rows, Engine.MaximumLikelihood, Few),
            fit => Enumerable.Range(0, 3000).Select(i => (object)fit.For(Line).Level(i * 37 % 600).Intercept.Mean));
    }

    [Fact]
    public void One_model_is_fitted_to_several_data_sets_in_parallel()
    {
        var model = Model;
        var counts = Counts;
        var alone = Enumerable.Range(0, ThreadCount).Select(Fit).ToArray();
        var together = new string[ThreadCount];

        OnThreads(thread => together[thread] = Fit(thread));
        Assert.Equal(alone, together);
        Assert.Equal(ThreadCount, alone.Distinct().Count());

        string Fit(int part)
        {
            var rows = Data.Where((_, i) => i % 9 != part).ToArray();
            return $"{model.Fit(rows, Few).Table}{counts.Fit(rows, Engine.MaximumLikelihood, Few).Table}";
        }
    }

    [Fact]
    public void Sums_and_cells_are_added_to_and_merged_by_several_threads()
    {
        var sums = Model.Read(Data);
        var cells = Counts.Read(Data);
        var rows = new long[ThreadCount];

        OnThreads(thread => rows[thread] = sums.Add(Data.Take(thread)).Merge(sums).RowCount + cells.Add(Data.Take(thread)).Merge(cells).RowCount);
        Assert.Equal(Enumerable.Range(0, ThreadCount).Select(thread => 4L * Data.Length + 2 * thread), rows);
        Assert.Equal((Data.Length, Data.Length), (sums.RowCount, cells.RowCount));
    }

    // A fit of its own for the one thread, since what a fit has once answered it keeps.
    private static void AssertSame<TFit>(Func<TFit> make, Func<TFit, IEnumerable<object>> ask)
    {
        var expected = ask(make()).ToArray();
        var shared = make();
        var answers = new object[ThreadCount][];

        OnThreads(thread => answers[thread] = [.. ask(shared)]);
        Assert.All(answers, answer => Assert.Equal(expected, answer));
    }

    // All begin at once, and what one of them throws is thrown here.
    private static void OnThreads(Action<int> work)
    {
        using var start = new Barrier(ThreadCount);
        var faults = new Exception?[ThreadCount];
        var threads = Enumerable.Range(0, ThreadCount).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            faults[number] = Record.Exception(() => work(number));
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        Assert.All(faults, Assert.Null);
    }
}
