using System.Collections.Immutable;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>The t that touches a mode: its centre is the mode, its scale matrix the inverse of the curvature there.</summary>
internal static class LaplaceFit
{
    // Steps of the differences, in units of the distance at which the density has fallen by half a log unit: far enough to see past a kink, near
    // enough to see a curvature.
    private const double RelativeStep = 0.25;

    // An sd below this part of its own scale sits at 0.
    private const double ZeroPart = 0.05;

    /// <summary>The component at a mode, or null where no scale can be found.</summary>
    /// <param name="search">Evaluates the density.</param>
    /// <param name="mode">A mode of the density of z, or of that of the folded sds, in coordinates z. Length D.</param>
    /// <param name="folded">The folded coordinates; none for the density of z.</param>
    /// <param name="logSdScale">For a folded coordinate where to begin the search for its scale: a log sd of the right size. Length D.</param>
    public static StudentComponent? Of(ModeSearch search, ReadOnlySpan<double> mode, ImmutableArray<int> folded, ReadOnlySpan<double> logSdScale)
    {
        var d = mode.Length;
        var point = new FoldedPoint(search, folded, d);
        var centre = mode.ToArray();
        var scales = new double[d];
        foreach (var i in folded)
            centre[i] = Math.Exp(mode[i]);
        for (var i = 0; i < d; i++)
        {
            scales[i] = ScaleOf(point, centre, i, folded.Contains(i) ? Math.Exp(logSdScale[i]) : 1);
            if (!(scales[i] > 0))
                return null;
        }

        foreach (var i in folded)
        {
            point.SmallestSd[i] = 1e-3 * scales[i];
            if (centre[i] < ZeroPart * scales[i])
                centre[i] = 0;
        }

        var curvature = new double[d * d];
        var above = new double[d];
        var below = new double[d];
        for (var i = 0; i < d; i++)
        {
            var h = RelativeStep * scales[i];
            var moved = (double[])centre.Clone();
            moved[i] = centre[i] + h;
            point.Gradient(moved, above);
            moved[i] = centre[i] - h;
            point.Gradient(moved, below);
            for (var j = 0; j < d; j++)
                curvature[i * d + j] = (below[j] - above[j]) / (2 * h);
        }

        var scale = new double[d * d];
        Symmetrize(curvature, d);
        if (!TriangularMatrix.TryInvertSquare(curvature, d, scale))
        {
            // No proper curvature: the scales along the axes.
            Array.Clear(scale);
            for (var i = 0; i < d; i++)
                scale[i * d + i] = scales[i] * scales[i];
        }

        return StudentComponent.Of(centre, scale, folded);
    }

    // Distance along an axis at which the mean of both sides has fallen by half a log unit: the sd of a normal density.
    private static double ScaleOf(FoldedPoint point, double[] centre, int axis, double guess)
    {
        var top = point.Value(centre);
        var moved = (double[])centre.Clone();
        var (low, high) = (0.0, double.PositiveInfinity);
        for (var attempt = 0; attempt < 60; attempt++)
        {
            moved[axis] = centre[axis] + guess;
            var fall = top - (0.5 * point.Value(moved));
            moved[axis] = centre[axis] - guess;
            fall -= 0.5 * point.Value(moved);
            if (fall is > 0.3 and < 0.8)
                return guess / Math.Sqrt(2 * fall);
            if (fall >= 0.8)
                high = guess;
            else
                low = guess;
            guess = double.IsPositiveInfinity(high) ? 2 * guess : low == 0 ? 0.5 * guess : 0.5 * (low + high);
        }

        return double.NaN;
    }

    private static void Symmetrize(double[] matrix, int size)
    {
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < i; j++)
                matrix[i * size + j] = matrix[j * size + i] = 0.5 * (matrix[i * size + j] + matrix[j * size + i]);
        }
    }

    // The density with sds in place of their logs, continued evenly to negative sds.
    private sealed class FoldedPoint(ModeSearch search, ImmutableArray<int> folded, int dimension)
    {
        private readonly double[] z = new double[dimension];
        private readonly double[] scratch = new double[dimension];

        // Below it an sd counts as 0, where an even density has slope 0.
        public double[] SmallestSd { get; } = [.. Enumerable.Repeat(1e-300, dimension)];

        public double Value(double[] at)
        {
            Load(at);
            return search.Evaluate(z, folded, scratch);
        }

        public void Gradient(double[] at, double[] gradient)
        {
            Load(at);
            search.Evaluate(z, folded, gradient);
            foreach (var i in folded)
                gradient[i] = Math.Abs(at[i]) < SmallestSd[i] ? 0 : gradient[i] / at[i];
        }

        private void Load(double[] at)
        {
            at.CopyTo(z, 0);
            foreach (var i in folded)
                z[i] = Math.Log(Math.Max(Math.Abs(at[i]), SmallestSd[i]));
        }
    }
}
