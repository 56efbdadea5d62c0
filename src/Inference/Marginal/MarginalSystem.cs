using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.GaussianSystem;

namespace TypedPooling.Inference.Marginal;

/// <summary>Reduces a model to what its density reads: with one grouping factor or none level by level, with several by a sparse
/// factorisation.</summary>
internal static class MarginalSystem
{
    public static CoefficientSystem Reduce(NormalBoundModel model) =>
        model.Spec.Factors.Length > 1 ? CrossedSystem.Reduce(model) : NormalSystem.Reduce(model);
}
