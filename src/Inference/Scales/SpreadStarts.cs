using TypedPooling.Randomness;

namespace TypedPooling.Inference.Scales;

/// <summary>Where chains and searches start: about one point, spread by a factor of e either way in the scales so that R-hat has something to
/// compare, and by one unit in every coordinate behind them.</summary>
internal static class SpreadStarts
{
    /// <summary>The starts.</summary>
    /// <param name="centre">The scales, then other coordinates in units of their own.</param>
    /// <param name="coordinates">Those of the scales: every second start has narrow ones.</param>
    /// <param name="count">Number of starts.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <returns>Starts one after the other, each as long as the centre.</returns>
    public static double[][] About(double[] centre, ScaleCoordinates coordinates, int count, ulong seed)
    {
        var stream = RandomAddresses.Starts(seed);
        var starts = new double[count][];
        for (var i = 0; i < count; i++)
        {
            starts[i] = [.. centre.Select(z => z + 2 * stream.NextDouble() - 1)];
            if (i % 2 == 1)
                coordinates.Narrow(starts[i].AsSpan(0, coordinates.Dimension));
        }

        return starts;
    }
}
