using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Marginal;

/// <summary>Where chains start: scales of the size the data suggest, spread by a factor of e either way, so that R-hat has something to compare; joined coefficients within a rough posterior sd of their centre.</summary>
internal static class StartingPoints
{
    public static double[][] Of(CoefficientSystem system, ScaleCoordinates coordinates, RunOptions options)
    {
        var scales = system.Typical();

        // Joined coefficients are coordinates behind the scales, in units of their own about a centre at 0.
        var center = new double[coordinates.Dimension + system.Joined.Count];
        coordinates.Unconstrain(scales.Sigma, scales.Sds, center.AsSpan(0, coordinates.Dimension));

        var stream = RandomAddresses.Starts(options.Seed);
        var starts = new double[options.Chains][];
        for (var chain = 0; chain < starts.Length; chain++)
        {
            starts[chain] = [.. center.Select(z => z + 2 * stream.NextDouble() - 1)];
            if (chain % 2 == 1)
                coordinates.Narrow(starts[chain].AsSpan(0, coordinates.Dimension));
        }

        return starts;
    }
}
