using System.Collections.Immutable;
using TypedPooling.Engines;
using TypedPooling.Inference.GaussianSystem;
using TypedPooling.Model;

namespace TypedPooling.Inference.Variational;

/// <summary>What the Variational engine can fit: normal hierarchies whose scales have priors with closed-form updates.</summary>
internal static class VariationalSupport
{
    private const string ScaleRemedy = "Use InverseGammaOnVariance, HalfStudentT, HalfCauchy or Fixed, an engine with Replacing = NearestConjugate, or an exact engine.";

    public static Support Of(ModelSpec spec)
    {
        var reasons = ImmutableArray.CreateBuilder<Problem>();
        if (spec.Response.Family != Family.Normal && spec.Response.Family != Family.LogNormal)
            Refuse(spec.Response.Name, $"The Variational engine takes a Normal or LogNormal response, and this one is {spec.Response.Family.Name}.", "Use an engine for that family.");
        foreach (var term in spec.Population)
        {
            if (term.Prior is { } prior and not FixedPrior && !PopulationSystem.IsIntegrated(prior))
                Refuse(term.Name, $"The Variational engine takes Normal, Flat or Fixed priors of population effects, and this one is {prior.Text}.", "Use one of these, or an exact engine.");
        }

        if (spec.Response is { KnownSd: null, Sigma: { } sigma } && !IsConjugate(sigma))
            Refuse("sigma", $"The Variational engine has no closed-form update for sigma with the prior {sigma.Text}.", ScaleRemedy);
        foreach (var factor in spec.Factors)
        {
            if (factor.Covariance is { } covariance)
            {
                if (covariance is not (InverseWishartPrior or HuangWandPrior))
                    Refuse(factor.Name, $"The Variational engine has no closed-form update for a covariance with the prior {covariance.Text}.", "Use HuangWand or InverseWishart; or an exact engine.");
                continue;
            }

            foreach (var term in factor.Terms)
            {
                if (term.Sd is { } sd && !IsConjugate(sd))
                    Refuse($"{factor.Name}: {term.Name}", $"The Variational engine has no closed-form update for an sd with the prior {sd.Text}.", ScaleRemedy);
            }

            if (factor.HasCorrelations)
                Refuse(factor.Name, $"The Variational engine has no closed-form update for correlations with the prior {factor.Correlation.Text}.", "Use Covariance with HuangWand or InverseWishart, Uncorrelated, an engine with Replacing = NearestConjugate, or an exact engine.");
        }

        return new Support(Exactness.Approximate, reasons.ToImmutable());

        void Refuse(string term, string sentence, string remedy) => reasons.Add(new Problem(ProblemCode.EngineRefuses, sentence, remedy) { Term = term });
    }

    /// <summary>The approximation of sigma; known errors are a scale of 1.</summary>
    public static ScaleApproximation Sigma(ModelSpec spec) => spec.Response.KnownSd is not null ? new FixedScale(1) : Of(spec.Response.Sigma);

    /// <summary>The approximation of a factor's scales.</summary>
    public static ScaleApproximation Scales(FactorSpec factor) =>
        factor.Covariance is { } covariance ? CovarianceScale.For(covariance, factor.Terms.Length)! : new DiagonalScale([.. factor.Terms.Select(term => Of(term.Sd))]);

    private static bool IsConjugate(IScalePrior prior) => prior is FixedPrior or InverseGammaOnVariancePrior or HalfStudentTPrior or HalfCauchyPrior;

    private static ScaleApproximation Of(IScalePrior? prior) => prior is FixedPrior known ? new FixedScale(known.Value) : VarianceScale.For(prior)!;
}
