using SkiaSharp;
using TypedPooling.Plots;
using TypedPooling.Tests.Lanes;
using Xunit;

namespace TypedPooling.Tests.Plots.Report;

/// <summary>Reports as a browser shows them. In the lane "reach"; skipped, with the reason, elsewhere and where there is no browser.</summary>
public sealed class BrowserTests
{
    private static readonly Lazy<string> CafePage = new(() => Written(
        "cafe.html", ReportCases.Cafes.ToHtml(ReportCases.Rows, new() { Unit = "minutes", Prior = ReportCases.Model().SamplePrior() })));

    private static string Written(string name, string page)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "reports", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, page);
        return path;
    }

    private static void Require()
    {
        Skip.IfNot(Lane.IsReach, $"A browser takes its time: set {Lane.ReachVariable}=true to test pages in one.");
        Skip.If(Browser.Program is null && !Lane.RequiresBrowser, "There is no chromium on the path; install it to run this test.");
        Assert.NotNull(Browser.Program);
    }

    [SkippableTheory]
    [InlineData(1200, "light")]
    [InlineData(400, "light")]
    [InlineData(1200, "dark")]
    [InlineData(400, "dark")]
    public async Task A_page_is_drawn_without_faults_and_is_no_wider_than_its_window(int width, string scheme)
    {
        Require();
        await using var browser = await Browser.Start();
        await browser.Open(CafePage.Value, width, 800, scheme);

        Assert.Equal(width, (await browser.Evaluate("document.documentElement.clientWidth"))!.GetValue<int>());
        Assert.Equal(width, (await browser.Evaluate("document.documentElement.scrollWidth"))!.GetValue<int>());

        // A picture that is wider scrolls in a box of its own.
        var boxes = (await browser.Evaluate(
            "(() => { const size = e => e.getBoundingClientRect(); const drawn = (s, kinds) => Array.from(s.querySelectorAll(kinds))"
                + ".filter(e => size(e).width + size(e).height > 0).length;"
                + " return Array.from(document.querySelectorAll('svg[role=img]')).map("
                + "s => [size(s).width, size(s).height, drawn(s, 'path, ellipse'), drawn(s, 'text')]); })()"))!.AsArray();
        Assert.Equal(10, boxes.Count);
        Assert.All(boxes, box => Assert.True(box![0]!.GetValue<double>() > 200 && box[1]!.GetValue<double>() > 100));

        // Marks that take room: a frame, ticks and a curve at least, a number at each tick, titles and a key.
        Assert.All(boxes, box => Assert.True(box![2]!.GetValue<int>() > 10 && box[3]!.GetValue<int>() > 8, box.ToJsonString()));
        Assert.True(boxes[0]![2]!.GetValue<int>() > 20);
        Assert.True((await browser.Evaluate("document.querySelector('math').getBoundingClientRect().height"))!.GetValue<double>() > 100);

        var image = await browser.Screenshot();
        await File.WriteAllBytesAsync(Path.ChangeExtension(CafePage.Value, $".{width}.{scheme}.png"), image);
        using var pixels = SKBitmap.Decode(image);
        Assert.Equal(width, pixels.Width);
        Assert.True(pixels.Height > 3000);
        Assert.Equal(scheme == "dark", pixels.GetPixel(1, 1).Red < 128);
        Assert.Empty(browser.Faults);
    }

    [SkippableFact]
    public async Task Levels_are_sorted_by_the_buttons_of_their_headers_and_searched()
    {
        Require();
        await using var browser = await Browser.Start();
        await browser.Open(CafePage.Value, 1000, 800);
        const string Shown = "Array.from(document.querySelectorAll('table.sortable tbody tr')).filter(r => !r.hidden)"
            + ".map(r => [r.cells[0].textContent, r.cells[2].textContent])";

        async Task<(string Name, double Value)[]> Rows() => [.. (await browser.Evaluate(Shown))!.AsArray().Select(row => (
            row![0]!.GetValue<string>(), double.Parse(row[1]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture)))];

        var before = await Rows();
        Assert.Equal(Enumerable.Range(1, 20).Select(j => $"Cafe {j}"), before.Select(row => row.Name));

        await browser.Evaluate("document.querySelectorAll('table.sortable th button')[2].click()");
        Assert.Equal(before.OrderBy(row => row.Value).Select(row => row.Value), (await Rows()).Select(row => row.Value));
        await browser.Evaluate("document.querySelectorAll('table.sortable th button')[2].click()");
        Assert.Equal(before.OrderByDescending(row => row.Value).Select(row => row.Value), (await Rows()).Select(row => row.Value));
        Assert.Equal("descending", (await browser.Evaluate("document.querySelectorAll('table.sortable thead th')[2].ariaSort"))!.GetValue<string>());
        await browser.Evaluate("document.querySelectorAll('table.sortable th button')[0].click()");
        Assert.Equal(before, await Rows());

        await browser.Evaluate(
            "(() => { const i = document.querySelector('input[type=search]'); i.value = 'CAFE 1'; i.dispatchEvent(new Event('input')); })()");
        Assert.Equal(
            ["Cafe 1", .. Enumerable.Range(10, 10).Select(j => $"Cafe {j}")], (await Rows()).Select(row => row.Name));
        Assert.Empty(browser.Faults);
    }

    [SkippableFact]
    public async Task Markup_in_keys_is_shown_and_not_run()
    {
        Require();
        var rows = ReportCases.Visits(6, 8, j => $"{ReportCases.Markup}{j}");
        var path = Written("markup.html", ReportCases.Model(ReportCases.Markup).Fit(rows, ReportCases.Small).ToHtml(rows));
        await using var browser = await Browser.Start();
        await browser.Open(path, 1000, 800);

        Assert.Equal(
            $"{ReportCases.Markup}0",
            (await browser.Evaluate("document.querySelector('table.sortable tbody th').textContent"))!.GetValue<string>());
        Assert.Equal(1, (await browser.Evaluate("document.scripts.length"))!.GetValue<int>());
        Assert.Empty(browser.Faults);
    }

    [SkippableFact]
    public async Task Another_script_would_be_refused_and_noticed()
    {
        Require();
        var page = File.ReadAllText(CafePage.Value).Replace("</h1>", "</h1><script>alert(1)</script>", StringComparison.Ordinal);
        var path = Written("foreign.html", page);
        await using var browser = await Browser.Start();
        await browser.Open(path, 1000, 800);

        Assert.Contains(browser.Faults, fault => fault.Contains("Content Security Policy", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(browser.Faults, fault => fault.StartsWith("Page.javascriptDialogOpening", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Paper_shows_what_is_folded_and_no_buttons()
    {
        Require();
        await using var browser = await Browser.Start();
        await browser.Open(CafePage.Value, 1000, 800);
        await browser.Ask("Emulation.setEmulatedMedia", new { media = "print" });

        Assert.Equal(0, (await browser.Evaluate(
            "Array.from(document.querySelectorAll('input, nav')).filter(e => e.getBoundingClientRect().height > 0).length"))!.GetValue<int>());
        Assert.True((await browser.Evaluate("document.querySelector('details table').getBoundingClientRect().height"))!.GetValue<double>() > 100);
        Assert.NotEmpty((await browser.Ask("Page.printToPDF"))["data"]!.GetValue<string>());
    }
}
