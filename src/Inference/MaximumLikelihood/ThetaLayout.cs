using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The order of lme4's theta: factor after factor the lower triangle by columns, or the diagonal where effects are uncorrelated.</summary>
internal static class ThetaLayout
{
    public static int Count(ScalePoint point, LikelihoodCoordinates coordinates) =>
        Enumerable.Range(0, point.Factors.Length).Sum(
            k => coordinates.IsCorrelated(k) ? point.Factors[k].Sd.Length * (point.Factors[k].Sd.Length + 1) / 2 : point.Factors[k].Sd.Length);

    /// <exception cref="ArgumentException">There are too many or too few elements.</exception>
    public static void Read(ReadOnlySpan<double> theta, ScalePoint point, LikelihoodCoordinates coordinates)
    {
        if (theta.Length != Count(point, coordinates))
            throw new ArgumentException(
                $"The model has {Count(point, coordinates)} elements of relative covariance factors, and {theta.Length} are given.", nameof(theta));
        var next = 0;
        foreach (var (lambda, index) in Places(point, coordinates))
            lambda[index] = theta[next++];
    }

    /// <summary>The elements, each multiplied with a factor.</summary>
    public static double[] Write(ScalePoint point, LikelihoodCoordinates coordinates, double factor) =>
        [.. Places(point, coordinates).Select(place => factor * place.Lambda[place.Index])];

    /// <summary>The elements as matrices.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="theta">The elements, factor after factor.</param>
    /// <returns>For each factor q x q by rows, lower triangular.</returns>
    public static double[][] Roots(ModelSpec spec, ReadOnlySpan<double> theta)
    {
        var (roots, at) = (new double[spec.Factors.Length][], 0);
        for (var k = 0; k < roots.Length; k++)
        {
            var q = spec.Factors[k].Terms.Length;
            roots[k] = new double[q * q];
            for (var b = 0; b < q; b++)
            {
                for (var a = b; a < (spec.Factors[k].HasCorrelations ? q : b + 1); a++)
                    roots[k][a * q + b] = theta[at++];
            }
        }

        return roots;
    }

    private static IEnumerable<(double[] Lambda, int Index)> Places(ScalePoint point, LikelihoodCoordinates coordinates)
    {
        for (var k = 0; k < point.Factors.Length; k++)
        {
            var q = point.Factors[k].Sd.Length;
            for (var b = 0; b < q; b++)
            {
                for (var a = b; a < (coordinates.IsCorrelated(k) ? q : b + 1); a++)
                    yield return (point.Factors[k].Lambda, a * q + b);
            }
        }
    }
}
