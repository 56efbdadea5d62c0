namespace TypedPooling.Draws;

/// <content>The same of arrays: an array converts to a span by itself in C#, in F# a literal such as <c>[| 1.0; 2.0 |]</c> does not.</content>
public static partial class Diagnostics
{
    /// <inheritdoc cref="RHat(ReadOnlySpan{double}, int)"/>
    public static double RHat(double[] draws, int chains) => RHat(draws.AsSpan(), chains);

    /// <inheritdoc cref="EssBulk(ReadOnlySpan{double}, int)"/>
    public static double EssBulk(double[] draws, int chains) => EssBulk(draws.AsSpan(), chains);

    /// <inheritdoc cref="EssTail(ReadOnlySpan{double}, int)"/>
    public static double EssTail(double[] draws, int chains) => EssTail(draws.AsSpan(), chains);

    /// <inheritdoc cref="EssMean(ReadOnlySpan{double}, int)"/>
    public static double EssMean(double[] draws, int chains) => EssMean(draws.AsSpan(), chains);

    /// <inheritdoc cref="EssSd(ReadOnlySpan{double}, int)"/>
    public static double EssSd(double[] draws, int chains) => EssSd(draws.AsSpan(), chains);

    /// <inheritdoc cref="EssQuantile(ReadOnlySpan{double}, int, double)"/>
    public static double EssQuantile(double[] draws, int chains, double p) => EssQuantile(draws.AsSpan(), chains, p);

    /// <inheritdoc cref="McseMean(ReadOnlySpan{double}, int)"/>
    public static double McseMean(double[] draws, int chains) => McseMean(draws.AsSpan(), chains);

    /// <inheritdoc cref="McseSd(ReadOnlySpan{double}, int)"/>
    public static double McseSd(double[] draws, int chains) => McseSd(draws.AsSpan(), chains);

    /// <inheritdoc cref="McseQuantile(ReadOnlySpan{double}, int, double)"/>
    public static double McseQuantile(double[] draws, int chains, double p) => McseQuantile(draws.AsSpan(), chains, p);

    /// <inheritdoc cref="McseMedian(ReadOnlySpan{double}, int)"/>
    public static double McseMedian(double[] draws, int chains) => McseMedian(draws.AsSpan(), chains);

    /// <inheritdoc cref="Mean(ReadOnlySpan{double})"/>
    public static double Mean(double[] draws) => Mean(draws.AsSpan());

    /// <inheritdoc cref="Sd(ReadOnlySpan{double})"/>
    public static double Sd(double[] draws) => Sd(draws.AsSpan());

    /// <inheritdoc cref="Quantile(ReadOnlySpan{double}, double)"/>
    public static double Quantile(double[] draws, double p) => Quantile(draws.AsSpan(), p);

    /// <inheritdoc cref="QuantileOfSorted(ReadOnlySpan{double}, double)"/>
    public static double QuantileOfSorted(double[] sorted, double p) => QuantileOfSorted(sorted.AsSpan(), p);

    /// <inheritdoc cref="Summarize(ReadOnlySpan{double}, int, DrawKind)"/>
    public static DrawSummary Summarize(double[] draws, int chains, DrawKind kind) => Summarize(draws.AsSpan(), chains, kind);
}
