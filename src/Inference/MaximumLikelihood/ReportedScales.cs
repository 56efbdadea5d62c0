using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;


namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>From the scales of a search, of centred columns, to those of the columns as they are.</summary>
/// <remarks>
/// With u = T^-1 u~, T^-1 = [1 -x*'; 0 I], and u~ = Lambda~ v, the effects' root is T^-1 Lambda~, whose row of the intercept is Lambda~_0 - sum_a
/// x*_a Lambda~_a: its length is the intercept's sd at x = 0, with the rounding of x*_a sd_a alone. <see cref="TriangularTurn"/> makes the root lower
/// triangular and keeps columns of zeros, so that a covariance matrix without full rank has exact zeros on its diagonal.
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
                system.PivotOf(k).UnpivotLambda(lambda);
            TriangularTurn.Turn(lambda, q, new double[q * q]);
        }

        return reported;
    }
}
