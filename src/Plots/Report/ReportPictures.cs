using TypedPooling.Draws;
using TypedPooling.Keys;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots.Report;

/// <summary>The pictures that suit a fit.</summary>
internal static class ReportPictures
{
    // Of more levels pictures say little, and drawing each from its draws takes long.
    private const int MostDrawn = 3000;
    private const int MostPriors = 6;
    private const int MostTraces = 6;

    /// <summary>Pictures of the fit itself.</summary>
    public static IEnumerable<ReportPicture> Of<TRow>(Fit<TRow> fit, ReportOptions<TRow> options)
    {
        var plain = PlotOptions.Default with { Unit = options.Unit };
        foreach (var factor in fit.Factors.Where(factor => factor.LevelCount <= MostDrawn))
        {
            foreach (var picture in factor.Accept(new OfFactor<TRow>(fit, plain)))
                yield return picture;
        }

        if (options.Prior is { } prior)
        {
            foreach (var row in fit.Table.Rows.Where(row => row.Parameter.Kind != ParameterKind.PopulationEffect && row.Sd > 0).Take(MostPriors))
            {
                var name = row.Parameter.Name;
                var small = plain with { Size = new(480, 340), Title = string.Empty, Unit = UnitOf(fit, row.Parameter, options.Unit) };
                yield return ReportPicture.Small(
                    name,
                    "What was assumed before the data, dashed, and what is known after them, solid. Where the two are alike, the data say little.",
                    fit.PlotPriorAgainstPosterior(prior, name, small),
                    new QuantityTable([fit.Quantity(name)]));
            }
        }

        if (fit.Posterior.DrawKind != DrawKind.Independent && fit is not ILikelihoodFit)
        {
            var names = ChainPlots.Moving(fit, MostTraces);
            var rows = RowsOf(fit.Table.ToTables()[0], names);
            yield return ReportPicture.Of(
                "Traces",
                "The draws of each chain in their order. Chains that mix look alike; divergences are marked.",
                fit.PlotTraces(plain, names),
                rows);
            yield return ReportPicture.Of(
                "Ranks",
                "Ranks of each chain's draws among those of all chains. They are flat where the chains agree.",
                fit.PlotRanks(plain, names),
                rows);
        }

        foreach (var picture in options.Pictures)
            yield return picture;
    }

    /// <summary>Pictures of what the rows say of the fit.</summary>
    public static IEnumerable<ReportPicture> OfChecks(ReportChecks checks, string? unit)
    {
        var plain = PlotOptions.Default with { Unit = unit };
        yield return checks.Replicates;
        yield return ReportPicture.Of(
            "Residuals",
            "Quantile residuals of each row, the fit not having seen it. Where the model is right they are normal numbers about 0, and their "
                + "probabilities lie on the diagonal.",
            checks.Residuals.PlotResidualPanels(plain),
            checks.Residuals);
        yield return ReportPicture.Of(
            "Leave-one-out",
            "How well each row is predicted by a fit without it, larger is better. Where Pareto k is above the dashed line, the number is not to be "
                + "trusted.",
            checks.Loo.PlotElpd(plain),
            checks.Loo);
    }

    // Of a scale that is not the response's own, the unit is none.
    private static string? UnitOf<TRow>(Fit<TRow> fit, Parameter parameter, string? unit) => parameter.Kind switch
    {
        _ when !AxisTitles.IsOfResponse(fit.Spec, fit is LogNormalFit<TRow>) => null,
        ParameterKind.Sigma => unit,
        ParameterKind.VaryingSd => AxisTitles.Unit(parameter.Term!, unit),
        _ => null,
    };

    private static PrintedTable RowsOf(PrintedTable table, IEnumerable<string> names)
    {
        var chosen = names.Select(KeyText.Printed).ToHashSet();
        var rows = table.Rows.Where(row => chosen.Contains(row[0])).Select(row => row.AsEnumerable());
        return new(table.Title, table.Header, rows, table.Alignments, []);
    }

    // A table of coefficients has the level, its rows, and for each term the mean, the sd and the ends of the interval.
    private static PrintedTable OfTerm(PrintedTable coefficients, int term)
    {
        int[] columns = [0, 1, .. Enumerable.Range(2 + 4 * term, 4)];
        return new(
            coefficients.Title,
            columns.Select(c => coefficients.Header[c]),
            coefficients.Rows.Select(row => columns.Select(c => row[c])),
            columns.Select(c => coefficients.Alignments[c]),
            coefficients.Notes);
    }

    private sealed class OfFactor<TRow>(Fit<TRow> fit, PlotOptions plain) : IFactorVisitor<TRow, IEnumerable<ReportPicture>>
    {
        public IEnumerable<ReportPicture> Visit<TKey>(FactorFit<TRow, TKey> factor)
        {
            var group = factor.Group;
            if (factor.Terms.Length > 1)
            {
                yield return ReportPicture.Of(
                    $"Shrinkage by {factor.Name}",
                    "Each level's own estimate joined to its pooled one. Contours hold 10, 30, 50, 80 and 95 % of all levels, known and new.",
                    fit.PlotShrinkage(group, options: plain),
                    factor.Shrinkage());
            }

            var coefficients = factor.Coefficients().ToTables()[0];
            foreach (var term in factor.Terms)
            {
                yield return ReportPicture.Of(
                    $"{term} by {factor.Name}",
                    "Mean and interval of each level, in ascending order. The dashed line is the population's mean.",
                    fit.PlotLevels(group, term, plain),
                    OfTerm(coefficients, factor.Terms.IndexOf(term)));
            }
        }
    }
}
