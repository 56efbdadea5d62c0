using System.Globalization;
using System.Linq.Expressions;
using ScottPlot;
using TypedPooling.Keys;

namespace TypedPooling.Plots.Pictures;

/// <summary>Expected responses over a column, as lines. Immutable.</summary>
/// <param name="All">The lines, in order of their first row.</param>
/// <param name="XName">Name of the column.</param>
/// <param name="LineName">Name of what tells lines apart.</param>
/// <param name="Share">Probability of the bands in per cent.</param>
internal sealed record FittedLines(IReadOnlyList<FittedLine> All, string XName, string LineName, string Share)
{
    // Each chain keeps so many draws at least: with fewer it has no diagnostics.
    private const int FewestOfChain = 4;

    /// <summary>True where responses are drawn too.</summary>
    public bool HasPoints => All.Any(line => line.Points.Count > 0);

    /// <summary>Asks a fit for the expectations of rows.</summary>
    /// <exception cref="ModelException">NoRows: there are no rows.</exception>
    public static FittedLines Of<TRow, TLine>(
        Fit<TRow> fit,
        IEnumerable<TRow> rows,
        Expression<Func<TRow, double>> x,
        Expression<Func<TRow, TLine>> line,
        Func<TRow, string>? panel,
        Func<TRow, double>? observed,
        PlotOptions set)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(line);
        TRow[] all = [.. rows];
        if (all.Length == 0)
            throw new ModelException(new Problem(ProblemCode.NoRows, "There are no rows to draw lines at.", "Give rows of the data, or a grid."));
        var (place, key) = (x.Compile(), line.Compile());
        var draws = Math.Max(set.Draws, FewestOfChain * fit.Posterior.ChainCount);
        var thinned = fit.Posterior.DrawCount > draws ? fit.Thin(draws) : fit;
        double? probability = set.Probability;
        var predictions = thinned.PredictMean(all).Select((quantity, i) =>
        {
            var interval = quantity.Interval(probability);
            probability = interval.Probability;
            return (Row: all[i], X: place(all[i]), quantity.Mean, interval.Lower, interval.Upper);
        }).ToArray();
        var lines = predictions.GroupBy(p => (Panel: panel?.Invoke(p.Row) ?? string.Empty, Name: KeyText.Printed(KeyText.Of(key(p.Row)))))
            .Select(group =>
        {
            var points = group.GroupBy(p => p.X).OrderBy(at => at.Key).ToArray();
            return new FittedLine(
                group.Key.Panel,
                group.Key.Name,
                [.. points.Select(at => at.Key)],
                [.. points.Select(at => at.Average(p => p.Mean))],
                [.. points.Select(at => at.Average(p => p.Lower))],
                [.. points.Select(at => at.Average(p => p.Upper))],
                observed is null ? [] : [.. group.Select(p => new Coordinates(p.X, observed(p.Row)))]);
        }).ToArray();
        return new(
            lines, NameOf(x.Body), NameOf(line.Body), (100 * probability!.Value).ToString("0.#", CultureInfo.InvariantCulture));
    }

    /// <summary>A name for what a selector selects: that of the member, without conversions; other calls as they are written.</summary>
    public static string NameOf(Expression body) => body switch
    {
        UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked } converted => NameOf(converted.Operand),
        MemberExpression member => member.Member.Name,
        ConditionalExpression chosen => NameOf(chosen.Test),
        MethodCallExpression { Object: null } call => $"{call.Method.DeclaringType?.Name}.{call.Method.Name}({string.Join(", ", call.Arguments)})",
        _ => body.ToString(),
    };
}

/// <summary>One line with its band and the responses at it. Immutable.</summary>
/// <param name="Panel">The panel it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="X">Places, ascending.</param>
/// <param name="Mean">Expectations there.</param>
/// <param name="Lower">Where the band begins.</param>
/// <param name="Upper">Where the band ends.</param>
/// <param name="Points">Responses.</param>
internal sealed record FittedLine(
    string Panel, string Name, double[] X, double[] Mean, double[] Lower, double[] Upper, IReadOnlyList<Coordinates> Points);
