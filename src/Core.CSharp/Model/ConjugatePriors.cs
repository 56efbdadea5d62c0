using System.Collections.Immutable;
using MathNet.Numerics.Distributions;

namespace TypedPooling.Model;

/// <summary>Replaces the priors of a model by the nearest conjugate ones, for engines whose updates need them.</summary>
/// <remarks>
/// <para>
/// A coefficient: the Normal of the same median and the same 90 % quantile. A single sd: the inverse gamma on the variance that gives the sd the same
/// median and the same 90 % quantile, sd_p = sqrt(scale / g_(1-p)) with g_p the quantile of Gamma(shape, 1), so that the shape solves g_50 / g_10 =
/// (sd_90 / sd_50)^2. With <see cref="CovarianceFamily.HuangWand"/> priors of single sds stay as they are: the engine that asks for that family takes
/// any proper one.
/// </para>
/// <para>
/// Correlated effects, q of them. LKJ(eta) gives each correlation a density proportional to (1 - rho^2)^(eta + q / 2 - 2); so does
/// <see cref="InverseWishartPrior"/> with a diagonal Psi and nu = 2 eta + 2 q - 3, whose variances are inverse gamma of shape (nu - q + 1) / 2 and
/// scale Psi_ii / 2; and so does <see cref="HuangWandPrior"/> with nu = 2 eta + q - 2, whose sds are HalfStudentT(nu, A_i). That leaves one number
/// for each sd: its median is kept. With the inverse Wishart an sd near 0 becomes much less likely than most declared priors make it; the other
/// family keeps it possible.
/// </para>
/// <para>
/// Two quantiles are not a posterior: how far a replacement moves one depends on the data, and <see cref="Engines.ReplacedPriors.Check"/> tells it.
/// Left as they are: improper and fixed priors, priors left to the default, bounded priors of a coefficient, correlated effects whose priors speak of
/// another origin (<see cref="FactorSpec.Origin"/>) than the replacement would, and a factor in which an sd is one of these while effects are
/// correlated. Sources: [Lewandowski2009], [Huang2013].
/// </para>
/// </remarks>
public static class ConjugatePriors
{
    private const double UpperProbability = 0.9;
    private const double NormalUpper = 1.2815515655446004; // the 90 % quantile of N(0, 1)

    private const string TwoQuantiles = "equal median and 90 % quantile of the sd";

    /// <summary>Replaces every prior that is not conjugate and has a conjugate near it.</summary>
    /// <param name="spec">The model; not changed.</param>
    /// <param name="covariance">The family for correlated effects.</param>
    /// <returns>The model with conjugate priors, and the list of replacements.</returns>
    /// <remarks>Pure. A few hundred gamma quantiles for each sd at most.</remarks>
    public static ConjugateModel Replace(ModelSpec spec, CovarianceFamily covariance)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var replaced = ImmutableArray.CreateBuilder<ReplacedPrior>();
        var population = spec.Population.Select(term => term with { Prior = Coefficient(term, replaced) }).ToImmutableArray();
        var factors = spec.Factors.Select(factor => Factor(factor, covariance, replaced)).ToImmutableArray();
        var sigma = spec.Response.Sigma is { } prior ? Scale(prior, "sigma", covariance, replaced) : null;
        return new ConjugateModel(
            spec with { Population = population, Factors = factors, Response = spec.Response with { Sigma = sigma } }, replaced.ToImmutable());
    }

    /// <summary>The inverse gamma on the variance that gives an sd two quantiles.</summary>
    /// <param name="median">Median of the sd; positive.</param>
    /// <param name="upper">90 % quantile of the sd; above the median.</param>
    /// <returns>The prior.</returns>
    public static InverseGammaOnVariancePrior InverseGamma(double median, double upper)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(median);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(upper, median);
        var target = 2 * Math.Log(upper / median);

        // The ratio falls in the shape: from beyond any target near 0 (in logs about 2.3 / shape, with shape -> 0) to 1.
        var (low, high) = (Math.Log(0.01), Math.Log(1e8));
        for (var i = 0; i < 80; i++)
        {
            var middle = 0.5 * (low + high);
            if (LogRatio(Math.Exp(middle)) > target)
                low = middle;
            else
                high = middle;
        }

        var shape = Math.Exp(0.5 * (low + high));
        return new InverseGammaOnVariancePrior(shape, median * median * Gamma.InvCDF(shape, 1, 0.5));

        static double LogRatio(double shape) => Math.Log(Gamma.InvCDF(shape, 1, 0.5)) - Math.Log(Gamma.InvCDF(shape, 1, 1 - UpperProbability));
    }

    private static IRealPrior? Coefficient(PopulationTerm term, ImmutableArray<ReplacedPrior>.Builder replaced)
    {
        // A prior that is open, fixed, improper or bounded has no normal one near it.
        if (term.Prior is not { FixedValue: null, IsProper: true, Lower: double.NegativeInfinity, Upper: double.PositiveInfinity } prior)
            return term.Prior;
        if (prior.Mixture is { IsMixed: false })
            return prior;
        var (median, upper) = (prior.Median, prior.Quantile(UpperProbability));
        var normal = new NormalPrior(median, (upper - median) / NormalUpper);
        replaced.Add(new ReplacedPrior(term.Name, prior.Text, normal.Text, "equal median and 90 % quantile"));
        return normal;
    }

    private static FactorSpec Factor(FactorSpec factor, CovarianceFamily family, ImmutableArray<ReplacedPrior>.Builder replaced)
    {
        if (!factor.HasCorrelations && factor.Covariance is null)
            return factor with
            {
                Terms = [.. factor.Terms.Select(
                    term => term with { Sd = term.Sd is null ? null : Scale(term.Sd, $"sd({factor.Name}: {term.Name})", family, replaced) })],
            };

        // What the priors say of the effects about another point than the one where the replacement would be stated has no member of the family.
        if (!factor.Origin.IsEmpty && !(factor.IsStatedAtOrigin && family == CovarianceFamily.HuangWand))
            return factor;
        var q = factor.Terms.Length;
        double eta;
        double[] medians;
        string original;
        switch (factor.Covariance)
        {
            case { } covariance when family == CovarianceFamily.InverseWishart && covariance.Conjugate(q) is { IsMixture: true }
                && covariance.CorrelationExponent(q) is { } exponent && covariance.SdPrior(0, q) is not null:
                eta = exponent + 2 - 0.5 * q;
                medians = [.. Enumerable.Range(0, q).Select(a => covariance.SdPrior(a, q)!.Median)];
                original = covariance.Text;
                break;
            case null when factor.Correlation.Concentration is { } concentration
                && factor.Terms.All(term => term.Sd is not null && HasQuantiles(term.Sd)):
                eta = concentration;
                medians = [.. factor.Terms.Select(term => term.Sd!.Median)];
                original = $"{string.Join(", ", factor.Terms.Select(term => term.Sd!.Text))} and {factor.Correlation.Text}";
                break;
            default:
                return factor;
        }

        var (prior, criterion) = Covariance(family, q, eta, medians);
        if (prior is null)
            return factor;
        replaced.Add(new ReplacedPrior($"covariance({factor.Name})", original, prior.Text, criterion));
        return factor with { Covariance = prior, Terms = [.. factor.Terms.Select(term => term with { Sd = null })] };
    }

    private static (ICovariancePrior? Prior, string Criterion) Covariance(CovarianceFamily family, int q, double eta, double[] medians)
    {
        const string Criterion = "equal median of each sd and equal densities of the correlations";
        if (family == CovarianceFamily.HuangWand)
        {
            // Below 0 where eta is small and q is 2: no such member.
            var degrees = 2 * eta + q - 2;
            return degrees > 0
                ? ((ICovariancePrior?)new HuangWandPrior(degrees, [.. medians.Select(median => median / HalfStudentMedian(degrees))]), Criterion)
                : (null, Criterion);
        }

        var nu = 2 * eta + 2 * q - 3;
        var shape = 0.5 * (nu - q + 1);
        if (!(shape > 0))
            return (null, Criterion);

        // The variance is inverse gamma of this shape and scale Psi_ii / 2.
        var psi = new double[q, q];
        for (var a = 0; a < q; a++)
            psi[a, a] = 2 * medians[a] * medians[a] * Gamma.InvCDF(shape, 1, 0.5);
        return (new InverseWishartPrior(nu, psi), q == 1 ? "equal median of the sd" : Criterion);
    }

    private static IScalePrior Scale(IScalePrior prior, string parameter, CovarianceFamily family, ImmutableArray<ReplacedPrior>.Builder replaced)
    {
        if (prior.Conjugate is not null || family == CovarianceFamily.HuangWand || !HasQuantiles(prior))
            return prior;
        var conjugate = InverseGamma(prior.Median, prior.Quantile(UpperProbability));
        replaced.Add(new ReplacedPrior(parameter, prior.Text, conjugate.Text, TwoQuantiles));
        return conjugate;
    }

    private static bool HasQuantiles(IScalePrior prior) => prior.FixedValue is null && prior.IsProper;

    private static double HalfStudentMedian(double degreesOfFreedom) => StudentT.InvCDF(0, 1, degreesOfFreedom, 0.75);
}
