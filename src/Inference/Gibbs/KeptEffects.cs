using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Model;

namespace TypedPooling.Inference.Gibbs;

/// <summary>Varying effects of one factor that are held in memory, a row a draw.</summary>
/// <param name="spec">The factor.</param>
/// <param name="factor">Its index.</param>
/// <param name="levels">Its levels.</param>
/// <param name="rows">Effects of all factors, a row a draw, chain after chain.</param>
/// <param name="start">Place of this factor's first effect in a row.</param>
internal sealed class KeptEffects(FactorSpec spec, int factor, LevelTable levels, double[][] rows, int start) : EffectsBlock
{
    public override int Factor => factor;

    public override int LevelCount => levels.Count;

    public override int TermCount => spec.Terms.Length;

    public override int DrawCount => rows.Length;

    public override Parameter Parameter(int index) => EffectParameter.Of(spec, levels, index);

    public override void CopyDraws(int index, Span<double> destination)
    {
        for (var s = 0; s < rows.Length; s++)
            destination[s] = rows[s][start + index];
    }

    public override void CopyLevel(int level, Span<double> destination)
    {
        for (var a = 0; a < TermCount; a++)
            CopyDraws(level * TermCount + a, destination[(a * rows.Length)..]);
    }
}
