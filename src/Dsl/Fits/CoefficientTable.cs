using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Data;

namespace TypedPooling;

/// <summary>The coefficients of every level of a grouping factor, population plus varying, with intervals: what <c>coef</c> of lme4 gives, and how
/// sure it is. Made by <see cref="FactorFit{TRow, TKey}.Coefficients"/>. Immutable.</summary>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <remarks>Thread-safe: any number of threads may read it at once.</remarks>
public sealed class CoefficientTable<TKey>
{
    private readonly string factor;

    internal CoefficientTable(string factor, double probability, ImmutableArray<string> terms, ImmutableArray<LevelCoefficients<TKey>> levels)
    {
        this.factor = factor;
        Probability = probability;
        Terms = terms;
        Levels = levels;
    }

    /// <summary>Posterior probability of each interval.</summary>
    public double Probability { get; }

    /// <summary>Names of the varying terms. Length q.</summary>
    public ImmutableArray<string> Terms { get; }

    /// <summary>A row a level, in order of first appearance in the data.</summary>
    public ImmutableArray<LevelCoefficients<TKey>> Levels { get; }

    /// <summary>The table as text, numbers in the invariant culture, three significant digits of the middle sd of each term, or of an sd that is far
    /// below it.</summary>
    public override string ToString()
    {
        var tails = IntervalProbability.Tails(Probability);
        var (low, high) = (IntervalProbability.Percent(tails.Lower), IntervalProbability.Percent(tails.Upper));
        var table = new TextTable([factor, "rows", .. Terms.SelectMany(term => new[] { term, "sd", low, high })]);
        var middle = Terms.Select((_, a) => Levels.Select(level => level.Coefficients[a].Sd).Order().ElementAt(Levels.Length / 2)).ToArray();
        foreach (var level in Levels)
        {
            table.Add(
            [
                LevelIndex<TKey>.ToText(level.Key),
                level.Rows.ToString(CultureInfo.InvariantCulture),
                .. level.Coefficients.SelectMany(
                    (c, a) => new[] { c.Mean, c.Sd, c.Interval.Lower, c.Interval.Upper }.Select(
                        value => Figures.Fixed(value, Decimals(c.Sd, middle[a])))),
            ]);
        }

        return table.ToString();
    }

    // A column is easiest to read with the decimals of its middle sd; one far below it needs its own.
    private static int Decimals(double sd, double middle) => Figures.Decimals(sd > 0 && sd < 0.1 * middle ? sd : middle);
}
