using System.Collections.Immutable;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Inference.Marginal;

/// <summary>What the Marginal engine can fit.</summary>
internal static class MarginalSupport
{
    public static Support Of(ModelSpec spec)
    {
        var reasons = ImmutableArray.CreateBuilder<string>();
        if (spec.Response.Family != Family.Normal)
            reasons.Add($"The Marginal engine integrates coefficients out of a Normal response, and this one is {spec.Response.Family.Name}; use an engine for that family.");
        if (spec.Factors.Length > 1)
            reasons.Add($"The Marginal engine fits one grouping factor so far, and the model has {spec.Factors.Length} ({string.Join(", ", spec.Factors.Select(f => f.Name))}); keep one of them.");
        foreach (var term in spec.Population)
        {
            if (term.Prior is not (null or NormalPrior or FlatPrior or FixedPrior))
                reasons.Add($"The Marginal engine takes Normal, Flat or Fixed priors on population effects, and '{term.Name}' has {term.Prior.Text}; use a Normal prior of the same width.");
        }

        foreach (var factor in spec.Factors)
        {
            if (factor.Correlation is not (LkjPrior or UncorrelatedPrior))
                reasons.Add($"The Marginal engine takes LKJ priors on correlations or none, and factor '{factor.Name}' has {factor.Correlation.Text}; use Lkj(eta) or Uncorrelated.");
        }

        return new Support(Exactness.Exact, reasons.ToImmutable());
    }

    public static void Require(ModelSpec spec)
    {
        var support = Of(spec);
        if (!support.IsSupported)
        {
            throw new ModelException([.. support.Reasons.Select(reason =>
            {
                var cut = reason.LastIndexOf(';');
                return new Problem(ProblemCode.EngineRefuses, reason[..cut] + ".", char.ToUpperInvariant(reason[cut + 2]) + reason[(cut + 3)..]);
            })]);
        }
    }
}
