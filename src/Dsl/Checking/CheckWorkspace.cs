using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Predictions;

namespace TypedPooling.Checking;

/// <summary>Statistics of the data and of replicates, as draws come in. Used by one thread.</summary>
/// <remarks>
/// Where a statistic depends on the parameters (<see cref="Statistic.Dispersion"/>), the data have a value in each draw, T(y, theta_s), beside that
/// of the replicate, T(y_rep, theta_s), and tail probabilities count the draws in which one is above the other. Source: [Gelman1996].
/// </remarks>
internal sealed class CheckWorkspace
{
    private readonly Statistic[] statistics;
    private readonly Parts parts;
    private readonly double[] data;              // responses in the order of the parts
    private readonly double[][] observed;        // by statistic and part: a value, or one a draw
    private readonly double[][] replicated;      // by statistic and part: a value a draw
    private readonly double[] responses;
    private readonly double[] means;
    private readonly double[] variances;
    private int added;

    public CheckWorkspace(Statistic[] statistics, Parts parts, double[] responses, int draws)
    {
        (this.statistics, this.parts) = (statistics, parts);
        data = [.. parts.Order.Select(i => responses[i])];
        this.responses = new double[data.Length];
        NeedsMoments = statistics.Any(statistic => statistic.NeedsMoments);
        (means, variances) = NeedsMoments ? (new double[data.Length], new double[data.Length]) : ([], []);
        var count = statistics.Length * PartCount;
        replicated = [.. Enumerable.Range(0, count).Select(_ => new double[draws])];
        observed = [.. Enumerable.Range(0, count).Select(at =>
        {
            var statistic = statistics[at / PartCount];
            return statistic.NeedsMoments ? new double[draws] : [statistic.ComputeFor(Slice(data, at % PartCount, withMoments: false))];
        })];
    }

    /// <summary>True where a statistic needs expectations and variances.</summary>
    public bool NeedsMoments { get; }

    private int PartCount => parts.Starts.Length - 1;

    /// <summary>Adds a draw.</summary>
    /// <param name="block">Replicates.</param>
    /// <param name="draw">Number of the draw in the block.</param>
    public void Add(ReplicatedBlock block, int draw)
    {
        var first = draw * block.RowCount;
        if (parts.Levels is null)
        {
            Array.Copy(block.Responses, first, responses, 0, data.Length);
            if (NeedsMoments)
            {
                Array.Copy(block.Means, first, means, 0, data.Length);
                Array.Copy(block.Variances, first, variances, 0, data.Length);
            }
        }

        for (var i = 0; parts.Levels is not null && i < data.Length; i++)
        {
            var at = first + parts.Order[i];
            responses[i] = block.Responses[at];
            if (NeedsMoments)
                (means[i], variances[i]) = (block.Means[at], block.Variances[at]);
        }

        for (var t = 0; t < statistics.Length; t++)
        {
            var needs = statistics[t].NeedsMoments;
            for (var part = 0; part < PartCount; part++)
            {
                replicated[t * PartCount + part][added] = statistics[t].ComputeFor(Slice(responses, part, needs));
                if (needs)
                    observed[t * PartCount + part][added] = statistics[t].ComputeFor(Slice(data, part, needs));
            }
        }

        added++;
    }

    /// <summary>Every statistic of every part, statistic after statistic.</summary>
    public ImmutableArray<CheckedStatistic> Results(double probability) =>
        [.. Enumerable.Range(0, replicated.Length).Select(at => Result(at, probability))];

    private CheckedStatistic Result(int at, double probability)
    {
        var (own, of) = (replicated[at], observed[at]);
        var (atLeast, atMost, isKnown) = (0, 0, true);
        for (var s = 0; s < own.Length; s++)
        {
            var y = of.Length == 1 ? of[0] : of[s];
            isKnown &= !double.IsNaN(y) && !double.IsNaN(own[s]);
            atLeast += own[s] >= y ? 1 : 0;
            atMost += own[s] <= y ? 1 : 0;
        }

        var sorted = own.Order().ToArray();
        var (lower, upper) = IntervalProbability.Tails(probability);
        return new(
            statistics[at / PartCount].Name,
            parts.Levels?[at % PartCount],
            of.Average(),
            Diagnostics.Mean(own),
            Diagnostics.Sd(own),
            isKnown
                ? new(Diagnostics.QuantileOfSorted(sorted, lower), Diagnostics.QuantileOfSorted(sorted, upper), probability)
                : new(double.NaN, double.NaN, probability),
            isKnown ? (double)atLeast / own.Length : double.NaN,
            isKnown ? (double)atMost / own.Length : double.NaN)
        { Replicated = [.. own] };
    }

    private CheckedResponses Slice(double[] values, int part, bool withMoments)
    {
        var (start, count) = (parts.Starts[part], parts.Starts[part + 1] - parts.Starts[part]);
        return new(
            new(values, start, count),
            withMoments ? new(means, start, count) : default,
            withMoments ? new(variances, start, count) : default);
    }
}
