using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;

namespace TypedPooling.Inference.Scales;

/// <summary>Sigma, and Lambda of one grouping factor, of each draw, read back from the scales a posterior reports, whatever its engine.
/// Immutable.</summary>
internal sealed class ScaleValues
{
    private readonly int termCount;

    private ScaleValues(double[] sigma, double[] lambda, int termCount) => (Sigma, Lambda, this.termCount) = (sigma, lambda, termCount);

    /// <summary>Residual sd by draw; 1 where the error of each row is known. One entry where all scales are known.</summary>
    public double[] Sigma { get; }

    /// <summary>Lambda by draw, q x q by rows; lower triangular where the factor has no origin of its own. One entry where all scales are
    /// known.</summary>
    public double[] Lambda { get; }

    /// <summary>Reads the scales of a factor.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="posterior">Its posterior, on the standardised or on the original scale.</param>
    /// <param name="factorIndex">Index of the grouping factor.</param>
    /// <returns>The scales, on the scale of the posterior. O(draws q^3).</returns>
    /// <remarks>Where a factor has an origin of its own, Lambda is made of the scales about it, T^-1 Lambda_c: those about 0 have lost its digits
    /// where 0 is far from the columns.</remarks>
    public static ScaleValues Read(ModelSpec spec, Posterior posterior, int factorIndex = 0)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(posterior);
        if (!spec.IsStandardized && posterior.Standardized is { } own && !spec.Factors[factorIndex].Origin.IsEmpty)
            return Read(spec, own, factorIndex).AtZero(CoefficientMap.AtZero(own.Spec.Factors[factorIndex]));
        return Of(spec, posterior, factorIndex, posterior.Exact is not null ? 1 : posterior.DrawCount, i =>
        {
            var draws = new double[posterior.DrawCount];
            posterior.Scales.CopyDraws(i, draws);
            return draws;
        });
    }

    /// <summary>The one value of the scales at which the moments of a posterior hold: the known scales, or the estimates of a likelihood
    /// engine.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="posterior">Its posterior, which has exact moments or a point estimate.</param>
    /// <param name="factorIndex">Index of the grouping factor.</param>
    /// <returns>The scales; a correlation without meaning, that of an effect whose sd is 0, counts as 0. O(q^3).</returns>
    public static ScaleValues AtPoint(ModelSpec spec, Posterior posterior, int factorIndex = 0)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(posterior);
        return posterior.Point is { } point
            ? Of(spec, posterior, factorIndex, 1, i => [double.IsNaN(point.Scales[i]) ? 0 : point.Scales[i]])
            : Read(spec, posterior, factorIndex);
    }

    // valuesOf: values of a scale parameter, `count` or more.
    private static ScaleValues Of(ModelSpec spec, Posterior posterior, int factorIndex, int count, Func<int, double[]> valuesOf)
    {
        var factor = spec.Factors[factorIndex];
        var q = factor.Terms.Length;
        var block = posterior.Scales;
        var sigma = new double[count];
        Array.Fill(sigma, 1);
        var sds = new double[count * q];
        var correlations = new double[count * q * q];
        for (var i = 0; i < block.ParameterCount; i++)
        {
            var parameter = block.Parameter(i);
            if (parameter.Factor is { } own && own != factor.Name)
                continue;
            var values = valuesOf(i);
            for (var s = 0; s < count; s++)
            {
                if (parameter.Kind == ParameterKind.Sigma)
                    sigma[s] = values[s];
                else if (parameter.Factor == factor.Name && parameter.Kind == ParameterKind.VaryingSd)
                    sds[s * q + IndexOf(parameter.Term)] = values[s];
                else if (parameter.Factor == factor.Name)
                    correlations[s * q * q + IndexOf(parameter.OtherTerm!) * q + IndexOf(parameter.Term)] = values[s];
            }
        }

        for (var s = 0; s < count; s++)
            Factorise(correlations.AsSpan(s * q * q, q * q), sds.AsSpan(s * q, q), q);
        return new ScaleValues(sigma, correlations, q);

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

    /// <summary>Residual sd of a draw.</summary>
    /// <param name="draw">Number of the draw.</param>
    /// <returns>Sigma; 1 where the error of each row is known.</returns>
    public double SigmaOf(int draw) => Sigma.Length == 1 ? Sigma[0] : Sigma[draw];

    /// <summary>A root of a draw's covariance of the varying effects, Sigma_k = Lambda Lambda'.</summary>
    /// <param name="draw">Number of the draw.</param>
    /// <returns>q x q by rows; lower triangular where the factor has no <see cref="FactorSpec.Origin"/>.</returns>
    public ReadOnlySpan<double> LambdaOf(int draw)
    {
        var size = termCount * termCount;
        return Lambda.AsSpan(Lambda.Length == size ? 0 : draw * size, size);
    }

    // Every column of Lambda is mapped as effects are.
    private ScaleValues AtZero(CoefficientMap map)
    {
        var q = termCount;
        Span<double> column = new double[q];
        for (var start = 0; start < Lambda.Length; start += q * q)
        {
            for (var b = 0; b < q; b++)
            {
                for (var a = 0; a < q; a++)
                    column[a] = Lambda[start + a * q + b];
                map.RestoreEffects(column);
                for (var a = 0; a < q; a++)
                    Lambda[start + a * q + b] = column[a];
            }
        }

        return this;
    }

    // Cholesky of the correlation matrix (strict lower triangle in), rows scaled by the sds. |rho| = 1 to rounding gives a zero diagonal.
    private static void Factorise(Span<double> matrix, ReadOnlySpan<double> sds, int q)
    {
        for (var a = 0; a < q; a++)
            matrix[a * q + a] = 1;
        SemidefiniteCholesky.Factorise(matrix, q);
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b <= a; b++)
                matrix[a * q + b] *= sds[a];
        }
    }
}
