using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Algebra with M = Lambda^-1, by which covariance priors see Sigma^-1 = M'M. All matrices q x q by rows.</summary>
internal static class InverseCholesky
{
    /// <summary>Up to this size scratch fits the stack.</summary>
    public const int MostOnStack = 16;

    /// <summary>M = Lambda^-1 by forward substitution.</summary>
    public static void Invert(ReadOnlySpan<double> lambda, int q, Span<double> inverse)
    {
        inverse.Clear();
        for (var c = 0; c < q; c++)
        {
            inverse[c * q + c] = 1 / lambda[c * q + c];
            for (var r = c + 1; r < q; r++)
            {
                var sum = 0.0;
                for (var k = c; k < r; k++)
                    sum -= lambda[r * q + k] * inverse[k * q + c];
                inverse[r * q + c] = sum / lambda[r * q + r];
            }
        }
    }

    /// <summary>A draw of Wishart(nu, I) = L'L by Bartlett's decomposition, as the inverse of L: Sigma = (T L^-1)(T L^-1)' is then a draw of
    /// InverseWishart(nu, T T') for any lower triangular T.</summary>
    /// <param name="degreesOfFreedom">nu, more than q - 1.</param>
    /// <param name="q">Size.</param>
    /// <param name="stream">Gives the random numbers; moved on.</param>
    /// <param name="inverse">Overwritten with L^-1, lower triangular, zeros above the diagonal.</param>
    /// <remarks>
    /// L_ij ~ N(0, 1) below the diagonal, and L_ii^2 is chi-square with nu - (q - 1 - i) degrees of freedom: the last row has nu, since it is L'L and
    /// not L L' that is wanted. O(q^3). Source: [Bartlett1933].
    /// </remarks>
    public static void SampleInverseBartlett(double degreesOfFreedom, int q, PhiloxStream stream, Span<double> inverse)
    {
        var root = q <= MostOnStack ? stackalloc double[q * q] : new double[q * q];
        root.Clear();
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < i; j++)
                root[i * q + j] = stream.NextNormal();
            root[i * q + i] = Math.Sqrt(2 * stream.NextGamma(0.5 * (degreesOfFreedom - (q - 1 - i))));
        }

        Invert(root, q, inverse);
    }

    /// <summary>log |Sigma| / 2 = sum of log Lambda_ii.</summary>
    public static double HalfLogDeterminant(ReadOnlySpan<double> lambda, int q)
    {
        var sum = 0.0;
        for (var a = 0; a < q; a++)
            sum += Math.Log(lambda[a * q + a]);
        return sum;
    }

    /// <summary>The derivative for Lambda of a log |Sigma| + f(Sigma^-1) with S = df/dSigma^-1, symmetric: 2 a / Lambda_ii on the diagonal, and -2
    /// M'M S M'.</summary>
    /// <param name="inverse">M.</param>
    /// <param name="weights">S.</param>
    /// <param name="logDeterminant">a.</param>
    /// <param name="q">Size.</param>
    /// <param name="scratch">Overwritten. Length q^2.</param>
    /// <param name="gradient">Overwritten, zeros above the diagonal.</param>
    public static void Differentiate(
        ReadOnlySpan<double> inverse, ReadOnlySpan<double> weights, double logDeterminant, int q, Span<double> scratch, Span<double> gradient)
    {
        // scratch = M S M', by rows (gradient holds M S meanwhile)
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
            {
                var sum = 0.0;
                for (var k = 0; k <= i; k++)
                    sum += inverse[i * q + k] * weights[k * q + j];
                gradient[i * q + j] = sum;
            }
        }

        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
            {
                var sum = 0.0;
                for (var k = 0; k <= j; k++)
                    sum += gradient[i * q + k] * inverse[j * q + k];
                scratch[i * q + j] = sum;
            }
        }

        gradient.Clear();
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = 0.0;
                for (var k = i; k < q; k++)
                    sum += inverse[k * q + i] * scratch[k * q + j];
                gradient[i * q + j] = -2 * sum;
            }

            gradient[i * q + i] += 2 * logDeterminant * inverse[i * q + i];
        }
    }

    /// <summary>log Gamma_q(x), the multivariate gamma function: q (q - 1) / 4 log pi + sum over i of log Gamma(x - i / 2), i = 0..q-1.</summary>
    public static double LogMultivariateGamma(double x, int q)
    {
        var log = 0.25 * q * (q - 1) * Math.Log(Math.PI);
        for (var i = 0; i < q; i++)
            log += MathNet.Numerics.SpecialFunctions.GammaLn(x - 0.5 * i);
        return log;
    }
}
