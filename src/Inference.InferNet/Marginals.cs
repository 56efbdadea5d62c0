using System.Collections.Immutable;

namespace TypedPooling.Inference.InferNet;

/// <summary>The parts of the approximation once it has settled: independent of each other. Immutable by convention.</summary>
internal sealed class Marginals
{
    /// <summary>Shape and rate of the noise precision; null where it is known.</summary>
    public required (double Shape, double Rate)? Noise { get; init; }

    /// <summary>beta; null where there is none.</summary>
    public required NormalMarginal? Beta { get; init; }

    /// <summary>The mean of each block; null where it is 0.</summary>
    public required ImmutableArray<NormalMarginal?> Means { get; init; }

    /// <summary>Shape and rate matrix of each block's precision, as in <see cref="FactorGraph.Precision"/>; null where it is known.</summary>
    public required ImmutableArray<(double Shape, double[,] Rate)?> Precisions { get; init; }

    /// <summary>The coefficients of each block, by level.</summary>
    public required ImmutableArray<NormalMarginal[]> Coefficients { get; init; }

    /// <summary>What each cell of successes says of its linear predictor less its offset, as a Gaussian in natural parameters; empty for a Normal
    /// response.</summary>
    public required ImmutableArray<(double MeanTimesPrecision, double Precision)> Sites { get; init; }

    /// <summary>Number of iterations.</summary>
    public required int Iterations { get; init; }

    /// <summary>Whether the last iteration moved nothing by more than the tolerance.</summary>
    public required bool HasConverged { get; init; }
}
