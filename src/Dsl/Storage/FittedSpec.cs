using TypedPooling.Files;
using TypedPooling.Model;

namespace TypedPooling.Storage;

/// <summary>What a file of a fit says of the model's terms and priors: enough to tell another model, nothing to make one from.</summary>
internal static class FittedSpec
{
    private static readonly SpecVariant[] Variants = Enum.GetValues<SpecVariant>();

    /// <summary>The distribution with its link, the terms, and every prior that was decided.</summary>
    public static FileSignature SignatureOf(ModelSpec spec) => new(Parts(spec));

    /// <summary>Which variant of a bound model an engine fitted.</summary>
    /// <param name="bound">The model that was bound.</param>
    /// <param name="fitted">The model of the posterior.</param>
    /// <exception cref="ModelException">NotStorable: the engine changed the model in a way of its own.</exception>
    public static SpecVariant VariantOf(ModelSpec bound, ModelSpec fitted)
    {
        var parts = Parts(fitted).ToArray();
        foreach (var variant in Variants)
        {
            if (Parts(Of(bound, variant)).SequenceEqual(parts))
                return variant;
        }

        throw new ModelException(new Problem(
            ProblemCode.NotStorable,
            "The engine fitted another model than the one that was declared, which a file cannot hold.",
            "Declare the priors that the engine put in their place."));
    }

    /// <summary>A variant of a model.</summary>
    public static ModelSpec Of(ModelSpec bound, SpecVariant variant) => variant switch
    {
        SpecVariant.Bound => bound,
        SpecVariant.OwnOrigins => bound.WithoutMovedPriors(),
        SpecVariant.Likelihood => bound.WithoutPriors(),
        SpecVariant.InverseWishart => ConjugatePriors.Replace(bound, CovarianceFamily.InverseWishart).Spec,
        SpecVariant.HuangWand => ConjugatePriors.Replace(bound, CovarianceFamily.HuangWand).Spec,
        _ => throw FileDamage.Of("the model that was fitted is not one of the known kinds"),
    };

    private static IEnumerable<(string Part, string Text)> Parts(ModelSpec spec)
    {
        yield return ("the distribution and its link", spec.Response.Family.ToString());
        yield return ("the scale of the priors", spec.IsStandardized ? "standardised" : "original");
        foreach (var term in spec.Population)
            yield return ($"the prior of {term.Name}", term.Prior?.Text ?? "none");
        if (spec.Response.HasSigma)
            yield return ("the prior of sigma", spec.Response.Sigma?.Text ?? "none");
        if (spec.Response.Family.Shape is { } shape)
            yield return ($"the prior of the {shape.Name}", spec.Response.Shape?.Text ?? "none");
        foreach (var factor in spec.Factors)
        {
            foreach (var term in factor.Terms)
                yield return ($"the prior of sd({factor.Name}: {term.Name})", term.Sd?.Text ?? "none");
            yield return factor.Covariance is { } covariance
                ? ($"the prior of the covariance of {factor.Name}", covariance.Text)
                : ($"the prior of the correlations of {factor.Name}", factor.HasCorrelations ? factor.Correlation.Text : "none");
            if (!factor.Origin.IsDefaultOrEmpty)
                yield return ($"where the priors of {factor.Name} are stated", factor.IsStatedAtOrigin ? "means" : "0");
        }
    }
}
