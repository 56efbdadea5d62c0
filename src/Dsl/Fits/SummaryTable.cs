using System.Collections.Immutable;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A parameter table: mean, sd, 89 % interval and diagnostics, a row a parameter.</summary>
public sealed class SummaryTable
{
    internal SummaryTable(IEnumerable<(Parameter Parameter, Quantity Quantity)> quantities) =>
        Rows = [.. quantities.Select(q => new SummaryRow(
            q.Parameter, q.Quantity.Mean, q.Quantity.Sd, q.Quantity.Quantile(0.055), q.Quantity.Quantile(0.945), q.Quantity.EssBulk, q.Quantity.EssTail, q.Quantity.RHat))];

    /// <summary>The rows.</summary>
    public ImmutableArray<SummaryRow> Rows { get; }

    /// <summary>The table as text, numbers in the invariant culture, three significant digits of each sd.</summary>
    public override string ToString()
    {
        var table = new TextTable(string.Empty, "mean", "sd", "5.5%", "94.5%", "ess_bulk", "ess_tail", "rhat");
        foreach (var row in Rows)
        {
            var decimals = Figures.Decimals(row.Sd);
            table.Add(
                row.Parameter.Name,
                Figures.Fixed(row.Mean, decimals),
                Figures.Fixed(row.Sd, decimals),
                Figures.Fixed(row.Lower, decimals),
                Figures.Fixed(row.Upper, decimals),
                Figures.Count(row.EssBulk),
                Figures.Count(row.EssTail),
                Figures.Fixed(row.RHat, 3));
        }

        return table.ToString();
    }
}
