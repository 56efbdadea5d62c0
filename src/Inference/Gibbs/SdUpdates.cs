using TypedPooling.Randomness;

namespace TypedPooling.Inference.Gibbs;

/// <summary>Chooses and makes conjugate draws of standard deviations.</summary>
internal static class SdUpdates
{
    /// <summary>The update that fits a prior.</summary>
    /// <param name="prior">Prior of the sd.</param>
    /// <param name="count">Number of normal values it is the sd of.</param>
    /// <returns>Conjugate where there is one that is proper.</returns>
    public static SdUpdate For(IScalePrior prior, double count) =>
        prior.FixedValue is not null ? SdUpdate.Fixed
        : prior.Conjugate is not { } conjugate ? SdUpdate.Slice
        : prior.IsProper ? SdUpdate.InverseGamma
        : conjugate.Shape + 0.5 * count > 0 ? SdUpdate.Flat
        : SdUpdate.Slice;

    /// <summary>Draws an sd: variance ~ InverseGamma(shape + n / 2, scale + squares / 2), shape -1/2 and scale 0 for a flat sd.</summary>
    /// <param name="prior">Prior of the sd, conjugate.</param>
    /// <param name="count">Number n of normal values it is the sd of.</param>
    /// <param name="squares">Their sum of squares.</param>
    /// <param name="stream">Randomness.</param>
    /// <returns>The sd; not positive and finite where the draw leaves the range of a double.</returns>
    public static double Draw(IScalePrior prior, double count, double squares, PhiloxStream stream)
    {
        var (shape, scale) = prior.Conjugate!.Value;
        return Math.Sqrt((scale + 0.5 * squares) / stream.NextGamma(shape + 0.5 * count));
    }
}
