using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Inference.InferNet;

/// <summary>What the factor graph can hold.</summary>
internal static class InferNetSupport
{
    private const string ReplaceRemedy = "or set Replacing to PriorReplacement.NearestConjugate on the engine";

    /// <summary>The model as it would be fitted, and what was replaced on request.</summary>
    public static ConjugateModel Conjugate(ModelSpec spec, PriorReplacement replacing) =>
        replacing == PriorReplacement.NearestConjugate
            ? ConjugatePriors.Replace(spec, CovarianceFamily.InverseWishart)
            : new ConjugateModel(spec, []);

    /// <summary>Whether every part of a model has its place in the graph.</summary>
    /// <param name="spec">The model; priors may still be undecided.</param>
    /// <param name="replacing">What is done with priors that are not conjugate.</param>
    /// <returns>Every reason at once.</returns>
    public static Support Of(ModelSpec spec, PriorReplacement replacing)
    {
        var reasons = ImmutableArray.CreateBuilder<Problem>();
        var family = spec.Response.Family;
        if (!family.IsProportion && !family.IsNormal)
            Refuse(
                spec.Response.Name,
                $"The factor graph takes Normal, LogNormal, Bernoulli and Binomial responses only, and this response is {family.Name}.",
                "Use the Nuts engine.");
        else if (!family.IsNormal && family.Link is not (Link.Logit or Link.Probit))
            Refuse(
                spec.Response.Name,
                $"The factor graph has the links logit and probit only, and this link is {family.Link}.",
                "Use Link.Logit or Link.Probit, or the Nuts engine.");
        spec = Conjugate(WithDefaults(spec), replacing).Spec;
        foreach (var term in spec.Population)
        {
            if (term.Prior is { FixedValue: null } prior && prior.Mixture is not { IsMixed: false })
                Refuse(
                    term.Name,
                    $"Its prior is {prior.Text}, but the factor graph takes Normal, Flat or Fixed for a population effect.",
                    $"Use one of these, {ReplaceRemedy} (not for bounded priors).");
        }

        if (spec.Response is { HasSigma: true, Sigma: not ({ IsProper: true, Conjugate: not null } or { FixedValue: not null }) and var sigma })
            Refuse(
                "sigma",
                $"Its prior is {sigma!.Text}, but the factor graph takes InverseGammaOnVariance or Fixed.",
                $"Use one of these, {ReplaceRemedy}.");
        foreach (var factor in spec.Factors)
            Check(factor);
        if (IsKnown(spec))
            Refuse(
                spec.Response.Name,
                "Every parameter of the model is fixed, so there is nothing to infer.",
                "Leave an effect or a scale to be estimated, or use another engine.");
        return new Support(Exactness.Approximate, reasons.ToImmutable());

        void Check(FactorSpec factor)
        {
            var q = factor.Terms.Length;
            if (factor.Covariance is { } covariance)
            {
                if (covariance.ReasonAgainst(q) is { } reason)
                    Refuse(factor.Name, reason, "Give the prior parameters that fit the number of varying effects.");
                else if (covariance.Conjugate(q) is not { IsMixture: false })
                    Refuse(
                        factor.Name,
                        $"The prior of its covariance is {covariance.Text}, but the factor graph takes InverseWishart.",
                        $"Use InverseWishart, {ReplaceRemedy}.");
                return;
            }

            if (factor.HasCorrelations && !factor.Origin.IsEmpty)
            {
                Refuse(
                    factor.Name,
                    "The priors of its correlated effects apply at the means of its columns, but the factor graph does not centre columns.",
                    "Centre the columns, or use Covariance(InverseWishart(...)).");
                return;
            }

            if (factor.HasCorrelations)
            {
                var priors = string.Join(", ", factor.Terms.Select(term => term.Sd!.Text));
                Refuse(
                    factor.Name, $"Its effects are correlated with priors {priors} and {factor.Correlation.Text}, but the factor graph takes an "
                        + $"InverseWishart prior of the covariance.",
                    $"Use Covariance(InverseWishart(...)), or Uncorrelated with InverseGammaOnVariance for each sd, {ReplaceRemedy}.");
                return;
            }

            foreach (var term in factor.Terms)
            {
                if (term.Sd is not ({ IsProper: true, Conjugate: not null } or { FixedValue: >= 0 }))
                    Refuse(
                        $"sd({factor.Name}: {term.Name})",
                        $"Its prior is {term.Sd!.Text}, but the factor graph takes InverseGammaOnVariance or Fixed.",
                        $"Use one of these, {ReplaceRemedy}.");
            }
        }

        void Refuse(string term, string sentence, string remedy) =>
            reasons.Add(new Problem(ProblemCode.EngineRefuses, sentence, remedy) { Term = term });
    }

    private static bool IsKnown(ModelSpec spec) =>
        spec.Population.All(term => term.Prior?.FixedValue is not null)
        && (!spec.Response.HasSigma || spec.Response.Sigma?.FixedValue is not null)
        && spec.Factors.All(factor => factor.Covariance is null && factor.Terms.All(term => term.Sd is { FixedValue: 0 }));

    // The defaults are of these families, whatever the data.
    private static ModelSpec WithDefaults(ModelSpec spec) => spec with
    {
        Response = spec.Response is { HasSigma: true, Sigma: null } ? spec.Response with { Sigma = new ExponentialPrior(1) } : spec.Response,
        Factors =
            [.. spec.Factors.Select(
                factor => factor.Covariance is not null
                    ? factor
                    : factor with { Terms = [.. factor.Terms.Select(term => term with { Sd = term.Sd ?? new ExponentialPrior(1) })] })],
    };
}
