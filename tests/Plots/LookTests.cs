using System.Xml.Linq;
using ScottPlot;
using TypedPooling.Plots;
using Xunit;

namespace TypedPooling.Tests.Plots;

/// <summary>What holds for every picture.</summary>
public sealed class LookTests
{
    private static readonly Dictionary<string, Func<string>> All = new()
    {
        ["shrinkage"] = () => PlotFits.Cafes.PlotShrinkage(PlotFits.Cafe).ToSvg(),
        ["levels"] = () => PlotFits.Counts.PlotLevels(PlotFits.Site).ToSvg(),
        ["levels by term"] = () => PlotFits.Cafes.PlotLevelsByTerm(PlotFits.Cafe).ToSvg(),
        ["prior and posterior"] = () => PlotFits.Cafes.PlotPriorAgainstPosterior(PlotFits.Waits.SamplePrior(), "sigma").ToSvg(),
        ["distribution"] = () => PlotFits.Counts.Intercept.PlotDistribution().ToSvg(),
        ["lines"] = () => PlotFits.Counts.PlotLines(PlotFits.Events.Take(24), e => e.X, e => e.Site, e => e.Count).ToSvg(),
        ["many lines"] = () => PlotFits.Counts.PlotLines(PlotFits.Events, e => e.X, e => e.Site, e => e.Count).ToSvg(),
        ["panels of lines"] = () => PlotFits.Counts.PlotLinesByPanel(PlotFits.Events, e => e.X, e => e.Site, e => e.Site % 2).ToSvg(),
        ["prediction"] = () => PlotFits.Cafes.PlotPrediction(PlotFits.Visits[0]).ToSvg(),
        ["count prediction"] = () => PlotFits.Counts.PlotPrediction(PlotFits.Events[0], PlotFits.Site.New(-1)).ToSvg(),
        ["check"] = () => PlotFits.Cafes.PlotCheck(PlotFits.Visits).ToSvg(),
        ["count check"] = () => PlotFits.Counts.PlotCheck(PlotFits.Events).ToSvg(),
        ["zeros"] = () => PlotFits.Counts.PlotZeros(PlotFits.Events).ToSvg(),
        ["panels of checks"] = () => PlotFits.Cafes.PlotCheckPanels(PlotFits.Visits).ToSvg(),
        ["residuals"] = () => PlotFits.Counts.Residuals(PlotFits.Events).PlotResidualPanels().ToSvg(),
        ["traces"] = () => PlotFits.Chains.PlotTraces().ToSvg(),
        ["ranks"] = () => PlotFits.Chains.PlotRanks().ToSvg(),
        ["pooling"] = () => PlotFits.Waits.ComparePooling(PlotFits.Visits, PlotFits.Cafe).PlotPooling().ToSvg(),
        ["elpd"] = () => PlotFits.Counts.Loo(PlotFits.Events).PlotElpd().ToSvg(),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_ink_has_a_contrast_of_four_and_a_half_on_white(string name)
    {
        var inks = new SvgPicture(All[name]()).Inks.Where(ink => ink != "black").ToArray();

        Assert.True(inks.Length >= 3);
        Assert.All(inks, ink => Assert.True(ContrastOnWhite(ink) >= 4.5, $"{ink}: {ContrastOnWhite(ink):F2}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_picture_has_a_title_a_text_alternative_and_text_that_browsers_take(string name)
    {
        var svg = new SvgPicture(All[name]());

        Assert.NotEmpty(svg.Elements("title").Single().Value);
        Assert.True(svg.Elements("desc").Single().Value.Length > 40);
        Assert.Equal("img", (string?)svg.Root.Attribute("role"));
        Assert.All(svg.Elements("text"), text =>
        {
            Assert.Equal(text.Value.Trim(), text.Value);
            Assert.DoesNotContain('\uFFFD', text.Value);
            Assert.Matches(@"^[-\d., ]*\d$", (string)text.Attribute("x")!);
        });
        Assert.DoesNotContain(svg.Elements("path"), path => SvgPicture.Points(path) is [var from, var to] && from == to);
        Assert.DoesNotContain("NaN", svg.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_text_leaves_the_picture(string name)
    {
        var svg = new SvgPicture(All[name]());
        var (width, height) = ((double)svg.Root.Attribute("width")!, (double)svg.Root.Attribute("height")!);

        Assert.All(svg.Elements("text").Where(text => text.Attribute("transform")!.Value.StartsWith("translate", StringComparison.Ordinal)), text =>
        {
            var place = text.Attribute("transform")!.Value.Split('(', ' ', ',', ')').Skip(1).Take(2).Select(Number).ToArray();
            var x = ((string)text.Attribute("x")!).Split(',').Select(Number).ToArray();
            var last = place[0] + x[^1] + 8;
            Assert.True(place[0] + x[0] >= 0 && last <= width + 2, $"'{text.Value}' reaches from {place[0] + x[0]:F1} to {last:F1} of {width}.");
            Assert.InRange(place[1], 0, height);
        });

        static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Pictures_on_one_page_have_identifiers_of_their_own()
    {
        var ids = new[] { "shrinkage", "levels", "check" }.SelectMany(
            name => new SvgPicture(All[name]()).Root.Descendants().Attributes("id").Select(id => id.Value)).ToArray();

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        var svg = new SvgPicture(All["shrinkage"]());
        Assert.All(svg.Root.Descendants().Attributes("clip-path"), clip => Assert.Contains(
            svg.Root.Descendants().Attributes("id"), id => clip.Value == $"url(#{id.Value})"));
    }

    [Fact]
    public void The_same_picture_is_the_same_text() => Assert.Equal(All["shrinkage"](), All["shrinkage"]());

    [Fact]
    public void Letters_come_from_the_assembly_and_not_from_the_machine()
    {
        var plot = PlotFits.Cafes.PlotLevels(PlotFits.Cafe);
        var letters = plot.Axes.GetAxes().SelectMany(axis => new[] { axis.Label, axis.TickLabelStyle }).Append(plot.Axes.Title.Label).ToArray();

        Assert.All(letters, label => Assert.NotNull(label.Font));
        Assert.Single(letters.Select(label => label.Font).Distinct());

        // No installed DejaVu Sans has as few glyphs: this one has Latin, Greek, Cyrillic and some signs.
        Assert.InRange(letters[0].Font!.GlyphCount, 1000, 2500);
        Assert.Equal("DejaVu Sans", letters[0].Font!.FamilyName);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Ticks_and_frames_are_solid_whatever_was_drawn_before_them(string name) => Assert.All(
        new SvgPicture(All[name]()).Elements("path").Where(path => (string?)path.Attribute("stroke") == "#404040"),
        path => Assert.Null(path.Attribute("stroke-dasharray")));

    [Fact]
    public void A_plot_keeps_its_dashes_after_it_was_written_as_SVG()
    {
        var plot = PlotFits.Cafes.PlotLevels(PlotFits.Cafe);
        var before = plot.GetPlottables().OfType<IHasLine>().Select(line => line.LinePattern.Name).ToArray();
        var svg = plot.ToSvg();

        Assert.Contains("stroke-dasharray", svg, StringComparison.Ordinal);
        Assert.Equal(before, plot.GetPlottables().OfType<IHasLine>().Select(line => line.LinePattern.Name));
        Assert.Equal(svg, plot.ToSvg());
    }

    [Fact]
    public void Files_have_the_size_that_suits_the_picture_or_the_one_asked_for()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var plot = PlotFits.Cafes.PlotLevels(PlotFits.Cafe);
            var panels = PlotFits.Cafes.PlotLevelsByTerm(PlotFits.Cafe);
            plot.WritePng(Path.Combine(folder.FullName, "a.png"));
            panels.WritePng(Path.Combine(folder.FullName, "b.png"), new(900, 400));
            plot.WriteSvg(Path.Combine(folder.FullName, "c.svg"));
            panels.WriteSvg(Path.Combine(folder.FullName, "d.svg"), new(900, 400));

            Assert.Equal((plot.SuitableSize().Width, plot.SuitableSize().Height), PngSize("a.png"));
            Assert.Equal((900, 400), PngSize("b.png"));
            Assert.Equal(plot.ToSvg(), File.ReadAllText(Path.Combine(folder.FullName, "c.svg")).TrimEnd());
            Assert.Equal("0 0 900 400", (string?)new SvgPicture(File.ReadAllText(Path.Combine(folder.FullName, "d.svg"))).Root.Attribute("viewBox"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        (int, int) PngSize(string file)
        {
            // The header of a PNG file: width and height at bytes 16 and 20, most significant byte first.
            var bytes = File.ReadAllBytes(Path.Combine(folder.FullName, file));
            return (Big(bytes, 16), Big(bytes, 20));
        }

        static int Big(byte[] bytes, int at) => (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }

    [Fact]
    public void Plots_of_others_can_be_written_too()
    {
        using Plot plot = new();
        plot.Add.Scatter(new double[] { 1, 2, 3 }, new double[] { 1, 4, 9 });
        var svg = new SvgPicture(plot.ToSvg());

        Assert.Equal("720", (string?)svg.Root.Attribute("width"));
        Assert.All(svg.Root.Descendants().Attributes("clip-path"), clip => Assert.Contains(
            svg.Root.Descendants().Attributes("id"), id => clip.Value == $"url(#{id.Value})"));
        Assert.Empty(svg.Elements("title"));
    }

    // Source: [WCAG22], relative luminance and contrast ratio.
    private static double ContrastOnWhite(string ink)
    {
        var channels = new[] { 1, 3, 5 }.Select(at => Convert.ToInt32(ink.Substring(at, 2), 16) / 255.0)
            .Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4)).ToArray();
        var luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2];
        return 1.05 / (luminance + 0.05);
    }
}
