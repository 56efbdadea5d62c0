using System.Runtime.CompilerServices;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Gibbs;

/// <summary>A slice step on one coordinate: stepping out, then shrinking. Leaves the density invariant whatever the width. Source:
/// [Neal2003].</summary>
internal static class SliceStep
{
    // Intervals to step out at most on both sides together; far enough for any width that warmup learns.
    private const int MostSteps = 100;

    // Shrinking halves the interval about every other time: by then it is at the point itself, which always lies in the slice.
    private const int MostShrinks = 200;

    /// <summary>Moves a coordinate.</summary>
    /// <typeparam name="T">Type of the density, so that calls are direct.</typeparam>
    /// <param name="density">The log density; left at the new point.</param>
    /// <param name="value">Where the coordinate is, a point of positive density.</param>
    /// <param name="log">Log density there; overwritten with that of the new point.</param>
    /// <param name="width">Width of the first interval, positive.</param>
    /// <param name="stream">Randomness.</param>
    /// <returns>The new point.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Draw<T>(T density, double value, ref double log, double width, PhiloxStream stream)
        where T : IUnivariateDensity
    {
        var level = log - stream.NextExponential();
        var left = value - width * stream.NextDouble();
        var right = left + width;
        var steps = (int)(MostSteps * stream.NextDouble());
        for (var remaining = steps; remaining > 0 && density.LogDensity(left) > level; remaining--)
            left -= width;
        for (var remaining = MostSteps - 1 - steps; remaining > 0 && density.LogDensity(right) > level; remaining--)
            right += width;

        for (var shrink = 0; shrink < MostShrinks; shrink++)
        {
            var next = left + stream.NextDouble() * (right - left);
            var at = density.LogDensity(next);
            if (at > level)
            {
                log = at;
                return next;
            }

            if (next < value)
                left = next;
            else
                right = next;
        }

        log = density.LogDensity(value);
        return value;
    }
}
