namespace TypedPooling.Data;

/// <summary>Sums over the rows of a response of real numbers that cells do not keep: of log y, and mean and centred squares of what lies about the
/// linear predictor. They merge by Chan's formula. Source: [Chan1983].</summary>
internal readonly record struct ResponseSums(long Count, double Log, double LogCompensation, double Mean, double Squares)
{
    /// <summary>The sums with a row more, or with several that are equal.</summary>
    /// <param name="log">log y, or 0 where it is not needed.</param>
    /// <param name="value">What lies about the linear predictor.</param>
    /// <param name="count">Number of equal rows that the row stands for.</param>
    public ResponseSums With(double log, double value, long count) => Merge(new ResponseSums(count, count * log, 0, value, 0));

    /// <summary>The sums of the rows of both.</summary>
    public ResponseSums Merge(ResponseSums other)
    {
        if (other.Count == 0)
            return this;
        if (Count == 0)
            return other;

        // Neumaier's sum of logs: the order of rows does not show.
        var sum = Log + other.Log;
        var lost = Math.Abs(Log) >= Math.Abs(other.Log) ? Log - sum + other.Log : other.Log - sum + Log;
        var count = Count + other.Count;
        var difference = other.Mean - Mean;
        return new(
            count,
            sum,
            LogCompensation + other.LogCompensation + lost,
            Mean + difference * ((double)other.Count / count),
            Squares + other.Squares + difference * difference * ((double)Count * other.Count / count));
    }

    /// <summary>The sums with the logs' compensation added in.</summary>
    public ResponseSums Settled() => this with { Log = Log + LogCompensation, LogCompensation = 0 };
}
