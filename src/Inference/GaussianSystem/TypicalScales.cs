namespace TypedPooling.Inference.GaussianSystem;

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
        var free = system.Pooled.TotalRows - (long)system.GroupCount * system.TermCount - system.PopulationCount;
        var residual = free > 0 && system.Pooled.SumOfSquares > 0 ? Math.Sqrt(system.Pooled.SumOfSquares / free) : 0.5 * sd;
        var isKnown = system.Model.Spec.Response.KnownSd is not null;
        var unit = system.Model.Spec.Response is { KnownSd: null, PrecisionWeight: null } ? sd : WeightedScale(system);

        var sds = new double[system.TermCount];
        for (var a = 0; a < sds.Length; a++)
            sds[a] = 0.5 * unit / system.TermRms[a];
        return new TypicalScales(isKnown ? 1 : residual, sds);
    }

    // Weighted squares are in units of the errors or of the weights: bring the response's spread back to its own units.
    private static double WeightedScale(NormalSystem system)
    {
        var total = system.Model.Cells.Total();
        var spread = Math.Sqrt(total.CrossProducts(0)[^1] / total.Weight(0));
        return spread > 0 ? spread : 1 / Math.Sqrt(total.Weight(0) / total.RowCount);
    }
}
