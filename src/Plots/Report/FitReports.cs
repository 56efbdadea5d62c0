using System.Text;
using TypedPooling.Plots.Report;

namespace TypedPooling.Plots;

/// <summary>Reports of fits: one page of HTML that needs nothing beside it.</summary>
/// <remarks>
/// The page holds warnings first, then the model as mathematics, the parameter table, pictures with the tables behind them, checks, the levels, and
/// how the fit was made. Pictures are inline SVG. The page asks no other place for anything: a policy in it forbids that. The same fit gives the same
/// bytes. Thread-safe: reports of one fit can be written by any number of threads.
/// </remarks>
public static class FitReports
{
    /// <summary>Writes the report of a fit, in UTF-8.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="path">Path of the file; one that is there is replaced.</param>
    /// <param name="options">Title, unit, prior and pictures of your own; null for the defaults.</param>
    /// <exception cref="ModelException">OptionOutOfRange: an option is outside its range.</exception>
    /// <remarks>Checks need the rows, which a fit does not keep: see <see cref="Report{TRow}(Fit{TRow}, string, IEnumerable{TRow},
    /// ReportOptions{TRow})"/>.</remarks>
    public static void Report<TRow>(this Fit<TRow> fit, string path, ReportOptions<TRow>? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Write(path, fit.ToHtml(options));
    }

    /// <summary>Writes the report of a fit with checks of its rows: leave-one-out, residuals, replicated data.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="path">Path of the file; one that is there is replaced.</param>
    /// <param name="rows">The rows that were fitted.</param>
    /// <param name="options">Title, unit, prior and pictures of your own; null for the defaults.</param>
    /// <exception cref="ModelException">The rows are not those of the fit, or an option is outside its range.</exception>
    /// <remarks>O(rows draws).</remarks>
    public static void Report<TRow>(this Fit<TRow> fit, string path, IEnumerable<TRow> rows, ReportOptions<TRow>? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Write(path, fit.ToHtml(rows, options));
    }

    /// <summary>The report of a fit as text.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="options">Title, unit, prior and pictures of your own; null for the defaults.</param>
    /// <returns>The page.</returns>
    /// <exception cref="ModelException">OptionOutOfRange: an option is outside its range.</exception>
    public static string ToHtml<TRow>(this Fit<TRow> fit, ReportOptions<TRow>? options = null)
    {
        ArgumentNullException.ThrowIfNull(fit);
        return new ReportPage<TRow>(fit, null, (options ?? ReportOptions<TRow>.Default).Checked()).Write();
    }

    /// <summary>The report of a fit as text, with checks of its rows.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="rows">The rows that were fitted.</param>
    /// <param name="options">Title, unit, prior and pictures of your own; null for the defaults.</param>
    /// <returns>The page.</returns>
    /// <exception cref="ModelException">The rows are not those of the fit, or an option is outside its range.</exception>
    public static string ToHtml<TRow>(this Fit<TRow> fit, IEnumerable<TRow> rows, ReportOptions<TRow>? options = null)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(rows);
        var set = (options ?? ReportOptions<TRow>.Default).Checked();
        return new ReportPage<TRow>(fit, ReportChecks.Of(fit, rows as IReadOnlyList<TRow> ?? [.. rows], set.Unit), set).Write();
    }

    private static void Write(string path, string page) => File.WriteAllText(path, page, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
}
