using TypedPooling.Draws;

namespace TypedPooling.Plots.Pictures;

/// <summary>A density estimated from draws by Gaussian kernels. Immutable.</summary>
/// <param name="X">Where it is known, ascending.</param>
/// <param name="Y">The density there, per unit of X.</param>
/// <remarks>
/// The bandwidth is 0.9 min(sd, interquartile range / 1.349) n^(-1/5). At a bound of the quantity the kernels are reflected, so that the density
/// integrates to 1 within the bounds. Source: [Silverman1986], 3.4.2 and 2.10.
/// </remarks>
internal sealed record Density(double[] X, double[] Y)
{
    private const int Points = 201;
    private const int Bins = 1000;

    // Kernels end where the normal density is 3e-4 of its top.
    private const double Reach = 4;

    /// <summary>The largest density.</summary>
    public double Top => Y.Max();

    /// <summary>The density of draws; null where all are one value.</summary>
    /// <param name="draws">The draws; not finite ones are left out.</param>
    /// <param name="lower">The least possible value; negative infinity where there is none.</param>
    /// <param name="upper">The largest possible value; infinity where there is none.</param>
    /// <param name="name">What is drawn, for messages.</param>
    /// <param name="shown">The range in which the density is asked for; null for that of nearly all draws.</param>
    public static Density? Of(
        IEnumerable<double> draws, double lower, double upper, string name, (double From, double To)? shown = null)
    {
        double[] sorted = [.. draws.Where(double.IsFinite).Order()];
        if (sorted.Length == 0)
        {
            throw new ModelException(new Problem(
                ProblemCode.NotFinite, $"{name} has no finite draw, so it has no density.", "Ask for another quantity.")
            { Term = name });
        }

        var spread = Math.Min(
            Diagnostics.Sd(sorted), (Diagnostics.QuantileOfSorted(sorted, 0.75) - Diagnostics.QuantileOfSorted(sorted, 0.25)) / 1.349);
        if (!(spread > 0))
            spread = Diagnostics.Sd(sorted);
        if (!(spread > 0))
            return null;
        var width = 0.9 * spread * Math.Pow(sorted.Length, -0.2);
        var from = Math.Max(lower, Diagnostics.QuantileOfSorted(sorted, 0.002) - 3 * width);
        var to = Math.Min(upper, Diagnostics.QuantileOfSorted(sorted, 0.998) + 3 * width);
        if (shown is { } range && Math.Max(from, range.From) < Math.Min(to, range.To))
            (from, to) = (Math.Max(from, range.From), Math.Min(to, range.To));

        // Draws in bins, so that the cost does not grow with their number; bins are far narrower than kernels.
        var (first, last) = (Math.Max(sorted[0], from - Reach * width), Math.Min(sorted[^1], to + Reach * width));
        var step = (last - first) / Bins;
        var mass = new double[Bins + 1];
        foreach (var draw in sorted)
        {
            if (draw >= first && draw <= last)
                mass[(int)Math.Round((draw - first) / step)] += 1.0 / sorted.Length;
        }

        var x = Enumerable.Range(0, Points).Select(i => from + (to - from) * i / (Points - 1)).ToArray();
        return new(x, [.. x.Select(At)]);

        double At(double point)
        {
            var sum = 0.0;
            for (var b = 0; b <= Bins; b++)
            {
                if (mass[b] == 0)
                    continue;
                var value = first + b * step;
                sum += mass[b] * (Kernel(point - value) + Kernel(point - (2 * lower - value)) + Kernel(point - (2 * upper - value)));
            }

            return sum;
        }

        double Kernel(double distance)
        {
            var z = distance / width;
            return Math.Abs(z) > Reach || !double.IsFinite(z) ? 0 : Math.Exp(-0.5 * z * z) / (width * Math.Sqrt(2 * Math.PI));
        }
    }
}
