using System.Globalization;
using TypedPooling.Binding;
using TypedPooling.Data;

namespace TypedPooling;

/// <summary>Tells whether rows that are given again are those a fit was made from: as many, as many of every level, and the same means of response
/// and columns; of cells also the same means of trials, exposures and offsets.</summary>
internal sealed class FittedRowsWorkspace<TRow>
{
    // Of a mean, in standard deviations and in units of the mean's own size: rounding of sums in another order.
    private const double Tolerance = 1e-8;

    private readonly Fit<TRow> fit;
    private readonly FittedMeans means;
    private readonly double[] values;
    private readonly double[] sums;            // of deviations from the means
    private readonly long[][] levelRows;
    private long count;

    public FittedRowsWorkspace(Fit<TRow> fit)
    {
        this.fit = fit;
        means = FittedMeans.Of(fit.Bound);
        values = new double[means.Names.Length];
        sums = new double[values.Length];
        levelRows = [.. fit.Bound.Levels.Select(levels => new long[levels.Count])];
    }

    /// <summary>Adds a row; refuses it where one of its levels is none of the fit's.</summary>
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

        means.Read(design, row, values);
        for (var c = 0; c < values.Length; c++)
            sums[c] += replicates * (values[c] - means.Means[c]);
    }

    /// <summary>Refuses rows that are others.</summary>
    /// <exception cref="ModelException">They are.</exception>
    public void ThrowIfOther()
    {
        if (count != fit.RowCount)
            throw Other(
                string.Create(CultureInfo.InvariantCulture, $"{Figures.Counted(count, "row")} where the fit has {fit.RowCount:N0}"), null, null);
        for (var k = 0; k < levelRows.Length; k++)
        {
            var expected = fit.Bound.RowsByLevel(k);
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
                        fit.Bound.Levels[k].Text(level));
                }
            }
        }

        for (var c = 0; c < sums.Length; c++)
        {
            if (!(Math.Abs(sums[c] / count) <= Tolerance * (means.Sds[c] + Tolerance * Math.Abs(means.Means[c]))))
                throw Other($"another mean of '{means.Names[c]}'", means.Names[c], null);
        }
    }

    private static ModelException Other(string what, string? term, long? row, string? level = null) => new(new Problem(
        ProblemCode.OtherRows,
        $"These are not the rows that the model was fitted to: they have {what}.",
        "Give all rows that the model was fitted to, unchanged.")
    { Term = term, Row = row, Level = level, IsLevelOfData = level is not null });
}

/// <summary>Means over the rows of a fit of all that its likelihood reads of a row, in units of the rows, with an sd for each to judge differences
/// by. Immutable.</summary>
internal abstract class FittedMeans
{
    private FittedMeans(string[] names, double[] means, double[] sds) => (Names, Means, Sds) = (names, means, sds);

    public string[] Names { get; }

    public double[] Means { get; }

    public double[] Sds { get; }

    public static FittedMeans Of(BoundModel model) => model is CellBoundModel cells ? new OfCells(cells) : new OfSums((NormalBoundModel)model);

    /// <summary>Reads the same of a row.</summary>
    /// <param name="design">Rows.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="values">Overwritten. Length: number of names.</param>
    public abstract void Read(RowDesign design, int row, Span<double> values);

    // Columns, then the response less its offset.
    private sealed class OfSums : FittedMeans
    {
        public OfSums(NormalBoundModel model)
            : base(
                [.. model.Spec.Columns.Select(column => column.Name), model.Spec.Response.Name],
                new double[Width(model)],
                new double[Width(model)])
        {
            var total = model.Unweighted ?? model.Cells.Total();
            for (var c = 0; c < Means.Length; c++)
            {
                Means[c] = total.Means(0)[c];
                Sds[c] = Math.Sqrt(total.CrossProducts(0)[c * (c + 1) / 2 + c] / total.RowCount);
                if (model.Standardization is not { } by)
                    continue;
                var (origin, scale) = c < Means.Length - 1 ? (by.Origins[c], by.Scales[c]) : (by.ResponseOrigin, by.ResponseScale);
                (Means[c], Sds[c]) = (origin + scale * Means[c], scale * Sds[c]);
            }
        }

        public override void Read(RowDesign design, int row, Span<double> values)
        {
            var width = values.Length - 1;
            design.Matrix.AsSpan(row * width, width).CopyTo(values);
            values[width] = design.Responses![row] - design.Offsets[row];
        }

        private static int Width(NormalBoundModel model) => model.Cells.ColumnCount + 1;
    }

    // Columns, then offset, response and size, each a cell's own share of a row.
    private sealed class OfCells : FittedMeans
    {
        private readonly bool hasExposureAsOffset;

        public OfCells(CellBoundModel model)
            : base(
                [.. model.Spec.Columns.Select(column => column.Name), "offset", model.Spec.Response.Name, "trials or exposure"],
                new double[model.Cells.ColumnCount + 3],
                new double[model.Cells.ColumnCount + 3])
        {
            hasExposureAsOffset = model.Family.ExposureIsOffset;
            var (cells, width) = (model.OriginalCells, model.Cells.ColumnCount);
            var own = new double[Means.Length];
            for (var pass = 0; pass < 2; pass++)
            {
                for (var cell = 0; cell < cells.Count; cell++)
                {
                    double rows = cells.Rows[cell];
                    cells.Columns.Slice(cell * width, width).CopyTo(own);
                    own[width] = cells.Offsets[cell];
                    own[width + 1] = model.Family.KeepsResponses ? cells.Responses[cell] : cells.Responses[cell] / rows;
                    own[width + 2] = cells.Sizes[cell] / rows;
                    for (var c = 0; c < own.Length; c++)
                    {
                        if (pass == 0)
                            Means[c] += own[c] * (rows / cells.RowCount);
                        else
                            Sds[c] += (own[c] - Means[c]) * (own[c] - Means[c]) * (rows / cells.RowCount);
                    }
                }
            }

            // Rows of one cell differ where cells do not: by no less than a part of the mean.
            for (var c = 0; c < own.Length; c++)
                Sds[c] = Math.Sqrt(Sds[c]) + (c < width ? 0 : 1e-3 * Math.Abs(Means[c]));
        }

        public override void Read(RowDesign design, int row, Span<double> values)
        {
            var width = values.Length - 3;
            design.Matrix.AsSpan(row * width, width).CopyTo(values);
            var size = design.Weights is null ? 1 : design.Weights[row];
            values[width] = design.Offsets[row] + (hasExposureAsOffset ? Math.Log(size) : 0);
            values[width + 1] = design.Responses![row];
            values[width + 2] = hasExposureAsOffset ? 1 : size;
        }
    }
}
