using System.Globalization;

namespace TypedPooling.Plots.Report;

/// <summary>Writes the coefficients of a factor's levels, and how far each is pulled to the population.</summary>
internal sealed class ReportLevels<TRow>(HtmlWriter html, int mostLevels, long mostBytes) : IFactorVisitor<TRow, bool>
{
    private const int FewestLevels = 10;

    public bool Visit<TKey>(FactorFit<TRow, TKey> factor)
    {
        html.Element("h3", factor.Name);
        var most = Math.Min(mostLevels, factor.LevelCount);
        var (shown, part) = (most, Table(factor, most));
        while (part.Bytes > mostBytes && shown > FewestLevels)
        {
            shown = Math.Max(FewestLevels, Math.Min(shown - 1, (int)(0.98 * shown * Math.Max(0, mostBytes) / part.Bytes)));
            part = Table(factor, shown);
        }

        if (part.Bytes > mostBytes)
        {
            html.Element(
                "p", "The table is left out: the page would be larger than 2 MB with it. fit.For(group).Coefficients() has it.", ("class", "note"));
            return true;
        }

        if (shown < factor.LevelCount)
        {
            html.Element(
                "p",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{shown:N0} of {factor.LevelCount:N0} levels, at equal distances in the order of the data. ")
                    + (shown < most ? "With more the page would be larger than 2 MB. " : string.Empty)
                    + "fit.For(group).Coefficients() has all.",
                ("class", "note"));
        }

        html.Markup(part.ToString());
        html.Element(
            "p",
            "Each coefficient is the population effect plus the level's own: mean, sd, and the ends of the interval.",
            ("class", "note"));
        return true;
    }

    private static HtmlWriter Table<TKey>(FactorFit<TRow, TKey> factor, int shown)
    {
        HtmlWriter part = new(depth: 4);
        var table = shown == factor.LevelCount ? factor.Coefficients() : factor.Coefficients(Chosen(factor.Keys, shown));
        HtmlTable.WriteLevels(part, table.ToTables()[0], factor.Name);
        return part;
    }

    private static IEnumerable<TKey> Chosen<TKey>(IReadOnlyList<TKey> keys, int count) =>
        Enumerable.Range(0, count).Select(k => keys[(int)(k * (long)(keys.Count - 1) / (count - 1))]);
}
