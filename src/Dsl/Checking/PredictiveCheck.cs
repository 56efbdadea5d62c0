using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MathNet.Numerics.Distributions;
using TypedPooling.Json;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>A posterior predictive check: statistics of the data beside those of data replicated from the fitted model. Immutable.</summary>
/// <remarks>
/// A tail probability near 0 says that the model does not give data like these in that respect. Those of a right model are not uniform: the data were
/// used twice, to fit and to check, and so they keep away from 0 and 1. Sources: [Gelman1996], [Gelman2013]. Thread-safe: any number of threads may
/// read it at once.
/// </remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class PredictiveCheck : IJsonAnswer, ITabular
{
    // Rows of a table that are printed; all are in Rows.
    private const int MostPrinted = 40;
    private const int MostNamed = 3;

    // Of as many levels by chance, on either side: two tails of 1 %.
    private const double ChanceOfLevel = 0.02;
    private const double SmallProbability = 0.01;

    private readonly ModelSpec spec;
    private readonly string? factor;

    internal PredictiveCheck(
        ModelSpec spec, string? factor, int observationCount, int drawCount, ReplicatedGroups groups, ImmutableArray<CheckedStatistic> rows)
    {
        (this.spec, this.factor, ObservationCount, DrawCount, Groups, Rows) = (spec, factor, observationCount, drawCount, groups, rows);
    }

    /// <summary>Every statistic; by level each statistic for all levels, in order of their first row.</summary>
    public ImmutableArray<CheckedStatistic> Rows { get; }

    /// <summary>Number of responses; a row that stands for N rows counts as N.</summary>
    public int ObservationCount { get; }

    /// <summary>Number of replicates.</summary>
    public int DrawCount { get; }

    /// <summary>Whose effects the replicates have.</summary>
    public ReplicatedGroups Groups { get; }

    /// <summary>What is unusual, as sentences with the numbers behind them; one sentence that says so where nothing is.</summary>
    public ImmutableArray<string> Findings => [.. factor is null ? OfAll() : ByLevel()];

    /// <summary>A statistic of all rows by its name.</summary>
    /// <param name="statistic">The statistic.</param>
    /// <returns>Its row.</returns>
    /// <exception cref="ModelException">The check has no such statistic, or it is by level.</exception>
    public CheckedStatistic Of(Statistic statistic)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        return Rows.FirstOrDefault(row => row.Level is null && row.Name == statistic.Name) ?? throw Unknown(statistic.Name);
    }

    /// <summary>A statistic of a level, by the text of its key.</summary>
    /// <param name="statistic">The statistic.</param>
    /// <param name="level">The key as text.</param>
    /// <returns>Its row.</returns>
    /// <exception cref="ModelException">The check has no such statistic of such a level.</exception>
    public CheckedStatistic Of(Statistic statistic, string level)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        ArgumentNullException.ThrowIfNull(level);
        return Rows.FirstOrDefault(row => row.Level == level && row.Name == statistic.Name) ?? throw Unknown(statistic.Name);
    }

    /// <summary>The table of statistics and the findings.</summary>
    public override string ToString() => Printed().ToString();

    /// <summary>The table of statistics as <see cref="ToString"/> shows it, with the findings below.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => [Printed()];

    private PrintedTable Printed()
    {
        var groups = Groups == ReplicatedGroups.New ? " for new groups" : string.Empty;
        var title = string.Create(
            CultureInfo.InvariantCulture,
            $"Posterior predictive check of the {spec.Response.Family.Name} model of {spec.Response.Name}: "
                + $"{Figures.Counted(ObservationCount, "row")}, {DrawCount:N0} replicates{groups}");
        var (lower, upper) = IntervalProbability.Tails(Rows[0].Interval.Probability);
        string[] numbers =
            ["observed", "replicated", "sd", IntervalProbability.Percent(lower), IntervalProbability.Percent(upper), "P(rep >= obs)"];
        var table = factor is null ? new TableBuilder([string.Empty, .. numbers]) : new TableBuilder([factor, "statistic", .. numbers]);
        foreach (var row in Rows.Take(MostPrinted))
        {
            var decimals = Figures.Decimals(row.Sd, row.Observed);
            string[] values =
            [
                Figures.Fixed(row.Observed, decimals), Figures.Fixed(row.Mean, decimals), Figures.Fixed(row.Sd, decimals),
                Figures.Fixed(row.Interval.Lower, decimals), Figures.Fixed(row.Interval.Upper, decimals), Figures.Fixed(row.ProbabilityAtLeast, 3),
            ];
            table.Add(factor is null ? [row.Name, .. values] : [row.Level!, row.Name, .. values]);
        }

        string[] more = Rows.Length > MostPrinted
            ? [string.Create(CultureInfo.InvariantCulture, $"... and {Rows.Length - MostPrinted:N0} more in Rows")]
            : [];
        return table.Build(title, [.. more, .. Findings]);
    }

    private static Statistic? ReadyMade(string name) =>
        new[] { Statistic.Mean, Statistic.Sd, Statistic.Zeros, Statistic.VarianceOverMean, Statistic.Dispersion }.FirstOrDefault(s => s.Name == name);

    private ModelException Unknown(string name) => new(new Problem(
        ProblemCode.UnknownTerm,
        $"The check has no such statistic{(factor is null ? string.Empty : $" of such a level of {factor}")}.",
        $"Ask for one of: {string.Join(", ", Rows.Select(row => row.Name).Distinct())}.")
    { Term = name });

    private IEnumerable<string> OfAll()
    {
        var unusual = Rows.Where(row => row.IsUnusual).ToArray();
        foreach (var row in unusual)
        {
            var decimals = Figures.Decimals(row.Sd, row.Observed);
            var reached = (long)Math.Round((row.IsAbove ? row.ProbabilityAtLeast : row.ProbabilityAtMost) * DrawCount);
            var meaning = ReadyMade(row.Name) is { } known ? $" {(row.IsAbove ? known.Above : known.Below)}" : string.Empty;
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The {row.Name} is unusual: {Figures.Fixed(row.Observed, decimals)}, where replicates have {Figures.Fixed(row.Mean, decimals)} "
                    + $"on average, and {reached:N0} of {DrawCount:N0} are as {(row.IsAbove ? "large" : "small")}.{meaning}");
        }

        foreach (var row in Rows.Where(row => double.IsNaN(row.ProbabilityAtLeast)))
            yield return $"The {row.Name} is not a number for the data or for a replicate, so it is not compared.";
        if (unusual.Length == 0)
            yield return "Nothing is unusual: every statistic of the data is among those of the replicates.";
    }

    private IEnumerable<string> ByLevel()
    {
        foreach (var statistic in Rows.GroupBy(row => row.Name))
        {
            var levels = statistic.Where(row => !double.IsNaN(row.ProbabilityAtLeast)).ToArray();
            var unusual = levels.Where(row => row.IsUnusual).OrderBy(row => row.TailProbability).ToArray();
            var chance = unusual.Length == 0 ? 1 : 1 - Binomial.CDF(ChanceOfLevel, levels.Length, unusual.Length - 1);
            var named = string.Join(", ", unusual.Take(MostNamed).Select(row => row.Level));
            var levelsNamed = unusual.Length == 0 ? "." : $": {named}{(unusual.Length > MostNamed ? " and others" : string.Empty)}.";
            var verdict = chance < SmallProbability ? " That is more than chance." : string.Empty;
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The {statistic.Key} of {unusual.Length:N0} of {Figures.Counted(levels.Length, "level")} is unusual, where chance gives "
                    + $"{Figures.Fixed(ChanceOfLevel * levels.Length, 1)} at most{levelsNamed}{verdict}");
        }
    }

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("family", spec.Response.Family.Name);
        writer.WriteString("response", spec.Response.Name);
        writer.WriteOptional("factor", factor);
        writer.WriteNumber("observationCount", ObservationCount);
        writer.WriteNumber("drawCount", DrawCount);
        writer.WriteString("groups", Groups.ToString());
        writer.WriteAnswers("rows", Rows);
        writer.WriteTexts("findings", Findings);
        writer.WriteEndObject();
    }
}
