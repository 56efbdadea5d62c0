using System.Collections.Immutable;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Inference.Marginal;

/// <summary>What the Marginal engine can fit.</summary>
internal static class MarginalSupport
{
    public static Support Of(ModelSpec spec)
    {
        var reasons = ImmutableArray.CreateBuilder<Problem>();
        if (spec.Response.Family != Family.Normal && spec.Response.Family != Family.LogNormal)
            Refuse(spec.Response.Name, $"The Marginal engine integrates coefficients out of a Normal or LogNormal response, and this one is {spec.Response.Family.Name}.", "Use an engine for that family.");
        foreach (var factor in spec.Factors)
        {
            if (factor.Correlation is not (LkjPrior or UncorrelatedPrior))
                Refuse(factor.Name, $"The Marginal engine takes an LKJ prior on correlations or none, and this one has {factor.Correlation.Text}.", "Use Lkj(eta) or Uncorrelated.");
        }

        return new Support(Exactness.Exact, reasons.ToImmutable());

        void Refuse(string term, string sentence, string remedy) => reasons.Add(new Problem(ProblemCode.EngineRefuses, sentence, remedy) { Term = term });
    }
}
