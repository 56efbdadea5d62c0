using TypedPooling.Responses;

namespace TypedPooling.Data;

/// <summary>Rows of a response that is not Normal, those with equal columns, offset and levels collapsed to one cell. Immutable.</summary>
/// <remarks>
/// With a successes (events) and n trials (exposure) a row, a cell holds their sums over its rows: the likelihood of the linear predictor eta is that
/// of the rows, a log pi + (n - a) log(1 - pi) for proportions and a eta - n exp(eta) for counts, but for <see cref="LogConstant"/>, which does not
/// know eta. A cell of Gamma responses holds the sum a of n rows, alpha (-n eta - a exp(-eta)), and all cells together the sum of logs. Where the
/// family is NegativeBinomial or StudentT a cell holds the response a that its n rows have in common (an exposure is part of the offset, as its log).
/// Built by <see cref="ResponseCellsBuilder"/>.
/// </remarks>
public sealed partial class ResponseCells
{
    private readonly double[] columns;
    private readonly double[] offsets;
    private readonly int[] levels;
    private readonly double[] responses;
    private readonly double[] sizes;
    private readonly long[] rows;
    private readonly ResponseSums sums;

    // As they were when the last row came: compensations are still apart, so that further rows add the same bits.
    private readonly ResponseSums open;
    private readonly double sumOfConstants;
    private readonly double compensation;

    internal ResponseCells(
        int columnCount,
        int factorCount,
        double[] columns,
        double[] offsets,
        int[] levels,
        double[] responses,
        double[] sizes,
        long[] rows,
        double logConstant,
        double saturatedLogLikelihood,
        (double Events, double Failures) gaps,
        ResponseSums sums,
        double compensation = 0)
    {
        ColumnCount = columnCount;
        FactorCount = factorCount;
        this.columns = columns;
        this.offsets = offsets;
        this.levels = levels;
        this.responses = responses;
        this.sizes = sizes;
        (sumOfConstants, this.compensation) = (logConstant, compensation);
        LogConstant = logConstant + compensation;
        SaturatedLogLikelihood = saturatedLogLikelihood;
        (EventsGap, FailuresGap) = gaps;
        this.rows = rows;
        open = sums;
        this.sums = sums.Settled();
        RowCount = rows.Sum();
    }

    /// <summary>Number of columns m.</summary>
    public int ColumnCount { get; }

    /// <summary>Number of grouping factors K.</summary>
    public int FactorCount { get; }

    /// <summary>Number of cells C.</summary>
    public int Count => responses.Length;

    /// <summary>Number of rows over all cells.</summary>
    public long RowCount { get; }

    /// <summary>What the rows' log likelihood holds beside the cells': the sum of log binomial coefficients, or of y log n - log y! for
    /// counts.</summary>
    public double LogConstant { get; }

    /// <summary>Log likelihood of the rows where each is expected to be just what it is: what deviances are measured from. 0 for Bernoulli rows, and
    /// where it depends on a shape.</summary>
    public double SaturatedLogLikelihood { get; }

    /// <summary>The sum of log y over the rows of a Gamma response; 0 for other families.</summary>
    public double LogResponseSum => sums.Log;

    /// <summary>Mean over the rows of what lies about the linear predictor without offsets: y less its offset where the response is StudentT, log y
    /// less its offset where it is Gamma; 0 for other families.</summary>
    public double ResponseMean => sums.Mean;

    /// <summary>The sd, with n - 1, about <see cref="ResponseMean"/>; 0 for other families and a single row.</summary>
    public double ResponseSd => RowCount > 1 ? Math.Sqrt(sums.Squares / (RowCount - 1)) : 0;

    /// <summary>The sum over rows of a log(a / n) less that over cells, each with its sums: what rows of other rates in one cell lose when all expect
    /// the cell's. 0 for Bernoulli rows and families with a shape.</summary>
    public double EventsGap { get; }

    /// <summary>The same for n - a in place of a, of proportions.</summary>
    public double FailuresGap { get; }

    internal ResponseSums Sums => sums;

    /// <summary>The constants and the sums with their compensations apart, to go on from.</summary>
    internal (double LogConstant, double Compensation, ResponseSums Sums) Open => (sumOfConstants, compensation, open);

    internal CellView View => new()
    {
        Responses = responses,
        Sizes = sizes,
        Rows = rows,
        RowCount = RowCount,
        LogConstant = LogConstant,
        SaturatedLogLikelihood = SaturatedLogLikelihood,
        EventsGap = EventsGap,
        FailuresGap = FailuresGap,
        LogResponseSum = LogResponseSum,
        ResponseMean = ResponseMean,
        ResponseSd = ResponseSd,
    };

    /// <summary>Values of the columns, cell after cell. Length C m.</summary>
    public ReadOnlySpan<double> Columns => columns;

    /// <summary>Summed offsets of each cell's rows. Length C.</summary>
    public ReadOnlySpan<double> Offsets => offsets;

    /// <summary>Levels of the factors, cell after cell. Length C K.</summary>
    public ReadOnlySpan<int> Levels => levels;

    /// <summary>Successes, or events, of each cell; the sum of Gamma responses; the common response of NegativeBinomial and StudentT rows. Length
    /// C.</summary>
    public ReadOnlySpan<double> Responses => responses;

    /// <summary>Trials, or exposure, of each cell; the number of its rows where the response is NegativeBinomial, Gamma or StudentT. Positive. Length
    /// C.</summary>
    public ReadOnlySpan<double> Sizes => sizes;

    /// <summary>Number of rows of each cell. Length C.</summary>
    public ReadOnlySpan<long> Rows => rows;

    /// <summary>The same cells with other responses, each cell as one row of its size: for families whose sums are such.</summary>
    /// <param name="newResponses">A response for each cell, copied. Length C.</param>
    /// <param name="family">The family, which closes under sums.</param>
    internal ResponseCells With(ReadOnlySpan<double> newResponses, CellsFamily family)
    {
        var (constant, saturated) = (0.0, 0.0);
        for (var cell = 0; cell < Count; cell++)
        {
            constant += family.LogConstant(newResponses[cell], sizes[cell]);
            saturated += family.Saturated(newResponses[cell], sizes[cell]);
        }

        return new(ColumnCount, FactorCount, columns, offsets, levels, newResponses.ToArray(), sizes, rows, constant, saturated, (0, 0), default);
    }

    /// <summary>The same cells with other columns, and with the first factors only.</summary>
    /// <param name="newColumns">Values of the new columns, cell after cell, copied. Length C times <paramref name="columnCount"/>.</param>
    /// <param name="columnCount">Number of new columns.</param>
    /// <param name="factorCount">Number of factors that are kept, the first ones.</param>
    /// <returns>New cells, cell for cell; two that have become equal stay two, which changes no likelihood.</returns>
    /// <exception cref="ArgumentException">The length of the columns is not that of the cells, or there are not so many factors.</exception>
    internal ResponseCells With(ReadOnlySpan<double> newColumns, int columnCount, int factorCount)
    {
        if (newColumns.Length != Count * columnCount)
            throw new ArgumentException("Each cell needs a value for every column.", nameof(newColumns));
        if (factorCount < 0 || factorCount > FactorCount)
            throw new ArgumentException("The cells have fewer factors.", nameof(factorCount));
        var kept = new int[Count * factorCount];
        for (var cell = 0; cell < Count; cell++)
            levels.AsSpan(cell * FactorCount, factorCount).CopyTo(kept.AsSpan(cell * factorCount));
        return new(
            columnCount,
            factorCount,
            newColumns.ToArray(),
            offsets,
            kept,
            responses,
            sizes,
            rows,
            sumOfConstants,
            SaturatedLogLikelihood,
            (EventsGap, FailuresGap),
            open,
            compensation);
    }

    /// <summary>The same cells with some of their columns and factors.</summary>
    /// <param name="columnsHere">For each column of the new cells its number here.</param>
    /// <param name="factorsHere">For each factor of the new cells its number here.</param>
    /// <returns>New cells, cell for cell; two that have become equal stay two, which changes no likelihood.</returns>
    internal ResponseCells Select(int[] columnsHere, int[] factorsHere)
    {
        var newColumns = new double[Count * columnsHere.Length];
        var newLevels = new int[Count * factorsHere.Length];
        for (var cell = 0; cell < Count; cell++)
        {
            for (var c = 0; c < columnsHere.Length; c++)
                newColumns[cell * columnsHere.Length + c] = columns[cell * ColumnCount + columnsHere[c]];
            for (var k = 0; k < factorsHere.Length; k++)
                newLevels[cell * factorsHere.Length + k] = levels[cell * FactorCount + factorsHere[k]];
        }

        return new(
            columnsHere.Length,
            factorsHere.Length,
            newColumns,
            offsets,
            newLevels,
            responses,
            sizes,
            rows,
            sumOfConstants,
            SaturatedLogLikelihood,
            (EventsGap, FailuresGap),
            open,
            compensation);
    }

    /// <summary>The same cells with other offsets.</summary>
    /// <param name="newOffsets">By cell, copied. Length C.</param>
    internal ResponseCells WithOffsets(ReadOnlySpan<double> newOffsets) => With(newOffsets.ToArray(), levels, FactorCount);

    /// <summary>The same cells as those of one factor with a single level.</summary>
    internal ResponseCells InOneLevel() => With(offsets, new int[Count], 1);

    private ResponseCells With(double[] newOffsets, int[] newLevels, int factorCount) => new(
        ColumnCount,
        factorCount,
        columns,
        newOffsets,
        newLevels,
        responses,
        sizes,
        rows,
        sumOfConstants,
        SaturatedLogLikelihood,
        (EventsGap, FailuresGap),
        open,
        compensation);

    /// <summary>The same cells with the response y as (y - origin) / scale, of a response that eta shifts and sigma scales; offsets are divided as
    /// it is.</summary>
    /// <param name="origin">What is taken off the response.</param>
    /// <param name="scale">What it is divided by; positive.</param>
    /// <returns>New cells, cell for cell. Their <see cref="LogConstant"/> holds minus the number of rows times log scale, so that likelihoods stay
    /// those of y.</returns>
    internal ResponseCells Rescale(double origin, double scale) => new(
        ColumnCount,
        FactorCount,
        columns,
        [.. offsets.Select(offset => offset / scale)],
        levels,
        [.. responses.Select(response => (response - origin) / scale)],
        sizes,
        rows,
        LogConstant - RowCount * Math.Log(scale),
        SaturatedLogLikelihood,
        (EventsGap, FailuresGap),
        sums with { Mean = (sums.Mean - origin) / scale, Squares = sums.Squares / (scale * scale) });
}
