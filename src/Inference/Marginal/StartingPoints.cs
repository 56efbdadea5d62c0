using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Marginal;

/// <summary>Where chains start: about scales of the size the data suggest, and joined coefficients within a rough posterior sd of their
/// centre.</summary>
internal static class StartingPoints
{
    public static double[][] Of(CoefficientSystem system, ScaleCoordinates coordinates, RunOptions options)
    {
        var scales = system.Typical();

        // Joined coefficients are coordinates behind the scales, in units of their own about a centre at 0.
        var centre = new double[coordinates.Dimension + system.Joined.Count];
        coordinates.Unconstrain(scales.Sigma, scales.Sds, centre.AsSpan(0, coordinates.Dimension));
        return SpreadStarts.About(centre, coordinates, options.Chains, options.Seed);
    }
}
