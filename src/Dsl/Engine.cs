using TypedPooling.Engines;
using TypedPooling.Inference.Gibbs;
using TypedPooling.Inference.Marginal;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Nuts;
using TypedPooling.Inference.Variational;

namespace TypedPooling;

/// <summary>The engines a model can be fitted with, by name. Their types say what they fit: an <see cref="INormalEngine"/> takes Normal models only,
/// and an <see cref="ILikelihoodEngine"/> gives a fit with a likelihood.</summary>
/// <remarks>Thread-safe: any thread may call its members at any time.</remarks>
public static class Engine
{
    /// <summary>Exact for Normal hierarchies: coefficients integrated out, scales sampled. For proportions, counts and Gamma responses with one
    /// grouping factor: varying effects integrated out by quadrature, whose error is measured; the rest sampled.</summary>
    public static IEngine Marginal { get; } = new MarginalEngine();

    /// <summary>Exact for Normal hierarchies with any number of grouping factors, nested or crossed: blocks of coefficients and scales drawn in
    /// turn.</summary>
    public static INormalEngine Gibbs { get; } = new GibbsEngine();

    /// <summary>Exact for models of every family: the No-U-Turn sampler over all parameters together. For Normal models an independent check of the
    /// engines above, which are faster.</summary>
    public static IEngine Nuts { get; } = new NutsEngine();

    /// <summary>The Variational engine: an approximation by closed-form coordinate ascent, in a fraction of a millisecond for small models.</summary>
    public static INormalEngine Variational { get; } = new VariationalEngine();

    /// <summary>Maximum likelihood (ML): what <c>lmer(..., REML = FALSE)</c>, <c>glmer</c> and <c>glm</c> report. Priors take no part but for fixed
    /// values; see <see cref="ILikelihoodFit"/>. For adaptive quadrature: <c>new MaximumLikelihoodEngine { QuadraturePoints = 25 }</c>.</summary>
    public static ICellLikelihoodEngine MaximumLikelihood { get; } = new MaximumLikelihoodEngine();

    /// <summary>Restricted maximum likelihood (REML): what <c>lmer</c> reports. Priors take no part but for fixed values; see
    /// <see cref="ILikelihoodFit"/>.</summary>
    public static ILikelihoodEngine RestrictedMaximumLikelihood { get; } = new RestrictedMaximumLikelihoodEngine();
}
