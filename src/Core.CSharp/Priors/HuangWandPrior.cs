using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MathNet.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>The prior of Huang and Wand on a covariance matrix Sigma: every sd is half-Student-t, and with 2 degrees of freedom every correlation is
/// uniform.</summary>
/// <remarks>
/// <para>
/// Sigma | a ~ InverseWishart(nu + q - 1, 2 nu diag(1 / a_i)), 1 / a_i ~ Gamma(1/2, rate 1 / A_i^2). With the a_i integrated out
/// p(Sigma) = C |Sigma|^-(nu + 2 q) / 2 prod_i (nu (Sigma^-1)_ii + 1 / A_i^2)^-(nu + q) / 2 with
/// C = nu^(q (nu + q - 1) / 2) / Gamma_q((nu + q - 1) / 2) prod_i Gamma((nu + q) / 2) / (sqrt(pi) A_i).
/// </para>
/// <para>sd_i ~ HalfStudentT(nu, A_i), whatever q; a correlation has a density proportional to (1 - rho^2)^(nu / 2 - 1). Source: [Huang2013].</para>
/// </remarks>
public sealed record HuangWandPrior : ICovariancePrior
{
    /// <summary>Creates the prior.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom nu; positive. 2 makes every correlation uniform.</param>
    /// <param name="scales">Scale A of each varying effect, in units of its sd, in the order of the effects; positive. One scale stands for
    /// all.</param>
    /// <exception cref="ModelException">A parameter is not positive and finite, or there is no scale.</exception>
    public HuangWandPrior(double degreesOfFreedom, params double[] scales)
    {
        ArgumentNullException.ThrowIfNull(scales);
        DegreesOfFreedom = PriorArguments.Positive(degreesOfFreedom, "HuangWand");
        if (scales.Length == 0)
            throw PriorArguments.Refusal("HuangWand", nameof(scales), 0, "must have at least one number");
        foreach (var scale in scales)
            PriorArguments.Positive(scale, "HuangWand");
        Scales = [.. scales];
    }

    /// <summary>Degrees of freedom nu.</summary>
    public double DegreesOfFreedom { get; }

    /// <summary>Scale A of each varying effect, or one for all.</summary>
    public ImmutableArray<double> Scales { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("HuangWand", [DegreesOfFreedom, .. Scales]);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public bool HasFloor => false;

    /// <inheritdoc/>
    public string? ReasonAgainst(int termCount) =>
        Scales.Length == 1 || Scales.Length == termCount ? null : $"{Text} has {Scales.Length} scales, but {PriorArguments.ThereAre(termCount)}.";

    /// <inheritdoc/>
    /// <remarks>HalfStudentT(nu, A_i), whatever q.</remarks>
    public IScalePrior? SdPrior(int term, int termCount) => new HalfStudentTPrior(DegreesOfFreedom, Scale(term));

    /// <inheritdoc/>
    public double? CorrelationExponent(int termCount) => 0.5 * DegreesOfFreedom - 1;

    /// <inheritdoc/>
    public InverseWishartCovariance? Conjugate(int termCount)
    {
        if (ReasonAgainst(termCount) is not null)
            return null;
        var scales = Enumerable.Range(0, termCount).Select(Scale);
        return new(DegreesOfFreedom + termCount - 1, [.. new double[termCount * termCount]], DegreesOfFreedom, [.. scales]);
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
        var power = 0.5 * (nu + q);
        var log = 0.5 * q * (nu + q - 1) * Math.Log(nu) - InverseCholesky.LogMultivariateGamma(0.5 * (nu + q - 1), q)
            + q * (SpecialFunctions.GammaLn(power) - 0.5 * Math.Log(Math.PI)) - (nu + 2 * q) * InverseCholesky.HalfLogDeterminant(factor, q);
        for (var i = 0; i < q; i++)
        {
            // (Sigma^-1)_ii is the square of column i of M
            var precision = 0.0;
            for (var r = i; r < q; r++)
                precision += inverse[r * q + i] * inverse[r * q + i];
            var scale = Scale(i);
            var sum = nu * precision + 1 / (scale * scale);
            log -= power * Math.Log(sum) + Math.Log(scale);
            weights[i * q + i] = -power * nu / sum;
        }

        if (!gradient.IsEmpty)
            InverseCholesky.Differentiate(inverse, weights, -0.5 * (nu + 2 * q), q, scratch[(2 * q * q)..], gradient);
        return log;
    }

    /// <inheritdoc/>
    /// <remarks>Sigma given a = T (L'L)^-1 T', T_ii^2 = 2 nu / a_i and 1 / a_i = A_i^2 g_i, g_i ~ Gamma(1/2, 1). O(q^3); allocates nothing up to q =
    /// 16. Source: [Huang2013].</remarks>
    public void SampleFactor(int termCount, PhiloxStream stream, Span<double> factor)
    {
        ArgumentNullException.ThrowIfNull(stream);
        InverseCholesky.SampleInverseBartlett(DegreesOfFreedom + termCount - 1, termCount, stream, factor);
        for (var i = 0; i < termCount; i++)
        {
            var root = Scale(i) * Math.Sqrt(2 * DegreesOfFreedom * stream.NextGamma(0.5));
            for (var j = 0; j <= i; j++)
                factor[i * termCount + j] *= root;
        }
    }

    /// <summary>True for the same degrees of freedom and scales.</summary>
    /// <param name="other">Another prior.</param>
    /// <returns>Whether they are equal.</returns>
    public bool Equals(HuangWandPrior? other) =>
        other is not null && DegreesOfFreedom == other.DegreesOfFreedom && Scales.AsSpan().SequenceEqual(other.Scales.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(DegreesOfFreedom, Scales[0], Scales.Length);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private double Scale(int term) => Scales.Length == 1 ? Scales[0] : Scales[term];
}
