using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.GaussianSystem;

namespace TypedPooling.Inference.Hierarchy;

/// <summary>Reduces a model of a normal response to the system that integrates its coefficients out, chosen by its structure.</summary>
/// <remarks>
/// One contract, <see cref="CoefficientSystem"/>: solve for the value, its gradient, draws of the coefficients, and their closed-form moments.
/// Several factors take the general path, the sparse system. One factor or none takes the fast path, classes of levels in vectors. Both stand on
/// the same sums, <see cref="Sums.HierarchySums"/>.
/// </remarks>
internal static class NormalHierarchy
{
    /// <summary>The variable that sends models of one factor down the general path, for tests of that path: read once a process.</summary>
    public const string GeneralPathVariable = "TYPEDPOOLING_GENERAL_PATH";

    private static readonly bool isGeneral = Environment.GetEnvironmentVariable(GeneralPathVariable) == "true";

    /// <summary>Reduces a bound model.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The system.</returns>
    public static CoefficientSystem Reduce(NormalBoundModel model) => model.Spec.Factors.Length > (isGeneral ? 0 : 1)
        ? CrossedSystem.Reduce(model)
        : NormalSystem.Reduce(model);
}
