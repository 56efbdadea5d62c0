using TypedPooling.Model;

namespace TypedPooling.Inference.InferNet;

/// <summary>Varying effects that are one node of the graph for each level: all terms of a factor where they are correlated, one term otherwise.
/// Immutable.</summary>
/// <param name="Factor">Index of the factor.</param>
/// <param name="Terms">Indices of its terms. Length q.</param>
/// <param name="Columns">Positions of the terms' columns among the varying columns of the pseudo-rows. Length q.</param>
/// <param name="Means">Indices of the population effects that are the mean of the block's coefficients; empty where effects have mean 0. Length q or
/// 0.</param>
/// <param name="Kind">What is known of the precision.</param>
/// <param name="LevelCount">Number of levels J.</param>
internal sealed record EffectBlock(int Factor, int[] Terms, int[] Columns, int[] Means, PrecisionKind Kind, int LevelCount)
{
    /// <summary>Number of terms q.</summary>
    public int Size => Terms.Length;

    /// <summary>True where the coefficients have population effects for their mean: hierarchical centring.</summary>
    public bool IsCentred => Means.Length > 0;

    /// <summary>The block's scale as tables name it.</summary>
    /// <param name="spec">The model.</param>
    /// <returns>For example <c>sd(Cafe: Intercept)</c>.</returns>
    public string ScaleName(ModelSpec spec) =>
        Kind == PrecisionKind.Wishart
            ? $"covariance({spec.Factors[Factor].Name})"
            : $"sd({spec.Factors[Factor].Name}: {spec.Factors[Factor].Terms[Terms[0]].Name})";
}
