using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Inference.Gibbs;

/// <summary>What the Gibbs engine can fit.</summary>
internal static class GibbsSupport
{
    public static Support Of(ModelSpec spec)
    {
        var reasons = ImmutableArray.CreateBuilder<Problem>();
        if (!spec.Response.Family.IsNormal)
            Refuse(
                spec.Response.Name,
                $"The Gibbs engine draws coefficients from a normal distribution. It takes Normal and LogNormal responses only, and this response "
                    + $"is {spec.Response.Family.Name}.",
                "Use an engine for that family.");
        foreach (var term in spec.Population)
        {
            if (!PriorMixture.Supports(term.Prior))
                Refuse(
                    term.Name,
                    $"The Gibbs engine takes priors of population effects that are Normal or mixtures of normals, "
                        + $"but this prior is {term.Prior!.Text}.",
                    "Use Normal, StudentT, Cauchy, Laplace, Flat or Fixed, or the Marginal engine.");
        }

        foreach (var factor in spec.Factors)
        {
            if (factor.Correlation is { IsIdentity: false, Concentration: null })
                Refuse(
                    factor.Name,
                    $"The Gibbs engine takes LKJ priors of correlations only, but this prior is {factor.Correlation.Text}.",
                    "Use Lkj(eta) or Uncorrelated.");
        }

        return new Support(Exactness.Exact, reasons.ToImmutable());

        void Refuse(string term, string sentence, string remedy) =>
            reasons.Add(new Problem(ProblemCode.EngineRefuses, sentence, remedy) { Term = term });
    }
}
