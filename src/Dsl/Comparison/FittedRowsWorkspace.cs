using System.Globalization;
using TypedPooling.Binding;

namespace TypedPooling;

/// <summary>Tells whether rows that are given again are those a fit was made from: as many, as many of every level, and the same means of response
/// and columns.</summary>
internal sealed class FittedRowsWorkspace<TRow>
{
    // Of a mean, in standard deviations and in units of the mean's own size: rounding of sums in another order.
    private const double Tolerance = 1e-8;

    private readonly Fit<TRow> fit;
    private readonly double[] means;           // of columns and response, in units of the rows
    private readonly double[] sds;
    private readonly double[] sums;            // of deviations from them
    private readonly long[][] levelRows;
    private long count;

    public FittedRowsWorkspace(Fit<TRow> fit)
    {
        this.fit = fit;
        var model = fit.Model;
        var total = model.Unweighted ?? model.Cells.Total();
        var width = total.ColumnCount + 1;
        var by = model.Standardization;
        means = total.Means(0).ToArray();
        sds = [.. Enumerable.Range(0, width).Select(c => Math.Sqrt(total.CrossProducts(0)[c * (c + 1) / 2 + c] / total.RowCount))];
        for (var c = 0; by is not null && c < width; c++)
        {
            var (origin, scale) = c < width - 1 ? (by.Origins[c], by.Scales[c]) : (by.ResponseOrigin, by.ResponseScale);
            (means[c], sds[c]) = (origin + scale * means[c], scale * sds[c]);
        }

        sums = new double[width];
        levelRows = [.. model.Levels.Select(levels => new long[levels.Count])];
    }

    /// <summary>Adds a row; false where one of its levels is none of the fit's.</summary>
    public void Add(RowDesign design, int row, long replicates)
    {
        count += replicates;
        for (var k = 0; k < levelRows.Length; k++)
        {
            var level = design.Levels[row * levelRows.Length + k];
            if (level < 0)
                throw Other(
                    $"a level of {fit.Spec.Factors[k].Name}, '{design.KeyText(row, k)}', that the fit does not know",
                    fit.Spec.Factors[k].Name,
                    design.RowNumbers[row]);
            levelRows[k][level] += replicates;
        }

        var width = sums.Length - 1;
        for (var c = 0; c < width; c++)
            sums[c] += replicates * (design.Matrix[row * width + c] - means[c]);
        sums[width] += replicates * (design.Responses![row] - design.Offsets[row] - means[width]);
    }

    /// <summary>Refuses rows that are others.</summary>
    /// <exception cref="ModelException">They are.</exception>
    public void ThrowIfOther()
    {
        if (count != fit.RowCount)
            throw Other(
                string.Create(CultureInfo.InvariantCulture, $"{Figures.Counted(count, "row")} where the fit has {fit.RowCount:N0}"), null, null);
        var cells = fit.Model.Cells;
        for (var k = 0; k < levelRows.Length; k++)
        {
            var expected = new long[levelRows[k].Length];
            for (var cell = 0; cell < cells.CellCount; cell++)
                expected[fit.Model.CellLevels(k)[cell]] += cells.Rows(cell);
            for (var level = 0; level < expected.Length; level++)
            {
                if (levelRows[k][level] != expected[level])
                {
                    throw Other(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{Figures.Counted(levelRows[k][level], "row")} of a level of {fit.Spec.Factors[k].Name} "
                                + $"where the fit has {expected[level]:N0}"),
                        fit.Spec.Factors[k].Name,
                        null,
                        fit.Model.Levels[k].Text(level));
                }
            }
        }

        for (var c = 0; c < sums.Length; c++)
        {
            if (Math.Abs(sums[c] / count) <= Tolerance * (sds[c] + Tolerance * Math.Abs(means[c])))
                continue;
            var name = c < sums.Length - 1 ? fit.Spec.Columns[c].Name : fit.Spec.Response.Name;
            throw Other($"another mean of '{name}'", name, null);
        }
    }

    private static ModelException Other(string what, string? term, long? row, string? level = null) => new(new Problem(
        ProblemCode.OtherRows,
        $"These are not the rows that the model was fitted to: they have {what}.",
        "Give all rows that the model was fitted to, unchanged.")
    { Term = term, Row = row, Level = level, IsLevelOfData = level is not null });
}
