using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Inference.Density;

namespace TypedPooling.Inference.GaussianSystem;

/// <summary>Draws of one factor's effects, or of none: only the scales are kept, see <see cref="RegeneratedEffects"/>.</summary>
internal sealed class RegeneratedEffectDraws(NormalSystem system, int count, ulong seed) : EffectDraws
{
    private readonly ScaleDraws scales = new(count, system.TermCount);

    public override bool NeedsSolution => false;

    public override void Keep(int draw, ScalePoint point, CoefficientWorkspace workspace, ReadOnlySpan<double> population)
    {
        var q = system.TermCount;
        if (q == 0)
        {
            scales.Keep(draw, point.Sigma, [], []);
            return;
        }

        Span<double> pivoted = q <= 16 ? stackalloc double[q * q] : new double[q * q];
        system.PivotLambda(point.Factors[0].Lambda, pivoted);
        scales.Keep(draw, point.Sigma, point.Factors[0].Lambda, pivoted);
    }

    public override ImmutableArray<EffectsBlock> Blocks(double[] population) =>
        system.TermCount == 0 ? [] : [new RegeneratedEffects(system, scales, population, seed)];
}
