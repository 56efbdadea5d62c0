using TypedPooling.Predictions;

namespace TypedPooling.Checking;

/// <summary>Computes statistics of responses and of their replicates, in one pass over draws.</summary>
internal static class CheckRunner
{
    private const int DefaultDraws = 1000;

    /// <summary>Makes a check.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="rows">Rows with responses; enumerated once.</param>
    /// <param name="factor">The grouping factor by whose levels statistics are computed; -1 for all rows together.</param>
    /// <param name="statistics">The statistics.</param>
    /// <param name="options">How.</param>
    public static PredictiveCheck Run<TRow>(Fit<TRow> fit, IEnumerable<TRow> rows, int factor, Statistic[] statistics, CheckOptions options)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(statistics);
        ArgumentNullException.ThrowIfNull(options);
        foreach (var statistic in statistics)
            ArgumentNullException.ThrowIfNull(statistic, nameof(statistics));
        var probability = IntervalProbability.Of(options.Probability, fit.Posterior);
        var all = fit.Posterior.DrawCount;
        var draws = EqualDistances.Of(all, options.Draws ?? Math.Min(all, DefaultDraws));
        var observed = ObservedRows.Read(fit, rows, options.Groups, options.Cancellation);
        if (statistics.Length == 0)
            statistics = Default(fit, observed.Responses, isByLevel: factor >= 0);

        var parts = factor < 0 ? Parts.Whole(observed.Rows.Length) : Parts.ByLevel(observed, factor);
        var replicates = new RowReplicates<TRow>(fit, observed.Rows, draws);
        var workspace = new CheckWorkspace(statistics, parts, observed.Responses, draws.Length);
        for (var b = 0; b < replicates.BlockCount; b++)
        {
            var block = replicates.Make(b, workspace.NeedsMoments, options.Cancellation);
            for (var s = 0; s < block.Count; s++)
            {
                options.Cancellation.ThrowIfCancellationRequested();
                workspace.Add(block, s);
            }

            options.Progress?.Report(block.First + block.Count);
        }

        return new(
            fit.Spec,
            factor < 0 ? null : fit.Spec.Factors[factor].Name,
            observed.Rows.Length,
            draws.Length,
            options.Groups,
            workspace.Results(probability));
    }

    // What says most about most models; by level the means alone.
    private static Statistic[] Default<TRow>(Fit<TRow> fit, double[] responses, bool isByLevel)
    {
        if (isByLevel)
            return [Statistic.Mean];
        var family = fit.Spec.Response.Family;
        var hasZeros = (family.IsCount || family.IsProportion) && responses.Any(y => y is not 0 and not 1);
        return
        [
            Statistic.Mean,
            Statistic.Sd,
            Statistic.Minimum,
            Statistic.Maximum,
            .. hasZeros ? new[] { Statistic.Zeros } : [],
            Statistic.Dispersion,
        ];
    }
}

/// <summary>Which rows belong together: all, or those of each level. Immutable.</summary>
/// <param name="Order">Numbers of rows, part after part.</param>
/// <param name="Starts">Where each part begins in the order, and the end of the last.</param>
/// <param name="Levels">The level of each part as text; null where there is one part of all rows.</param>
internal sealed record Parts(int[] Order, int[] Starts, string[]? Levels)
{
    /// <summary>All rows in one part.</summary>
    public static Parts Whole(int count) => new([.. Enumerable.Range(0, count)], [0, count], null);

    /// <summary>The rows of each level, levels in order of first appearance.</summary>
    public static Parts ByLevel(ObservedRows observed, int factor)
    {
        var levels = observed.Rows.Select(row => row.Levels[factor].Text).Distinct().ToArray();
        var numbers = levels.Select((text, j) => (text, j)).ToDictionary(pair => pair.text, pair => pair.j);
        var own = observed.Rows.Select(row => numbers[row.Levels[factor].Text]).ToArray();
        int[] order = [.. Enumerable.Range(0, own.Length).OrderBy(i => own[i])];
        var starts = new int[levels.Length + 1];
        foreach (var j in own)
            starts[j + 1]++;
        for (var j = 0; j < levels.Length; j++)
            starts[j + 1] += starts[j];
        return new(order, starts, levels);
    }
}
