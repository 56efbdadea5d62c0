using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Inference.GaussianSystem;

/// <summary>Sigma and Lambda of each draw, read back from the scales a posterior reports, whatever its engine.</summary>
/// <param name="Sigma">Residual sd by draw; 1 where the error of each row is known. One entry where all scales are known.</param>
/// <param name="Lambda">A factor of Sigma_k of the first grouping factor by draw, q x q by rows, lower triangular.</param>
public sealed record ScaleValues(double[] Sigma, double[] Lambda)
{
    /// <summary>Reads the scales of a posterior.</summary>
    /// <param name="spec">The model, with a grouping factor.</param>
    /// <param name="posterior">Its posterior.</param>
    /// <returns>Sigma and Lambda, in units of the posterior.</returns>
    public static ScaleValues Read(ModelSpec spec, Posterior posterior)
    {
        var factor = spec.Factors[0];
        var q = factor.Terms.Length;
        var known = posterior.Exact is not null;
        var count = known ? 1 : posterior.DrawCount;
        var block = posterior.Scales;
        var draws = new double[posterior.DrawCount];
        var sigma = new double[count];
        Array.Fill(sigma, 1);
        var sds = new double[count * q];
        var correlations = new double[count * q * q];
        for (var i = 0; i < block.ParameterCount; i++)
        {
            var parameter = block.Parameter(i);
            block.CopyDraws(i, draws);
            for (var s = 0; s < count; s++)
            {
                if (parameter.Kind == ParameterKind.Sigma)
                    sigma[s] = draws[s];
                else if (parameter.Factor == factor.Name && parameter.Kind == ParameterKind.VaryingSd)
                    sds[s * q + IndexOf(parameter.Term)] = draws[s];
                else if (parameter.Factor == factor.Name)
                    correlations[s * q * q + IndexOf(parameter.OtherTerm!) * q + IndexOf(parameter.Term)] = draws[s];
            }
        }

        for (var s = 0; s < count; s++)
            Factorise(correlations.AsSpan(s * q * q, q * q), sds.AsSpan(s * q, q), q);
        return new ScaleValues(sigma, correlations);

        int IndexOf(string term)
        {
            for (var a = 0; a < q; a++)
            {
                if (factor.Terms[a].Name == term)
                    return a;
            }

            throw new InvalidOperationException($"The posterior reports a scale of the unknown term '{term}'.");
        }
    }

    // Cholesky of the correlation matrix (strict lower triangle in), rows scaled by the sds. |rho| = 1 to rounding gives a zero diagonal.
    private static void Factorise(Span<double> matrix, ReadOnlySpan<double> sds, int q)
    {
        for (var a = 0; a < q; a++)
        {
            var rest = 1.0;
            for (var b = 0; b < a; b++)
            {
                var sum = matrix[a * q + b];
                for (var k = 0; k < b; k++)
                    sum -= matrix[a * q + k] * matrix[b * q + k];
                var value = matrix[b * q + b] > 0 ? sum / matrix[b * q + b] : 0;
                matrix[a * q + b] = value;
                rest -= value * value;
            }

            matrix[a * q + a] = Math.Sqrt(Math.Max(0, rest));
        }

        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b <= a; b++)
                matrix[a * q + b] *= sds[a];
        }
    }
}
