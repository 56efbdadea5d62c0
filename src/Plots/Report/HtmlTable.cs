namespace TypedPooling.Plots.Report;

/// <summary>Tables as HTML.</summary>
internal static class HtmlTable
{
    /// <summary>Writes a table with its notes below; a wide one scrolls by itself.</summary>
    /// <param name="html">Written to.</param>
    /// <param name="table">The table. Its title is its caption.</param>
    /// <param name="name">What it is, for who does not see the page.</param>
    public static void Write(HtmlWriter html, PrintedTable table, string name)
    {
        html.Begin("div", ("class", "wide"), ("role", "region"), ("aria-label", name), ("tabindex", "0"));
        Grid(html, table, sortable: null);
        html.End();
        foreach (var note in table.Notes)
            html.Element("p", note, ("class", "note"));
    }

    /// <summary>Writes a table of levels, which the script of the page makes sortable and searchable.</summary>
    /// <param name="html">Written to.</param>
    /// <param name="table">The table.</param>
    /// <param name="what">What its rows are: the name of the grouping factor.</param>
    public static void WriteLevels(HtmlWriter html, PrintedTable table, string what)
    {
        html.Begin("div", ("class", "levels"), ("role", "region"), ("aria-label", $"Levels of {what}"), ("tabindex", "0"));
        Grid(html, table, what);
        html.End();
    }

    /// <summary>Writes a list of facts as a table of two columns.</summary>
    public static void WriteFacts(HtmlWriter html, IEnumerable<(string Name, string Value)> facts)
    {
        html.Begin("table", ("class", "facts")).Begin("tbody");
        foreach (var (name, value) in facts)
            html.Begin("tr").Element("th", name, ("scope", "row")).Element("td", value).End();
        html.End().End();
    }

    private static void Grid(HtmlWriter html, PrintedTable table, string? sortable)
    {
        if (sortable is null)
            html.Begin("table");
        else
            html.Begin("table", ("class", "sortable"), ("data-what", sortable));
        if (table.Title.Length > 0)
            html.Element("caption", table.Title);
        html.Begin("thead").Begin("tr");
        for (var c = 0; c < table.Header.Length; c++)
        {
            if (table.Alignments[c] == ColumnAlignment.Right)
                html.Element("th", table.Header[c], ("scope", "col"), ("class", "right"));
            else
                html.Element("th", table.Header[c], ("scope", "col"));
        }

        html.End().End().Begin("tbody");
        foreach (var row in table.Rows)
        {
            html.Begin("tr");
            for (var c = 0; c < row.Length; c++)
            {
                if (c == 0)
                    html.Element("th", row[c], ("scope", "row"));
                else if (table.Alignments[c] == ColumnAlignment.Right)
                    html.Element("td", row[c], ("class", "right"));
                else
                    html.Element("td", row[c]);
            }

            html.End();
        }

        html.End().End();
    }
}
