using System.Collections.Immutable;
using TypedPooling.Engines;
using TypedPooling.Inference.Gibbs;
using TypedPooling.Inference.Marginal;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Nuts;
using TypedPooling.Inference.Variational;

namespace TypedPooling.Inference;

/// <summary>Every engine of this assembly, one line each, best first: the default is the first that supports a model exactly.</summary>
public static class EngineCatalogue
{
    /// <summary>All engines, in order of preference.</summary>
    public static ImmutableArray<INormalEngine> All { get; } =
    [
        new MarginalEngine(),
        new GibbsEngine(),
        new NutsEngine(),
        new VariationalEngine(),
        new MaximumLikelihoodEngine(),
        new RestrictedMaximumLikelihoodEngine(),
    ];
}
