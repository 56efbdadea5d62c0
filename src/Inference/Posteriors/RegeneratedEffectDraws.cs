using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Draws of one factor's effects, or of none: only the scales are kept, see <see cref="RegeneratedEffects"/>.</summary>
internal sealed class RegeneratedEffectDraws(NormalSystem system, int count, ulong seed, int[]? numbers = null) : EffectDraws
{
    private readonly ScaleDraws scales = new(count, system.TermCount);

    public override bool NeedsSolution => false;

    public override void Keep(int draw, ScalePoint point, CoefficientWorkspace workspace, ReadOnlySpan<double> population, double spread = 1)
    {
        var q = system.TermCount;
        if (q == 0)
        {
            scales.Keep(draw, point.Sigma * spread, [], []);
            return;
        }

        Span<double> matrices = q <= 16 ? stackalloc double[2 * q * q] : new double[2 * q * q];
        var lambda = matrices[..(q * q)];
        var pivoted = matrices[(q * q)..];
        for (var i = 0; i < lambda.Length; i++)
            lambda[i] = spread * point.Factors[0].Lambda[i];
        if (point.Factors[0].IsCentred)
        {
            lambda.CopyTo(pivoted);
            system.Uncentre(0, lambda);
        }
        else
        {
            system.Pivot.PivotLambda(lambda, pivoted);
        }

        scales.Keep(draw, point.Sigma * spread, lambda, pivoted);
    }

    public override ImmutableArray<EffectsBlock> Blocks(double[] population) =>
        system.TermCount == 0 ? [] : [new RegeneratedEffects(system, scales, population, seed, numbers)];
}
