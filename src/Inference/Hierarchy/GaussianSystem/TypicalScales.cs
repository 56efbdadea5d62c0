using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>Scales of the size the data suggest, where sampling starts.</summary>
/// <param name="Sigma">Residual sd; 1 where the error of each row is known.</param>
/// <param name="Sds">Sds of the varying terms. Length q.</param>
internal sealed record TypicalScales(double Sigma, double[] Sds)
{
    /// <summary>Reads them off a reduced system.</summary>
    /// <param name="system">The system.</param>
    /// <returns>Positive scales.</returns>
    public static TypicalScales Of(NormalSystem system)
    {
        var total = system.Model.Cells.Total();
        var variance = total.CrossProducts(0)[^1] / total.RowCount;
        var sd = variance > 0 ? Math.Sqrt(variance) : 1;

        // Residual sd: what neither the varying nor the population columns explain, where rows are left to tell.
        var free = system.Pooled.TotalRows - (long)system.LevelCount * system.TermCount - system.PopulationCount;
        var residual = free > 0 && system.Pooled.SumOfSquares > 0 ? Math.Sqrt(system.Pooled.SumOfSquares / free) : 0.5 * sd;
        var isKnown = system.Model.Spec.Response.KnownSd is not null;
        var unit = system.Model.Spec.Response is { KnownSd: null, PrecisionWeight: null } ? sd : WeightedScale(system);

        var sds = new double[system.TermCount];
        for (var a = 0; a < sds.Length; a++)
            sds[a] = 0.5 * unit / system.TermRms[a];
        return new TypicalScales(isKnown ? 1 : residual, sds);
    }

    /// <summary>Half the spread of the response for sigma, and for each sd half the spread over the root mean square of its column, whatever the
    /// factors explain.</summary>
    /// <param name="model">The model.</param>
    /// <returns>Positive scales, sds of all factors in turn.</returns>
    public static TypicalScales OfResponse(NormalBoundModel model)
    {
        var spec = model.Spec;
        var total = model.Cells.Total();
        var squares = total.CrossProducts(0)[^1];

        // Squares are in units of the weights: over the weights they give the response's own spread, over the rows sigma's.
        var spread = squares > 0 ? Math.Sqrt(squares / total.Weight(0)) : Math.Sqrt(total.RowCount / total.Weight(0));
        var sigma = spec.Response.KnownSd is null ? 0.5 * spread * Math.Sqrt(total.Weight(0) / total.RowCount) : 1;
        return new TypicalScales(
            sigma,
            [.. spec.Factors.SelectMany(
                factor => factor.Terms.Select((term, a) => 0.5 * spread / RootMeanSquare(total, term.Column, factor.OriginOf(a))))]);
    }

    /// <summary>Root mean square of a column over all rows, to bring a spread of the response to the size of a coefficient.</summary>
    /// <param name="total">Moments of all rows as one cell.</param>
    /// <param name="column">Column index or <see cref="ModelSpec.Ones"/>.</param>
    /// <param name="origin">What is taken off the column.</param>
    /// <returns>The root; 1 for the column of ones and for a column of zeros.</returns>
    public static double RootMeanSquare(CellMoments total, int column, double origin = 0)
    {
        if (column == ModelSpec.Ones)
            return 1;
        var mean = total.Means(0)[column] - origin;
        var variance = total.CrossProducts(0)[column * (column + 1) / 2 + column] / total.Weight(0);
        var rms = Math.Sqrt(mean * mean + variance);
        return rms > 0 ? rms : 1;
    }

    // Weighted squares are in units of the errors or of the weights: bring the response's spread back to its own units.
    private static double WeightedScale(NormalSystem system)
    {
        var total = system.Model.Cells.Total();
        var spread = Math.Sqrt(total.CrossProducts(0)[^1] / total.Weight(0));
        return spread > 0 ? spread : 1 / Math.Sqrt(total.Weight(0) / total.RowCount);
    }
}
