using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TypedPooling.Plots;
using Xunit;

namespace TypedPooling.Tests.Plots.Report;

/// <summary>The page of a fit: what it holds, in which order, and that nothing of the data becomes markup.</summary>
public sealed class ReportTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static readonly Lazy<string> CafePage = new(() => ReportCases.Cafes.ToHtml(
        ReportCases.Rows, new() { Unit = "minutes", Prior = ReportCases.Model().SamplePrior() }));

    private static XElement Parsed(string page)
    {
        Assert.StartsWith("<!DOCTYPE html>\n<html", page, StringComparison.Ordinal);

        // The only elements without an end; everything else is well formed, or this throws.
        return XElement.Parse(Regex.Replace(page["<!DOCTYPE html>\n".Length..], "(<meta [^>]*)>", "$1/>"));
    }

    private static XElement Section(XElement page, string id) =>
        page.Descendants("section").Single(section => section.Attribute("id")?.Value == id);

    private static string[] Cells(XElement row) => [.. row.Elements().Select(cell => cell.Value)];

    [Fact]
    public void The_sections_of_a_page_begin_with_the_warnings() => Assert.Equal(
        ["warnings", "parameters", "model", "pictures", "checks", "levels", "made"],
        Parsed(CafePage.Value).Descendants("section").Select(section => section.Attribute("id")!.Value));

    [Fact]
    public void The_table_of_estimates_is_that_of_the_fit()
    {
        var rows = Section(Parsed(CafePage.Value), "parameters").Descendants("table").First().Descendants("tr").Select(Cells).ToArray();
        var table = ReportCases.Cafes.Table.ToTables()[0];

        Assert.Equal(table.Header.ToArray(), rows[0]);
        Assert.Equal(table.Rows.Select(row => row.ToArray()), rows[1..]);
    }

    [Fact]
    public void The_levels_are_the_coefficients_of_the_fit()
    {
        var table = Section(Parsed(CafePage.Value), "levels").Descendants("table").Single();

        Assert.Equal("sortable", table.Attribute("class")!.Value);
        Assert.Equal(
            ReportCases.Cafes.For(ReportCases.Cafe).Coefficients().ToTables()[0].Rows.Select(row => row.ToArray()),
            table.Element("tbody")!.Elements().Select(Cells));
    }

    [Fact]
    public void The_model_is_mathematics()
    {
        XNamespace math = "http://www.w3.org/1998/Math/MathML";
        var model = Section(Parsed(CafePage.Value), "model").Descendants(math + "math").Single();

        Assert.True(XNode.DeepEquals(XElement.Parse(ReportCases.Cafes.Spec.ToMathML()), model));
    }

    [Fact]
    public void Every_picture_has_a_title_a_text_alternative_and_identifiers_of_its_own()
    {
        var page = Parsed(CafePage.Value);
        var pictures = page.Descendants(Svg + "svg").ToArray();

        // Shrinkage, intervals of two terms, four priors (two sds, a correlation, sigma), replicates, residuals, leave-one-out.
        Assert.Equal(10, pictures.Length);
        Assert.All(pictures, picture =>
        {
            Assert.Equal("img", picture.Attribute("role")!.Value);
            Assert.NotEmpty(picture.Element(Svg + "title")!.Value);
            Assert.NotEmpty((picture.Attribute("aria-label") ?? picture.Attribute("aria-labelledby"))!.Value);
            Assert.NotNull(picture.Attribute("viewBox"));
        });
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Numbers_stand_behind_every_picture()
    {
        var page = Parsed(CafePage.Value);
        var behind = page.Descendants("figure").ToDictionary(
            figure => figure.Element("h3")!.Value, figure => figure.Element("details")!.Descendants("tr").Select(Cells).ToArray());

        Assert.Equal(10, behind.Count);
        Assert.Contains(behind["Shrinkage by Cafe"], row => row[0] == "complete pooling");
        var coefficients = ReportCases.Cafes.For(ReportCases.Cafe).Coefficients().ToTables()[0].Rows;
        Assert.Equal(coefficients.Select(row => row.Take(6).ToArray()), behind["Intercept by Cafe"][1..]);
        Assert.Equal(coefficients.Select(row => row.Take(2).Concat(row.Skip(6)).ToArray()), behind["Afternoon by Cafe"][1..]);
        foreach (var name in new[] { "sigma", "sd(Cafe: Intercept)", "sd(Cafe: Afternoon)", "cor(Cafe: Intercept, Afternoon)" })
            Assert.Equal(name, Assert.Single(behind[name][1..])[0]);
        Assert.Contains(behind["Replicated data"], row => row[0] == "maximum");
        Assert.True(behind["Residuals"].Length > 1 && behind["Leave-one-out"].Length > 1);
    }

    [Fact]
    public void Rows_of_the_table_stand_behind_traces_and_ranks_and_what_is_fixed_is_not_drawn()
    {
        var page = Parsed(ReportCases.Divergent().ToHtml());
        var table = ReportCases.Divergent().Table.ToTables()[0].Rows.Select(row => row.ToArray()).ToArray();
        foreach (var heading in new[] { "Traces", "Ranks" })
        {
            var figure = page.Descendants("figure").Single(figure => figure.Element("h3")!.Value == heading);
            Assert.Equal(table, figure.Element("details")!.Descendants("tbody").Single().Elements().Select(Cells));
        }

        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Prior.Fixed(0.5)).Intercept(Prior.Normal(5, 2)).Fit(
            ReportCases.Rows, Engine.Nuts, new() { Chains = 2, Draws = 100, Warmup = 100 });
        Assert.DoesNotContain(
            Parsed(fit.ToHtml()).Descendants(Svg + "svg").SelectMany(svg => svg.Descendants(Svg + "text")), text => text.Value == "sigma");
    }

    [Fact]
    public void How_the_fit_was_made_is_told()
    {
        var facts = Section(Parsed(CafePage.Value), "made").Descendants("tr").ToDictionary(row => Cells(row)[0], row => Cells(row)[1]);

        Assert.Equal(
            ("Wait in minutes", "200", "20", "1", ReportCases.Cafes.EngineChoice),
            (facts["Response"], facts["Rows"], facts["Levels of Cafe"], facts["Seed"], facts["Engine"]));
        Assert.Matches(@"^TypedPooling \d+\.\d+\.\d+, ScottPlot 5\.\d+\.\d+, \.NET 10\.", facts["Versions"]);
    }

    [Fact]
    public void Nothing_comes_from_another_place_and_the_policy_allows_this_script_only()
    {
        var page = Parsed(CafePage.Value);
        var script = Assert.Single(page.Descendants("script"));
        var policy = page.Descendants("meta").Single(meta => meta.Attribute("http-equiv") is not null).Attribute("content")!.Value;

        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script.Value)));
        Assert.Contains($"'sha256-{hash}'", policy, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute => attribute.Name.LocalName is "src" or "srcset" or "data" or "action"
            || attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal)
            || (attribute.Name.LocalName == "href" && !attribute.Value.StartsWith('#')));
        Assert.DoesNotMatch(@"@import|url\((?!#)", CafePage.Value);
    }

    [Fact]
    public void The_same_fit_gives_the_same_bytes_whenever_it_is_made()
    {
        var again = ReportCases.Model().Fit(ReportCases.Rows, ReportCases.Small);

        Assert.Equal(CafePage.Value, again.ToHtml(
            ReportCases.Rows, new() { Unit = "minutes", Prior = ReportCases.Model().SamplePrior() }));
        Assert.DoesNotContain(" ms", CafePage.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_date_is_shown_where_one_is_given()
    {
        var dated = ReportCases.Cafes.ToHtml(new() { Date = new(2026, 3, 1), Title = "Waits" });

        Assert.Contains("2026-03-01", Parsed(dated).Descendants("p").First().Value, StringComparison.Ordinal);
        Assert.Equal("Waits", Parsed(dated).Descendants("h1").Single().Value);
        Assert.DoesNotMatch(@"20\d\d-\d\d-\d\d", CafePage.Value);
    }

    [Fact]
    public void Without_rows_there_are_no_checks_and_the_page_says_so()
    {
        var page = Parsed(ReportCases.Cafes.ToHtml());

        Assert.DoesNotContain(page.Descendants("section"), section => section.Attribute("id")!.Value == "checks");
        Assert.Contains("not asked for", Section(page, "warnings").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Markup_in_keys_names_units_and_titles_is_text()
    {
        const string Markup = ReportCases.Markup;
        var rows = ReportCases.Visits(6, 8, j => $"{Markup}{j}");
        var model = ReportCases.Model(Markup);
        var page = model.Fit(rows, ReportCases.Small).ToHtml(
            rows, new() { Unit = Markup, Title = Markup, Prior = model.SamplePrior() });

        var parsed = Parsed(page);
        Assert.Single(Regex.Matches(page, "<script", RegexOptions.IgnoreCase));
        Assert.DoesNotContain("<!--", page, StringComparison.Ordinal);
        Assert.Equal(Markup, parsed.Descendants("h1").Single().Value);
        Assert.Contains($"{Markup}0", Section(parsed, "levels").Descendants("th").Select(cell => cell.Value));
        Assert.Contains(Markup, Section(parsed, "parameters").Descendants("th").Select(cell => cell.Value));
        Assert.Contains(parsed.Descendants(Svg + "svg"), picture => picture.Value.Contains(Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void Characters_that_no_page_can_hold_are_written_as_escapes()
    {
        string[] keys = ["half \uD800", "start \u0001", "none \uFFFE", string.Concat(Enumerable.Repeat("😀", 40))];
        var rows = ReportCases.Visits(4, 8, j => keys[j]);
        var model = ReportCases.Model("late\uDFFF");
        var page = model.Fit(rows, ReportCases.Small).ToHtml(
            rows, new() { Unit = "min\u0008", Title = "Waits \uDC00", Prior = model.SamplePrior() });

        var parsed = Parsed(page);
        Assert.Equal(@"Waits \uDC00", parsed.Descendants("h1").Single().Value);
        Assert.Equal(
            [@"half \uD800", @"start \u0001", @"none \uFFFE", keys[3]],
            Section(parsed, "levels").Descendants("tbody").Single().Elements().Select(row => Cells(row)[0]));
        Assert.Contains(@"late\uDFFF", Section(parsed, "model").Value, StringComparison.Ordinal);
        Assert.Equal(page, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(page)));
    }

    [Fact]
    public void A_page_of_very_many_levels_is_below_2_MB_and_says_what_it_leaves_out()
    {
        var rows = ReportCases.Visits(20_000, 2, j => $"A café with a long name, number {j}");
        var page = ReportCases.Model().Fit(rows, ReportCases.Small).ToHtml();

        Assert.InRange(Encoding.UTF8.GetByteCount(page), 50_000, 2_000_000);
        var levels = Section(Parsed(page), "levels");
        Assert.Contains("1,000 of 20,000 levels", levels.Value, StringComparison.Ordinal);
        Assert.Equal(1000, levels.Descendants("tbody").Single().Elements().Count());
        Assert.Equal("A café with a long name, number 19999", Cells(levels.Descendants("tbody").Single().Elements().Last())[0]);
    }

    [Fact]
    public void A_fit_with_divergences_begins_with_them() =>
        BeginsWith("Divergences", "TargetAcceptance", ReportCases.Divergent().ToHtml());

    [Fact]
    public void A_fit_at_the_boundary_begins_with_it() => BeginsWith("Boundary", "Cafe", ReportCases.Boundary().ToHtml());

    [Fact]
    public void Rows_that_the_draws_cannot_leave_out_are_warned_of_first()
    {
        var (fit, rows) = ReportCases.HighParetoK();

        BeginsWith("Leave-one-out", "refit: true", fit.ToHtml(rows));
        Assert.DoesNotContain("Leave-one-out", Section(Parsed(fit.ToHtml()), "warnings").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_the_family_does_not_give_are_warned_of_first()
    {
        Visit[] rows = [.. ReportCases.Rows.Select((row, i) => i % 50 == 7 ? row with { Wait = row.Wait + 30 } : row)];

        BeginsWith("Residuals", "StudentT for heavy tails", ReportCases.Model().Fit(rows, ReportCases.Small).ToHtml(rows));
    }

    [Fact]
    public void A_fit_without_groups_has_a_report_too()
    {
        var page = Parsed(PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Fit(ReportCases.Rows, ReportCases.Small).ToHtml(ReportCases.Rows));

        Assert.Contains("no grouping factor", Section(page, "levels").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_is_written_to_a_file_in_UTF_8_without_a_mark()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "waits.html");
        ReportCases.Cafes.Report(path, new() { Unit = "minutes" });

        Assert.Equal(Encoding.UTF8.GetBytes(ReportCases.Cafes.ToHtml(new() { Unit = "minutes" })), File.ReadAllBytes(path));
    }

    [Fact]
    public void Refuses_a_table_of_too_few_levels() => Assert.Equal(
        ProblemCode.OptionOutOfRange,
        Assert.Single(Assert.Throws<ModelException>(() => ReportCases.Cafes.ToHtml(new() { MostLevels = 1 })).Problems).Code);

    // The first section has this warning, with what to do; nothing but the head of the page stands before it.
    private static void BeginsWith(string title, string remedy, string page)
    {
        var parsed = Parsed(page);
        var first = parsed.Descendants("section").First();
        var warnings = first.Descendants("div").Where(div => div.Attribute("class")?.Value == "warning").ToArray();

        Assert.Equal("warnings", first.Attribute("id")!.Value);
        Assert.Contains(warnings, warning => warning.Element("h3")!.Value == title
            && warning.Element("p")!.Value.Contains(remedy, StringComparison.Ordinal));
        Assert.Contains($"Warnings: {warnings.Length}", parsed.Descendants("nav").Single().Value, StringComparison.Ordinal);
    }
}
