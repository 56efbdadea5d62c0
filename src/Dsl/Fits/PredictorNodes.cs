using System.Numerics;
using System.Runtime.CompilerServices;

namespace TypedPooling;

/// <summary>Stands for a distribution of predictors by few of them: nodes and weights whose sums are those over all predictors, for functions that
/// are analytic near the real line. Used by one thread.</summary>
/// <remarks>
/// Nodes are Chebyshev's in [low, high], and their weights the sum over predictors of each node's Lagrange polynomial: sum over i of r_i f(eta_i) is
/// sum over j of W_j f(eta_j) where f is a polynomial of a degree below n. For f analytic within d of the real line the error falls like rho^-n, rho
/// = d / L + sqrt(1 + d^2 / L^2), L half the length. O(predictors n + n^2), and no f is asked of any predictor. Source: [Trefethen2013].
/// </remarks>
internal sealed class PredictorNodes
{
    // Lanes of the sums over predictors, whatever the width of a vector.
    private const int Lanes = 8;

    // 1e-13, and a factor of 1e3 for what functions may grow off the real line.
    private const double LogTolerance = 37;

    private readonly Dictionary<int, double[]> tables = [];
    private double[] sums = [];
    private double[] scaled = [];
    private double[] rows = [];

    /// <summary>How many nodes predictors of a range need: a multiple of 8, or 1 where all are equal.</summary>
    /// <param name="length">From the lowest predictor to the highest.</param>
    /// <param name="strip">Distance d within which functions are analytic and bounded.</param>
    /// <returns>At most <see cref="int.MaxValue"/> / 16.</returns>
    public static int CountFor(double length, double strip)
    {
        if (length == 0)
            return 1;
        var ratio = 2 * strip / length;
        var needed = LogTolerance / Math.Log(ratio + Math.Sqrt(1 + ratio * ratio));
        return needed < int.MaxValue / 32 ? Math.Max(Lanes, (int)Math.Ceiling(needed / Lanes) * Lanes) : int.MaxValue / 16;
    }

    /// <summary>Writes nodes and weights.</summary>
    /// <param name="predictors">The predictors.</param>
    /// <param name="counts">Rows of each.</param>
    /// <param name="low">The lowest predictor.</param>
    /// <param name="high">The highest.</param>
    /// <param name="nodes">Overwritten. Length n.</param>
    /// <param name="weights">Overwritten; weights may be below 0, and their sum is that of the rows. Length n.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(
        ReadOnlySpan<double> predictors, ReadOnlySpan<double> counts, double low, double high, Span<double> nodes, Span<double> weights)
    {
        var n = nodes.Length;
        var (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        Moments(predictors, counts, middle, half, n);
        if (!tables.TryGetValue(n, out var cosines))
            tables.Add(n, cosines = [.. Enumerable.Range(0, 4 * n).Select(k => Math.Cos(Math.PI * k / (2 * n)))]);
        for (var j = 0; j < n; j++)
        {
            // W_j = (2 / n) sum' of mu_m T_m(x_j), T_m(x_j) = cos(pi m (2 j + 1) / (2 n))
            nodes[j] = middle + half * cosines[2 * j + 1];
            var (sum, at) = (0.5 * sums[0], 0);
            for (var m = 1; m < n; m++)
            {
                at += 2 * j + 1;
                if (at >= 4 * n)
                    at -= 4 * n;
                sum += sums[m] * cosines[at];
            }

            weights[j] = sum * 2 / n;
        }
    }

    // sums[m] = sum over i of r_i T_m(x_i), x_i in [-1, 1].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Moments(ReadOnlySpan<double> predictors, ReadOnlySpan<double> counts, double middle, double half, int n)
    {
        var padded = (predictors.Length + Lanes - 1) / Lanes * Lanes;
        if (scaled.Length < padded)
            (scaled, rows) = (new double[padded], new double[padded]);
        if (sums.Length < n * Lanes)
            sums = new double[n * Lanes];
        for (var i = 0; i < padded; i++)
        {
            scaled[i] = i < predictors.Length && half > 0 ? Math.Clamp((predictors[i] - middle) / half, -1, 1) : 0;
            rows[i] = i < predictors.Length ? counts[i] : 0;
        }

        Array.Clear(sums, 0, n * Lanes);
        for (var lane = 0; lane < Lanes; lane += Vector<double>.Count)
        {
            for (var i = lane; i < padded; i += Lanes)
            {
                var (x, count) = (new Vector<double>(scaled, i), new Vector<double>(rows, i));
                var twice = x + x;
                var (before, now) = (count, count * x);
                (new Vector<double>(sums, lane) + count).CopyTo(sums, lane);
                for (var m = 1; m < n; m++)
                {
                    (new Vector<double>(sums, m * Lanes + lane) + now).CopyTo(sums, m * Lanes + lane);
                    (before, now) = (now, Vector.FusedMultiplyAdd(twice, now, -before));
                }
            }
        }

        for (var m = 0; m < n; m++)
        {
            var sum = 0.0;
            for (var lane = 0; lane < Lanes; lane++)
                sum += sums[m * Lanes + lane];
            sums[m] = sum;
        }
    }
}
