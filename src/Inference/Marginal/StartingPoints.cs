using TypedPooling.Engines;
using TypedPooling.Inference.Density;
using TypedPooling.Inference.GaussianSystem;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Marginal;

/// <summary>Where chains start: scales of the size the data suggest, spread by a factor of e either way, so that R-hat has something to compare.</summary>
internal static class StartingPoints
{
    // Streams 0, 1, ... of the seed belong to the chains; this one is far from any.
    private const ulong Stream = 1UL << 40;

    public static double[][] Of(NormalSystem system, ScaleCoordinates coordinates, RunOptions options)
    {
        var total = system.Model.Cells.Total();
        var m = total.ColumnCount;
        var variance = total.CrossProducts(0)[^1] / total.RowCount;
        var sd = variance > 0 ? Math.Sqrt(variance) : 1;

        // Residual sd: what neither the varying nor the population columns explain, where rows are left to tell.
        var free = system.Pooled.TotalRows - (long)system.GroupCount * system.TermCount - system.PopulationCount;
        var residual = free > 0 && system.Pooled.SumOfSquares > 0 ? Math.Sqrt(system.Pooled.SumOfSquares / free) : 0.5 * sd;
        var unit = system.Model.Spec.Response is { KnownSd: null, PrecisionWeight: null } ? sd : WeightedScale(system);

        var sds = new double[system.TermCount];
        for (var a = 0; a < sds.Length; a++)
            sds[a] = 0.5 * unit / system.TermRms[a];
        var center = new double[coordinates.Dimension];
        coordinates.Unconstrain(residual, sds, center);

        var stream = new PhiloxStream(options.Seed, Stream);
        var starts = new double[options.Chains][];
        for (var chain = 0; chain < starts.Length; chain++)
            starts[chain] = [.. center.Select(z => z + 2 * stream.NextDouble() - 1)];
        return starts;
    }

    // Weighted squares are in units of the errors or of the weights: bring the response's spread back to its own units.
    private static double WeightedScale(NormalSystem system)
    {
        var total = system.Model.Cells.Total();
        var spread = Math.Sqrt(total.CrossProducts(0)[^1] / total.Weight(0));
        return spread > 0 ? spread : 1 / Math.Sqrt(total.Weight(0) / total.RowCount);
    }
}
