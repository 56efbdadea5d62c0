using System.Diagnostics;

namespace TypedPooling.Bench;

/// <summary>Times of one call of a benchmark, over repetitions.</summary>
/// <param name="Median">Median time of a call, in nanoseconds.</param>
/// <param name="Deviation">Median absolute deviation from the median, in nanoseconds.</param>
/// <param name="Allocated">Bytes a call allocates, on the calling thread.</param>
/// <param name="Repetitions">Number of repetitions.</param>
/// <param name="Calls">Calls a repetition.</param>
/// <param name="MeanResult">Mean of what the timed calls returned.</param>
internal sealed record Measurement(double Median, double Deviation, long Allocated, int Repetitions, int Calls, double MeanResult)
{
    // A repetition is long against the clock's resolution; with 21 of them the median has a middle.
    private static readonly TimeSpan Repetition = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Warmup = TimeSpan.FromMilliseconds(500);
    private const int RepetitionCount = 21;
    private const int FewestRepetitions = 5;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private static double sink;

    /// <summary>Warms a benchmark up until the runtime has compiled it for good, then times it.</summary>
    public static Measurement Of(Benchmark benchmark)
    {
        var work = benchmark.Prepare();
        var clock = Stopwatch.StartNew();
        var warmupCalls = 0;
        do
        {
            sink += work();
            warmupCalls++;
        }
        while (clock.Elapsed < Warmup);

        var calls = (int)Math.Clamp(warmupCalls * Repetition / Warmup, 1, int.MaxValue);
        var before = GC.GetAllocatedBytesForCurrentThread();
        sink += work();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        var times = new List<double>();
        var results = 0.0;
        clock.Restart();
        while (times.Count < RepetitionCount && (times.Count < FewestRepetitions || clock.Elapsed < Longest))
        {
            GC.Collect();
            var start = Stopwatch.GetTimestamp();
            for (var call = 0; call < calls; call++)
                results += work();
            times.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls);
        }

        var median = MedianOf(times);
        return new Measurement(
            median, MedianOf(times.Select(time => Math.Abs(time - median))), allocated, times.Count, calls, results / ((double)times.Count * calls));
    }

    private static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
