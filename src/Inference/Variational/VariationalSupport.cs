using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Model;

namespace TypedPooling.Inference.Variational;

/// <summary>What the Variational engine can fit: normal hierarchies whose single sds have proper priors, and whose covariances have priors with
/// closed-form updates.</summary>
internal static class VariationalSupport
{
    /// <summary>Greatest degrees of freedom nu of Huang and Wand's prior.</summary>
    /// <remarks>
    /// Its mixing variables are apart from Sigma in q, so that the sd of a log sd is too small by a factor of about sqrt(J / (J + nu)) for J levels.
    /// From 10 on that would be more than what the mean field loses elsewhere, where levels are as few.
    /// </remarks>
    public const double MostDegreesOfFreedom = 10;

    private const string ScaleRemedy = "Use a proper prior, or an exact engine.";

    public static Support Of(ModelSpec spec)
    {
        var reasons = ImmutableArray.CreateBuilder<Problem>();
        if (!spec.Response.Family.IsNormal)
            Refuse(
                spec.Response.Name,
                $"The Variational engine takes Normal and LogNormal responses only, and this response is {spec.Response.Family.Name}.",
                "Use an engine for that family.");
        foreach (var term in spec.Population)
        {
            if (term.Prior is { FixedValue: null } prior && !PopulationSystem.IsIntegrated(prior))
                Refuse(
                    term.Name,
                    $"The Variational engine takes Normal, Flat or Fixed priors of population effects, but this prior is {prior.Text}.",
                    "Use one of these, or an exact engine.");
        }

        if (spec.Response is { KnownSd: null, Sigma: { } sigma } && !IsTaken(sigma))
            Refuse("sigma", $"The Variational engine needs a proper prior of sigma, but this prior is {sigma.Text}.", ScaleRemedy);
        foreach (var factor in spec.Factors)
        {
            if (factor.Covariance is { } covariance)
            {
                if (covariance.Conjugate(factor.Terms.Length) is not { } conjugate)
                    Refuse(
                        factor.Name,
                        $"The Variational engine has no closed-form update for a covariance with the prior {covariance.Text}.",
                        "Use HuangWand, InverseWishart, or an exact engine.");
                else if (factor.Terms.Length > 1 && conjugate.MixingDegreesOfFreedom > MostDegreesOfFreedom)
                    Refuse(
                        factor.Name,
                        $"With more than 10 degrees of freedom the Variational engine loses most of the spread of the sds. The prior of their "
                            + $"covariance is "
                            + $"{covariance.Text}.",
                        "Use fewer degrees of freedom (an LKJ prior of a smaller eta where it was replaced), InverseWishart, or an exact engine.");
                continue;
            }

            foreach (var term in factor.Terms)
            {
                if (term.Sd is { } sd && !IsTaken(sd))
                    Refuse(
                        $"{factor.Name}: {term.Name}",
                        $"The Variational engine needs a proper prior of an sd, but this prior is {sd.Text}.",
                        ScaleRemedy);
            }

            if (factor.HasCorrelations)
                Refuse(
                    factor.Name,
                    $"The Variational engine has no closed-form update for correlations with the prior {factor.Correlation.Text}.",
                    "Use Covariance with HuangWand or InverseWishart, Uncorrelated, an engine with Replacing = NearestConjugate, or an exact "
                        + "engine. With NearestConjugate, centre the columns if you gave the sd of the intercept a prior.");
        }

        return new Support(Exactness.Approximate, reasons.ToImmutable());

        void Refuse(string term, string sentence, string remedy) =>
            reasons.Add(new Problem(ProblemCode.EngineRefuses, sentence, remedy) { Term = term });
    }

    /// <summary>The approximation of sigma; known errors are a scale of 1.</summary>
    public static ScaleApproximation Sigma(ModelSpec spec) => spec.Response.KnownSd is not null ? new FixedScale(1) : Of(spec.Response.Sigma);

    /// <summary>The approximation of a factor's scales.</summary>
    public static ScaleApproximation Scales(FactorSpec factor)
    {
        if (factor.Covariance is not { } covariance)
            return new DiagonalScale([.. factor.Terms.Select(term => Of(term.Sd))]);
        var q = factor.Terms.Length;
        var conjugate = covariance.Conjugate(q)!;

        // One sd needs no mixing variables, which lose some of its spread.
        return q == 1 && conjugate.IsMixture && covariance.SdPrior(0, 1) is { } sd ? new DensityScale(sd) : new CovarianceScale(q, conjugate);
    }

    private static bool IsTaken(IScalePrior prior) => prior.FixedValue is not null || prior.IsProper;

    private static ScaleApproximation Of(IScalePrior? prior) => prior switch
    {
        { FixedValue: { } known } => new FixedScale(known),
        { IsProper: true, Conjugate: { } gamma } => new InverseGammaScale(gamma),
        _ => new DensityScale(prior!),
    };
}
