using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Draws;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A parameter table: mean, sd, interval and diagnostics, a row a parameter.</summary>
/// <remarks>Thread-safe: any number of threads may read it at once.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class SummaryTable : IJsonAnswer<SummaryTable>, ITabular
{
    private readonly bool isPoint;

    internal SummaryTable(IEnumerable<(Parameter Parameter, Quantity Quantity)> quantities, double probability, bool isPoint = false)
    {
        this.isPoint = isPoint;
        Probability = probability;
        var (lower, upper) = IntervalProbability.Tails(probability);

        // Of a point only draws of its approximation have a sample size, and they are not made for a table.
        Rows = [.. quantities.Select(q => new SummaryRow(
            q.Parameter,
            q.Quantity.Mean,
            q.Quantity.Sd,
            q.Quantity.Quantile(lower),
            q.Quantity.Quantile(upper),
            isPoint ? double.NaN : q.Quantity.EssBulk,
            isPoint ? double.NaN : q.Quantity.EssTail,
            isPoint ? double.NaN : q.Quantity.RHat)
        {
            Probability = probability,
            Median = isPoint ? q.Quantity.Mean : q.Quantity.Median,
            HasUnsureMean = q.Quantity.HasUnsureMean,
        })];
    }

    private SummaryTable(ImmutableArray<SummaryRow> rows, double probability, bool isPoint) =>
        (Rows, Probability, this.isPoint) = (rows, probability, isPoint);

    /// <summary>Posterior probability of each interval; the header names the quantiles between which it lies.</summary>
    public double Probability { get; }

    /// <summary>The rows.</summary>
    public ImmutableArray<SummaryRow> Rows { get; }

    /// <summary>The table as text, numbers in the invariant culture, three significant digits of each sd. Where a mean need not exist the median
    /// stands in its place, and a line below says so.</summary>
    public override string ToString() => Printed().ToString();

    /// <summary>The table as <see cref="ToString"/> shows it.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => [Printed()];

    private PrintedTable Printed()
    {
        if (isPoint)
            return PointTable();
        var (low, high) = Header();
        var table = new TableBuilder(string.Empty, "mean", "sd", low, high, "ess_bulk", "ess_tail", "rhat");
        foreach (var row in Rows)
        {
            var decimals = row.HasUnsureMean ? Figures.DecimalsOfInterval(row.Lower, row.Upper, Probability) : Figures.Decimals(row.Sd, row.Mean);
            table.Add(
                row.Parameter.Name,
                Figures.Fixed(row.HasUnsureMean ? row.Median : row.Mean, decimals),
                Figures.Fixed(row.HasUnsureMean ? double.NaN : row.Sd, decimals),
                Figures.Fixed(row.Lower, decimals),
                Figures.Fixed(row.Upper, decimals),
                Figures.Count(row.EssBulk),
                Figures.Count(row.EssTail),
                Figures.Fixed(row.RHat, 3));
        }

        var unsure = Rows.Where(row => row.HasUnsureMean).Select(row => row.Parameter.Name).ToArray();
        return unsure.Length == 0
            ? table.Build()
            : table.Build(notes: $"The mean may not exist for {string.Join(", ", unsure)}; the table shows the median.");
    }

    private (string Low, string High) Header()
    {
        var (lower, upper) = IntervalProbability.Tails(Probability);
        return (IntervalProbability.Percent(lower), IntervalProbability.Percent(upper));
    }

    // A scale has no standard error: its estimate is shown to five significant digits.
    private PrintedTable PointTable()
    {
        var (low, high) = Header();
        var table = new TableBuilder(string.Empty, "estimate", "std. error", low, high);
        foreach (var row in Rows)
        {
            var decimals = row.Sd > 0 ? Figures.Decimals(row.Sd, row.Mean) : Figures.Decimals(Math.Abs(row.Mean) / 100);
            table.Add(
                row.Parameter.Name,
                Figures.Fixed(row.Mean, decimals),
                Figures.Fixed(row.Sd, decimals),
                Figures.Fixed(row.Lower, decimals),
                Figures.Fixed(row.Upper, decimals));
        }

        return table.Build();
    }

    static SummaryTable IJsonAnswer<SummaryTable>.ReadFrom(JsonElement json) =>
        new(json.Answers<SummaryRow>("rows"), json.Real("probability"), json.Flag("isPoint"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteReal("probability", Probability);
        writer.WriteBoolean("isPoint", isPoint);
        writer.WriteAnswers("rows", Rows);
        writer.WriteEndObject();
    }
}
