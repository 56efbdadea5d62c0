using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using TypedPooling.Draws;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots.Report;

/// <summary>The page of a fit, section by section.</summary>
internal sealed class ReportPage<TRow>(Fit<TRow> fit, ReportChecks? checks, ReportOptions<TRow> options)
{
    // Bytes of a page in UTF-8; headings and captions of pictures are in what is left to 2 MB. Tables of levels have a part of them. What they leave
    // is for pictures, the last of which are left out, and then for the numbers behind them.
    private const int MostBytes = 1_900_000;
    private const int MostLevelBytes = 700_000;

    private static readonly string Style = Resource("report.css");
    private static readonly string Script = Resource("report.js");

    private readonly (string Title, string Message)[] warnings = [.. ReportWarnings.Of(fit, checks)];
    private HtmlWriter html = new();

    // Pictures that are still to be written, the bytes of their drawings, and the bytes that stand below them all.
    private int waiting;
    private long waitingBytes;
    private long belowBytes;

    private static string Policy => "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"
        + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script))) + "'; base-uri 'none'; form-action 'none'";

    private string Title => options.Title ?? $"{fit.Spec.Response.Family.Name} model of {fit.Spec.Response.Name}";

    public string Write()
    {
        // What stands below the pictures is written first, so that its bytes are known.
        html = new(depth: 3);
        Section("levels", "Levels", Levels);
        Section("made", "How the fit was made", Made);
        var below = html;
        belowBytes = below.Bytes + Encoding.UTF8.GetByteCount(Script);
        ReportPicture[] own = [.. ReportPictures.Of(fit, options)];
        ReportPicture[] ofChecks = checks is null ? [] : [.. ReportPictures.OfChecks(checks, options.Unit)];
        waiting = own.Length + ofChecks.Length;
        waitingBytes = own.Concat(ofChecks).Sum(picture => (long)Encoding.UTF8.GetByteCount(picture.Svg));

        html = new();
        html.Markup("<!DOCTYPE html>\n").Begin("html", ("lang", "en"));
        Head();
        html.Begin("body").Begin("header").Element("h1", Title).Element("p", Lead(), ("class", "lead"));
        Contents();
        html.End().Begin("main");
        Warnings();
        Section("parameters", "Estimates", Parameters);
        Section("model", "Model", Model);
        Section("pictures", "Pictures", () => Pictures(own));
        if (checks is not null)
            Section("checks", "Checks", () => Pictures(ofChecks));
        html.Markup(below.ToString());
        html.End().Begin("script").Markup(Script).End().End().End();
        return html.ToString();
    }

    private void Head()
    {
        html.Begin("head")
            .Markup("<meta charset=\"utf-8\">\n")
            .Markup($"<meta http-equiv=\"Content-Security-Policy\" content=\"{HtmlWriter.Escaped(Policy)}\">\n")
            .Markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Markup("<meta name=\"color-scheme\" content=\"light dark\">\n")
            .Element("title", Title)
            .Begin("style").Markup(Style).End()
            .End();
    }

    private string Lead()
    {
        var sizes = string.Join(", ", fit.Factors.Select(factor => $"{Counted(factor.LevelCount, "level")} of {factor.Name}"));
        var what = options.Title is null ? string.Empty : $"{fit.Spec.Response.Family.Name} model of {fit.Spec.Response.Name}. ";
        var date = options.Date is { } day ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + ". " : string.Empty;
        return $"{date}{what}{Counted(fit.RowCount, "row")}{(sizes.Length > 0 ? ", " : string.Empty)}{sizes}.";
    }

    private void Contents()
    {
        (string Id, string Name)[] all =
        [
            ("warnings", warnings.Length == 0 ? "Warnings: none" : $"Warnings: {warnings.Length}"), ("parameters", "Estimates"), ("model", "Model"),
            ("pictures", "Pictures"), ("checks", "Checks"), ("levels", "Levels"), ("made", "How the fit was made"),
        ];
        html.Begin("nav", ("aria-label", "Contents")).Begin("ul");
        foreach (var (id, name) in all.Where(entry => checks is not null || entry.Id != "checks"))
            html.Begin("li").Element("a", name, ("href", "#" + id)).End();
        html.End().End();
    }

    private void Section(string id, string heading, Action content)
    {
        html.Begin("section", ("id", id)).Element("h2", heading);
        content();
        html.End();
    }

    private void Warnings() => Section("warnings", "Warnings", () =>
    {
        foreach (var (title, message) in warnings)
            html.Begin("div", ("class", "warning")).Element("h3", title).Element("p", message).End();
        if (warnings.Length == 0)
        {
            html.Begin("div", ("class", "fine")).Element("p", checks is null
                ? "None: the engine and the data leave nothing to warn of. Checks of the rows were not asked for."
                : "None: the engine, the data and the checks of the rows leave nothing to warn of.").End();
        }

        foreach (var note in fit.Notes)
            html.Element("p", $"Note. {note.Message}", ("class", "note"));
    });

    private void Parameters()
    {
        HtmlTable.Write(html, fit.Table.ToTables()[0], "Estimates");
        html.Element("p", Legend(), ("class", "note"));
        if (fit is ILikelihoodFit likely)
        {
            html.Element("h3", "Likelihood");
            HtmlTable.Write(html, likely.Likelihood.ToTables()[0], "Likelihood");
        }

        if (fit.LogEvidence is { } evidence)
        {
            html.Element(
                "p",
                string.Create(CultureInfo.InvariantCulture, $"Log evidence {evidence.Value:F2}, Monte-Carlo error {evidence.Error:G2}. ")
                    + "The difference of two models of the same rows is the log of their Bayes factor.",
                ("class", "note"));
        }

        html.Element("h3", "Shares of variance");
        try
        {
            HtmlTable.Write(html, fit.VarianceShares().ToTables()[0], "Shares of variance");
            html.Element(
                "p",
                "Marginal R^2 is the share of the variance that the population effects explain, conditional R^2 that of population and varying "
                    + "effects together. An ICC is the share of a grouping factor in what population effects leave."
                    + (fit.Spec.Response.Family.IsNormal ? string.Empty : " On the scale of the link."),
                ("class", "note"));
        }
        catch (ModelException refusal)
        {
            html.Element("p", refusal.Message, ("class", "note"));
        }
    }

    private string Legend()
    {
        var percent = (100 * fit.Table.Probability).ToString("0.##", CultureInfo.InvariantCulture);
        if (fit is ILikelihoodFit)
            return $"The last two columns are the ends of the {percent} % confidence interval, estimate and standard error taken for normal.";
        var ess = fit.Posterior.DrawKind == DrawKind.Independent
            ? "Draws are independent, so there is no R-hat."
            : "R-hat should be below 1.01.";
        return $"The columns of percentages hold the ends of the {percent} % interval: the value lies inside with that probability, given model and "
            + $"data. ess_bulk and ess_tail say how many independent draws the numbers are worth. {ess}{Words(ParameterKind.VaryingSd)}"
            + $"{Words(ParameterKind.VaryingCorrelation)}{Words(ParameterKind.Sigma)}";
    }

    private string Words(ParameterKind kind) => fit.Table.Rows.All(row => row.Parameter.Kind != kind) ? string.Empty : kind switch
    {
        ParameterKind.VaryingSd => " sd(…) is how much levels differ.",
        ParameterKind.VaryingCorrelation => " cor(…) is how effects of a level go together.",
        _ => " sigma is how much rows of one level differ.",
    };

    private void Model()
    {
        html.Begin("div", ("class", "wide"), ("role", "region"), ("aria-label", "The model as mathematics"), ("tabindex", "0"))
            .Markup(PlainText.Of(fit.Spec.ToMathML())).End();
        foreach (var remark in fit.Spec.Remarks)
            html.Element("p", remark, ("class", "note"));
        html.Element(
            "p",
            "i is a row. β are population effects, u effects of levels with sds s and correlations R. (default) marks priors made from the "
                + "data.",
            ("class", "note"));
    }

    private void Pictures(ReportPicture[] pictures)
    {
        var isOpen = false;
        foreach (var picture in pictures)
        {
            // Small pictures stand side by side.
            if (picture.IsSmall && !isOpen)
                html.Begin("div", ("class", "pairs"));
            else if (isOpen && !picture.IsSmall)
                html.End();
            isOpen = picture.IsSmall;
            Picture(picture);
        }

        if (isOpen)
            html.End();
        if (pictures.Length == 0)
            html.Element("p", "This fit has no grouping factor and no chain to draw.", ("class", "note"));
    }

    private void Picture(ReportPicture picture)
    {
        var bytes = Encoding.UTF8.GetByteCount(picture.Svg);
        (waiting, waitingBytes) = (waiting - 1, waitingBytes - bytes);
        html.Begin("figure").Element("h3", picture.Heading);
        if (bytes <= MostBytes - belowBytes - html.Bytes)
            html.Begin("div", ("class", "picture"), ("style", $"--width:{picture.Width}px"), ("tabindex", "0")).Markup(picture.Svg).End();
        else
            html.Element("p", "The picture is left out: the page would be larger than 2 MB with it.", ("class", "note"));
        html.Element("figcaption", picture.Caption);
        if (!picture.Tables.IsEmpty)
            Numbers(picture, (MostBytes - belowBytes - html.Bytes - waitingBytes) / (waiting + 1));
        html.End();
    }

    // The tables behind a picture, with as many rows as so many bytes hold.
    private void Numbers(ReportPicture picture, long mostBytes)
    {
        for (var rows = Math.Clamp(picture.Tables.Max(table => table.Rows.Length), 1, options.MostLevels); rows > 0;)
        {
            HtmlWriter part = new(depth: 6);
            part.Begin("details").Element("summary", "Numbers of this picture");
            foreach (var table in picture.Tables)
                HtmlTable.Write(part, Shortened(table, rows), picture.Heading);
            part.End();
            if (part.Bytes <= mostBytes)
            {
                html.Markup(part.ToString());
                return;
            }

            rows = (int)Math.Min(rows - 1, 0.95 * rows * Math.Max(0, mostBytes) / part.Bytes);
        }

        html.Element("p", "The numbers of this picture are left out: the page would be larger than 2 MB with them.", ("class", "note"));
    }

    private static PrintedTable Shortened(PrintedTable table, int rows) => table.Rows.Length <= rows
        ? table
        : new(
            table.Title,
            table.Header,
            table.Rows.Take(rows).Select(row => row.AsEnumerable()),
            table.Alignments,
            [.. table.Notes, string.Create(CultureInfo.InvariantCulture, $"The first {rows:N0} of {table.Rows.Length:N0} rows.")]);

    private void Levels()
    {
        var end = html.Bytes + MostLevelBytes;
        foreach (var (factor, i) in fit.Factors.Select((factor, i) => (factor, i)))
            factor.Accept(new ReportLevels<TRow>(html, options.MostLevels, (end - html.Bytes) / (fit.Factors.Length - i)));
        if (fit.Factors.IsEmpty)
            html.Element("p", "The model has no grouping factor.", ("class", "note"));
    }

    private void Made() => HtmlTable.WriteFacts(html, Facts());

    private IEnumerable<(string Name, string Value)> Facts()
    {
        var posterior = fit.Posterior;
        yield return ("Response", options.Unit is { Length: > 0 } unit ? $"{fit.Spec.Response.Name} in {unit}" : fit.Spec.Response.Name);
        yield return ("Rows", fit.RowCount.ToString("N0", CultureInfo.InvariantCulture));
        if (fit.DroppedRowCount > 0)
            yield return ("Rows dropped for missing values", fit.DroppedRowCount.ToString("N0", CultureInfo.InvariantCulture));
        foreach (var factor in fit.Factors)
            yield return ($"Levels of {factor.Name}", factor.LevelCount.ToString("N0", CultureInfo.InvariantCulture));
        yield return ("Engine", fit.EngineChoice);
        if (posterior.SamplingReason.Length > 0)
            yield return ("Sampling", posterior.SamplingReason);
        yield return ("Draws are", posterior.Exactness switch
        {
            Exactness.Exact => "of the posterior itself",
            Exactness.Approximate => "of an approximation of the posterior",
            _ => "of the normal approximation at the estimates",
        });
        yield return ("Draws", posterior.DrawKind == DrawKind.Independent
            ? $"{posterior.DrawCount.ToString("N0", CultureInfo.InvariantCulture)}, independent"
            : $"{Counted(posterior.ChainCount, "chain")} of {posterior.DrawsPerChain.ToString("N0", CultureInfo.InvariantCulture)}");
        if (posterior.Sampler is { } sampler)
            yield return ("Divergences", sampler.DivergenceCount.ToString("N0", CultureInfo.InvariantCulture));
        if (posterior.Importance is { } importance)
        {
            yield return ("Weighted sample", string.Create(
                CultureInfo.InvariantCulture,
                $"{importance.ProposalCount:N0} proposals, ESS of the weights {importance.WeightEss:N0}, k-hat {importance.ParetoK:F2}"));
        }

        yield return ("Seed", posterior.Seed.ToString(CultureInfo.InvariantCulture));
        yield return ("Versions", $"TypedPooling {Version(typeof(Fit<>))}, ScottPlot {Version(typeof(ScottPlot.Plot))}, .NET {Environment.Version}");
    }

    private static string Version(Type type) => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>() is { } version
        ? version.InformationalVersion.Split('+')[0]
        : type.Assembly.GetName().Version!.ToString();

    private static string Counted(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? string.Empty : "s")}");

    private static string Resource(string name)
    {
        using var stream = typeof(FitReports).Assembly.GetManifestResourceStream("TypedPooling.Plots.Report." + name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
