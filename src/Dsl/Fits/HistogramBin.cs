namespace TypedPooling;

/// <summary>A bin of a <see cref="Histogram"/>.</summary>
/// <param name="Lower">Where it begins, in the quantity's units.</param>
/// <param name="Upper">Where it ends, in the quantity's units. The end belongs to the next bin, that of the last one to itself.</param>
/// <param name="Probability">Posterior probability of the bin.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public readonly record struct HistogramBin(double Lower, double Upper, double Probability)
{
    /// <summary>Posterior density: probability over width, per unit of the quantity; infinite in a bin without width.</summary>
    public double Density => Probability / (Upper - Lower);
}
