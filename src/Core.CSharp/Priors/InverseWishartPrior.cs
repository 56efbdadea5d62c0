using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Inverse-Wishart prior on a covariance matrix Sigma. It ties the sds to the correlations: where sds are small correlations are near 0,
/// where large near -1 or 1.</summary>
/// <remarks>
/// p(Sigma) = |Psi|^(nu / 2) / (2^(nu q / 2) Gamma_q(nu / 2)) |Sigma|^-(nu + q + 1) / 2 exp(-tr(Psi Sigma^-1) / 2), nu > q - 1. E Sigma = Psi / (nu -
/// q - 1) where nu > q + 1. With q = 1 the variance is inverse gamma of shape nu / 2 and scale Psi / 2. <see cref="HuangWandPrior"/> is usually the
/// better choice. Source: [Huang2013].
/// </remarks>
public sealed record InverseWishartPrior : ICovariancePrior
{
    private readonly double scalar;                    // Psi = scalar I where there is no matrix
    private readonly int size;                         // 0 where there is no matrix
    private readonly double logDeterminant;            // of the matrix
    private readonly double[] root = [];               // T, Psi = T T', by rows; empty where there is no matrix

    /// <summary>Creates the prior with a scale matrix that is a multiple of the identity, whatever the number of effects.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom nu; more than the number of varying effects less one.</param>
    /// <param name="scale">The diagonal of Psi, in squared units of the effects; positive.</param>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public InverseWishartPrior(double degreesOfFreedom, double scale)
    {
        DegreesOfFreedom = PriorArguments.Positive(degreesOfFreedom, "InverseWishart");
        scalar = PriorArguments.Positive(scale, "InverseWishart");
        ScaleMatrix = [];
    }

    /// <summary>Creates the prior.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom nu; more than the number of varying effects less one.</param>
    /// <param name="scaleMatrix">Psi, in products of the units of the effects, in their order; symmetric and positive definite (q x q).</param>
    /// <exception cref="ModelException">The degrees of freedom are not positive and finite, or the matrix is not symmetric and positive
    /// definite.</exception>
    public InverseWishartPrior(double degreesOfFreedom, double[,] scaleMatrix)
    {
        ArgumentNullException.ThrowIfNull(scaleMatrix);
        DegreesOfFreedom = PriorArguments.Positive(degreesOfFreedom, "InverseWishart");
        size = scaleMatrix.GetLength(0);
        foreach (var element in scaleMatrix)
            PriorArguments.Finite(element, "InverseWishart", nameof(scaleMatrix));
        if (size == 0 || scaleMatrix.GetLength(1) != size)
            throw PriorArguments.Refusal(
                "InverseWishart", nameof(scaleMatrix), scaleMatrix.Length, "must be a square matrix", "its number of elements");
        for (var a = 0; a < size; a++)
        {
            for (var b = 0; b < a; b++)
            {
                if (scaleMatrix[a, b] != scaleMatrix[b, a])
                    throw PriorArguments.Refusal(
                        "InverseWishart", nameof(scaleMatrix), scaleMatrix[a, b], "must be "
                            + "symmetric", "an element that differs from its mirror image");
            }
        }

        try
        {
            var cholesky = Matrix<double>.Build.DenseOfArray(scaleMatrix).Cholesky();
            logDeterminant = cholesky.DeterminantLn;
            root = cholesky.Factor.ToRowMajorArray();
        }
        catch (ArgumentException)
        {
            throw PriorArguments.Refusal(
                "InverseWishart", nameof(scaleMatrix), scaleMatrix[0, 0], "must be positive definite", "its first element");
        }

        ScaleMatrix = [.. scaleMatrix.Cast<double>()];
    }

    /// <summary>Degrees of freedom nu.</summary>
    public double DegreesOfFreedom { get; }

    /// <summary>Psi, by rows; empty where Psi is <see cref="Scale"/> times the identity.</summary>
    public ImmutableArray<double> ScaleMatrix { get; }

    /// <summary>The multiple of the identity that Psi is; null where it is a matrix.</summary>
    public double? Scale => size == 0 ? scalar : null;

    /// <inheritdoc/>
    public string Text
    {
        get
        {
            if (size == 0)
                return PriorArguments.Text("InverseWishart", DegreesOfFreedom, scalar);
            var rows = Enumerable.Range(0, size)
                .Select(r => string.Join(", ", ScaleMatrix.Skip(r * size).Take(size).Select(x => x.ToString("G6", CultureInfo.InvariantCulture))));
            return string.Create(CultureInfo.InvariantCulture, $"InverseWishart({DegreesOfFreedom:G6}, [{string.Join("; ", rows)}])");
        }
    }

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public bool HasFloor => true;

    /// <inheritdoc/>
    public string? ReasonAgainst(int termCount)
    {
        if (size > 0 && size != termCount)
            return $"{Text} has a scale matrix of size {size}, but {PriorArguments.ThereAre(termCount)}.";
        return DegreesOfFreedom > termCount - 1
            ? null
            : $"{Text} needs more than {termCount - 1} degrees of freedom, because {PriorArguments.ThereAre(termCount)}.";
    }

    /// <inheritdoc/>
    /// <remarks>Inverse gamma on the variance of shape (nu - q + 1) / 2 and scale Psi_ii / 2.</remarks>
    public IScalePrior? SdPrior(int term, int termCount) =>
        new InverseGammaOnVariancePrior(0.5 * (DegreesOfFreedom - termCount + 1), 0.5 * Psi(term, term));

    /// <inheritdoc/>
    public double? CorrelationExponent(int termCount)
    {
        for (var a = 0; a < size; a++)
        {
            for (var b = 0; b < a; b++)
            {
                if (Psi(a, b) != 0)
                    return null;
            }
        }

        return 0.5 * (DegreesOfFreedom - termCount - 1);
    }

    /// <inheritdoc/>
    public InverseWishartCovariance? Conjugate(int termCount)
    {
        if (ReasonAgainst(termCount) is not null)
            return null;
        var elements = Enumerable.Range(0, termCount * termCount).Select(at => Psi(at / termCount, at % termCount));
        return new(DegreesOfFreedom, [.. elements], 0, []);
    }

    /// <inheritdoc/>
    /// <remarks>O(q^3); allocates nothing up to q = 16.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double LogDensity(ReadOnlySpan<double> factor, Span<double> gradient)
    {
        var q = (int)Math.Sqrt(factor.Length);
        var nu = DegreesOfFreedom;
        var scratch = q <= InverseCholesky.MostOnStack ? stackalloc double[3 * q * q] : new double[3 * q * q];
        var inverse = scratch[..(q * q)];
        var weights = scratch.Slice(q * q, q * q);
        weights.Clear();
        InverseCholesky.Invert(factor, q, inverse);
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
                weights[a * q + b] = -0.5 * Psi(a, b);
        }

        // tr(Psi M'M) = sum over rows m of M of m'Psi m
        var trace = 0.0;
        for (var r = 0; r < q; r++)
        {
            for (var a = 0; a <= r; a++)
            {
                for (var b = 0; b <= r; b++)
                    trace += inverse[r * q + a] * weights[a * q + b] * inverse[r * q + b];
            }
        }

        var logScale = size > 0 ? logDeterminant : q * Math.Log(scalar);
        if (!gradient.IsEmpty)
            InverseCholesky.Differentiate(inverse, weights, -0.5 * (nu + q + 1), q, scratch[(2 * q * q)..], gradient);
        return 0.5 * nu * (logScale - q * Math.Log(2)) - InverseCholesky.LogMultivariateGamma(0.5 * nu, q)
            - (nu + q + 1) * InverseCholesky.HalfLogDeterminant(factor, q) + trace;
    }

    /// <inheritdoc/>
    /// <remarks>Lambda = T L^-1 with Psi = T T' and L'L a draw of Wishart(nu, I). O(q^3); allocates nothing up to q = 16. Source:
    /// [Bartlett1933].</remarks>
    public void SampleFactor(int termCount, PhiloxStream stream, Span<double> factor)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var q = termCount;
        InverseCholesky.SampleInverseBartlett(DegreesOfFreedom, q, stream, factor);
        if (size == 0)
        {
            var scale = Math.Sqrt(scalar);
            for (var t = 0; t < q * q; t++)
                factor[t] *= scale;
            return;
        }

        // From below, since row a of T L^-1 needs the rows of L^-1 above it.
        for (var a = q - 1; a >= 0; a--)
        {
            for (var b = 0; b <= a; b++)
            {
                var sum = 0.0;
                for (var c = b; c <= a; c++)
                    sum += root[a * q + c] * factor[c * q + b];
                factor[a * q + b] = sum;
            }
        }
    }

    /// <summary>True for the same degrees of freedom and scale matrix.</summary>
    /// <param name="other">Another prior.</param>
    /// <returns>Whether they are equal.</returns>
    public bool Equals(InverseWishartPrior? other) =>
        other is not null && DegreesOfFreedom == other.DegreesOfFreedom && scalar == other.scalar
            && ScaleMatrix.AsSpan().SequenceEqual(other.ScaleMatrix.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(DegreesOfFreedom, scalar, size);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private double Psi(int a, int b) => size > 0 ? ScaleMatrix[a * size + b] : a == b ? scalar : 0;
}
