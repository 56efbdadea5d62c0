using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Keeps of each draw what its varying effects are made from, and makes them. Different draws may be kept by different threads.</summary>
internal abstract class EffectDraws
{
    /// <summary>True where keeping a draw needs the density solved at its scales, not only the scales.</summary>
    public abstract bool NeedsSolution { get; }

    /// <summary>Room for what varying effects of draws are made from.</summary>
    /// <param name="system">The coefficients: with several factors effects are dependent and all but one factor's are kept, with one or none only the
    /// scales are.</param>
    /// <param name="count">Number of draws.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="numbers">The number that addresses the random numbers of each draw; null where it is its place.</param>
    public static EffectDraws Of(CoefficientSystem system, int count, ulong seed, int[]? numbers = null) => system is CrossedSystem crossed
        ? new CrossedEffectDraws(crossed, count, seed, numbers)
        : new RegeneratedEffectDraws((NormalSystem)system, count, seed, numbers);

    /// <summary>Keeps a draw.</summary>
    /// <param name="draw">Number of the draw.</param>
    /// <param name="point">Its scales.</param>
    /// <param name="workspace">Solved at them where <see cref="NeedsSolution"/>.</param>
    /// <param name="population">beta~ of the draw, joined effects included. Length n.</param>
    /// <param name="spread">What deviations from the conditional mean are multiplied with: the draw is one at sigma and every Lambda so many times as
    /// large.</param>
    public abstract void Keep(int draw, ScalePoint point, CoefficientWorkspace workspace, ReadOnlySpan<double> population, double spread = 1);

    /// <summary>The effects of each factor, in the order of the model.</summary>
    /// <param name="population">beta~, draw after draw, n each.</param>
    public abstract ImmutableArray<EffectsBlock> Blocks(double[] population);
}
