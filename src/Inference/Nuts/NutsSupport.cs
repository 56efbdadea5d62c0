using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Inference.Nuts;

/// <summary>What the Nuts engine can fit.</summary>
internal static class NutsSupport
{
    public static Support Of(ModelSpec spec)
    {
        var reasons = ImmutableArray.CreateBuilder<Problem>();
        foreach (var factor in spec.Factors)
        {
            if (factor.Correlation is { IsIdentity: false, Concentration: null })
                Refuse(
                    factor.Name,
                    $"The Nuts engine takes LKJ priors of correlations only, but this prior is {factor.Correlation.Text}.",
                    "Use Lkj(eta) or Uncorrelated.");
        }

        return new Support(Exactness.Exact, reasons.ToImmutable());

        void Refuse(string term, string sentence, string remedy) =>
            reasons.Add(new Problem(ProblemCode.EngineRefuses, sentence, remedy) { Term = term });
    }
}
