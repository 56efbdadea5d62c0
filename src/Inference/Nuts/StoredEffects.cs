using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Model;

namespace TypedPooling.Inference.Nuts;

/// <summary>Varying effects of one factor that are held in memory, 8 bytes a draw and effect.</summary>
/// <param name="spec">The factor.</param>
/// <param name="factor">Its index.</param>
/// <param name="levels">Its levels.</param>
/// <param name="draws">Level * q + term, each with all its draws.</param>
/// <param name="drawCount">Number of draws.</param>
internal sealed class StoredEffects(FactorSpec spec, int factor, LevelTable levels, double[][] draws, int drawCount) : EffectsBlock
{
    public override int Factor => factor;

    public override int LevelCount => levels.Count;

    public override int TermCount => spec.Terms.Length;

    public override int DrawCount => drawCount;

    public override Parameter Parameter(int index) => EffectParameter.Of(spec, levels, index);

    public override void CopyDraws(int index, Span<double> destination) => draws[index].CopyTo(destination);

    public override void CopyLevel(int level, Span<double> destination)
    {
        for (var a = 0; a < TermCount; a++)
            CopyDraws(level * TermCount + a, destination[(a * drawCount)..]);
    }
}
