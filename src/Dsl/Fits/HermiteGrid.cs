namespace TypedPooling;

/// <summary>Equal distances under the standard normal density, with its orthonormal Hermite polynomials there. Immutable.</summary>
/// <remarks>
/// The trapezoidal rule errs like exp(-2 pi d / h) for step h and an integrand that is analytic within d of the real line. Points t = 0, h, ..., n h;
/// the other half is their mirror image, where polynomials of odd order change their sign. Source: [TrefethenWeideman2014].
/// </remarks>
internal sealed class HermiteGrid
{
    /// <summary>Number of polynomials, from order 0.</summary>
    public const int Orders = 40;

    // Beyond them the normal density, and Hermite functions times its root, are 1e-16 or less.
    private const double HalfWidth = 8.5;
    private const double HalfWidthOfOrders = 12;

    private readonly double[] polynomials;        // by order and point, the one at 0 left out

    private HermiteGrid(double step, bool hasOrders)
    {
        Step = step;
        Count = (int)Math.Ceiling((hasOrders ? HalfWidthOfOrders : HalfWidth) / step);
        Weights = [.. Enumerable.Range(0, Count + 1).Select(n => step * Math.Exp(-0.5 * n * step * (n * step)) / Math.Sqrt(2 * Math.PI))];
        polynomials = new double[hasOrders ? Orders * Count : 0];
        for (var n = 1; hasOrders && n <= Count; n++)
        {
            // h_m(t) = (t h_m-1 - sqrt(m - 1) h_m-2) / sqrt(m)
            var (before, now, t) = (0.0, 1.0, n * step);
            for (var order = 0; order < Orders; order++)
            {
                polynomials[order * Count + n - 1] = now;
                (before, now) = (now, (t * now - Math.Sqrt(order) * before) / Math.Sqrt(order + 1));
            }
        }
    }

    /// <summary>The distance h of two points.</summary>
    public double Step { get; }

    /// <summary>Number of points on each side of 0.</summary>
    public int Count { get; }

    /// <summary>Weights of the points from 0 on.</summary>
    public double[] Weights { get; }

    /// <summary>Values of a polynomial at the points above 0.</summary>
    public ReadOnlySpan<double> Polynomial(int order) => polynomials.AsSpan(order * Count, Count);

    /// <summary>Numbers of the grids whose steps are no longer than asked for: eight to a factor of two.</summary>
    public static int NumberOf(double step) => (int)Math.Max(0, Math.Ceiling(8 * Math.Log2(0.5 / step)));

    /// <summary>Makes a grid.</summary>
    /// <param name="number">Its number: a step of 2^(-1 - number / 8).</param>
    /// <param name="hasOrders">Whether polynomials are wanted.</param>
    public static HermiteGrid Of(int number, bool hasOrders) => new(Math.Pow(2, -1 - number / 8.0), hasOrders);
}
