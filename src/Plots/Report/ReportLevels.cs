using System.Globalization;

namespace TypedPooling.Plots.Report;

/// <summary>Writes the coefficients of a factor's levels, and how far each is pulled to the population.</summary>
internal sealed class ReportLevels<TRow>(HtmlWriter html, int mostLevels) : IFactorVisitor<TRow, bool>
{
    public bool Visit<TKey>(FactorFit<TRow, TKey> factor)
    {
        html.Element("h3", factor.Name);
        var shown = Math.Min(mostLevels, factor.LevelCount);
        var table = shown == factor.LevelCount ? factor.Coefficients() : factor.Coefficients(Chosen(factor.Keys, shown));
        if (shown < factor.LevelCount)
        {
            html.Element(
                "p",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{shown:N0} of {factor.LevelCount:N0} levels, at equal distances in the order of the data. fit.For(group).Coefficients() has "
                        + $"all."),
                ("class", "note"));
        }

        HtmlTable.WriteLevels(html, table.ToTables()[0], factor.Name);
        html.Element(
            "p",
            "Each coefficient is the population effect plus the level's own: mean, sd, and the ends of the interval.",
            ("class", "note"));
        return true;
    }

    private static IEnumerable<TKey> Chosen<TKey>(IReadOnlyList<TKey> keys, int count) =>
        Enumerable.Range(0, count).Select(k => keys[(int)(k * (long)(keys.Count - 1) / (count - 1))]);
}
