using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Gibbs;

/// <summary>Draws Sigma from its conjugate conditional given the effects: inverse Wishart, or Huang and Wand's mixture of them. Scratch of one
/// chain.</summary>
/// <remarks>
/// InverseWishart(nu, Psi) gives InverseWishart(nu + J, Psi + S). HuangWand(nu, A) is InverseWishart(nu + q - 1, 2 nu diag(1 / a)) given 1 / a_i ~
/// Gamma(1/2, rate 1 / A_i^2), so first 1 / a_i | Sigma ~ Gamma((nu + q) / 2, rate nu (Sigma^-1)_ii + 1 / A_i^2). With C C' = Psi + S and T lower
/// triangular, T_ii^2 ~ chi-square(n - i), T_ij ~ N(0, 1) below the diagonal (i from 0), Sigma = (C T^-T)(C T^-T)' is InverseWishart(n, Psi + S).
/// Source: [Huang2013].
/// </remarks>
internal sealed class ConjugateCovariance
{
    private readonly InverseWishartCovariance prior;
    private readonly int q;
    private readonly CorrelationTransform transform;
    private readonly double[] matrix;        // Psi + S, then C
    private readonly double[] triangle;      // T
    private readonly double[] product;       // C T^-T
    private readonly double[] inverse;

    private ConjugateCovariance(InverseWishartCovariance prior, int q)
    {
        this.prior = prior;
        this.q = q;
        transform = new CorrelationTransform(q, 1);
        matrix = new double[q * q];
        triangle = new double[q * q];
        product = new double[q * q];
        inverse = new double[q * q];
    }

    /// <summary>The update of a prior, null where there is none.</summary>
    public static ConjugateCovariance? For(ICovariancePrior? prior, int q) =>
        prior?.Conjugate(q) is { } conjugate ? new ConjugateCovariance(conjugate, q) : null;

    /// <summary>Draws.</summary>
    /// <param name="lambda">The present Lambda. Length q^2.</param>
    /// <param name="root">A with S = A A'. Length q^2.</param>
    /// <param name="levelCount">J.</param>
    /// <param name="stream">Randomness.</param>
    /// <param name="theta">Overwritten with log sds and correlation coordinates of the draw; left where the draw leaves the range of a
    /// double.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Draw(ReadOnlySpan<double> lambda, ReadOnlySpan<double> root, int levelCount, PhiloxStream stream, Span<double> theta)
    {
        TriangularMatrix.Square(root, q, matrix);
        var degrees = AddScale(lambda, stream) + levelCount;
        SemidefiniteCholesky.Factorise(matrix, q);
        for (var i = 0; i < q; i++)
        {
            for (var k = 0; k < i; k++)
                triangle[i * q + k] = stream.NextNormal();
            triangle[i * q + i] = Math.Sqrt(2 * stream.NextGamma(0.5 * (degrees - i)));
        }

        // Row r of C T^-T solves x T' = c_r, that is T x' = c_r'.
        for (var r = 0; r < q; r++)
        {
            for (var i = 0; i < q; i++)
            {
                var sum = matrix[r * q + i];
                for (var k = 0; k < i; k++)
                    sum -= triangle[i * q + k] * product[r * q + k];
                product[r * q + i] = sum / triangle[i * q + i];
            }
        }

        // Sigma, then its Cholesky factor by rows of length 1.
        for (var i = 0; i < q; i++)
        {
            for (var k = 0; k <= i; k++)
                matrix[i * q + k] = DenseRows.Dot(product.AsSpan(i * q, q), product.AsSpan(k * q, q));
        }

        for (var i = 0; i < q; i++)
        {
            if (!(matrix[i * q + i] > 0 && double.IsFinite(matrix[i * q + i])))
                return;
        }

        Span<double> sds = stackalloc double[q];
        for (var i = 0; i < q; i++)
            sds[i] = Math.Sqrt(matrix[i * q + i]);
        for (var i = 0; i < q; i++)
        {
            for (var k = 0; k <= i; k++)
                matrix[i * q + k] = i == k ? 1 : matrix[i * q + k] / sds[i] / sds[k];
        }

        SemidefiniteCholesky.Factorise(matrix, q);
        Span<double> coordinates = stackalloc double[transform.Dimension];
        transform.Unconstrain(matrix, coordinates);
        foreach (var z in coordinates)
        {
            if (!double.IsFinite(z))
                return;
        }

        for (var i = 0; i < q; i++)
            theta[i] = Math.Log(sds[i]);
        coordinates.CopyTo(theta[q..]);
    }

    // Adds the scale matrix; gives the degrees of freedom.
    private double AddScale(ReadOnlySpan<double> lambda, PhiloxStream stream)
    {
        for (var i = 0; i < matrix.Length; i++)
            matrix[i] += prior.ScaleMatrix[i];
        if (!prior.IsMixture)
            return prior.DegreesOfFreedom;

        var nu = prior.MixingDegreesOfFreedom;
        Array.Clear(triangle);
        for (var i = 0; i < q; i++)
            triangle[i * q + i] = 1;
        TriangularMatrix.Solve(lambda, triangle, q, inverse);
        for (var i = 0; i < q; i++)
        {
            var precision = 0.0;
            for (var r = i; r < q; r++)
                precision += inverse[r * q + i] * inverse[r * q + i];
            var scale = prior.MixingScales[i];
            var mixing = stream.NextGamma(0.5 * (nu + q)) / (nu * precision + 1 / (scale * scale));
            matrix[i * q + i] += 2 * nu * mixing;
        }

        Array.Clear(triangle);
        return prior.DegreesOfFreedom;
    }
}
