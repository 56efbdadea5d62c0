using TypedPooling.Inference.Density;
using TypedPooling.Inference.GaussianSystem;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>From the scales of a search, of centred columns, to those of the columns as they are.</summary>
/// <remarks>
/// With u = T^-1 u~, T^-1 = [1 -x*'; 0 I], and u~ = Lambda~ v, the effects' root is T^-1 Lambda~, whose row of the intercept is Lambda~_0 - sum_k x*_k Lambda~_k: its length is the intercept's sd at x = 0, with
/// the rounding of x*_k sd_k alone. Rotations from the right, which do not change the covariance, make the root lower triangular. They keep columns of zeros, so that a covariance matrix without full rank has exact zeros on its diagonal.
/// </remarks>
internal static class ReportedScales
{
    /// <summary>The scales of the columns as they are.</summary>
    /// <param name="system">The system the point was found for.</param>
    /// <param name="point">Sigma and every Lambda, of centred columns or not.</param>
    /// <returns>A new point; every Lambda lower triangular, its diagonal not negative.</returns>
    public static ScalePoint Of(CoefficientSystem system, ScalePoint point)
    {
        var reported = new ScalePoint([.. point.Factors.Select(factor => factor.Sd.Length)]) { Sigma = point.Sigma, Shape = point.Shape };
        for (var k = 0; k < point.Factors.Length; k++)
        {
            var (lambda, q) = (reported.Factors[k].Lambda, point.Factors[k].Sd.Length);
            point.Factors[k].Lambda.CopyTo(lambda, 0);
            if (point.Factors[k].IsCentred)
                system.Uncentre(k, lambda);
            Triangularise(lambda, q);
        }

        return reported;
    }

    // Rotates columns a and c so that element (a, c) is 0, for each c > a of row after row.
    private static void Triangularise(double[] lambda, int q)
    {
        for (var a = 0; a < q; a++)
        {
            for (var c = a + 1; c < q; c++)
            {
                var (own, other) = (lambda[a * q + a], lambda[a * q + c]);
                if (other == 0)
                    continue;
                var length = double.Hypot(own, other);
                var (cosine, sine) = (own / length, other / length);
                for (var row = a; row < q; row++)
                {
                    var (x, y) = (lambda[row * q + a], lambda[row * q + c]);
                    lambda[row * q + a] = cosine * x + sine * y;
                    lambda[row * q + c] = row == a ? 0 : cosine * y - sine * x;
                }
            }

            if (!(lambda[a * q + a] < 0))
                continue;
            for (var row = a; row < q; row++)
                lambda[row * q + a] *= -1;
        }
    }
}
