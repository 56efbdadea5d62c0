using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Posteriors;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Varying effects whose draws are made when one is read.</summary>
internal sealed class DeferredEffects(BoundModel model, int factor, int count, Func<EffectsBlock> made) : EffectsBlock
{
    public override int Factor => factor;

    public override int LevelCount => model.Levels[factor].Count;

    public override int TermCount => model.Spec.Factors[factor].Terms.Length;

    public override int DrawCount => count;

    public override Parameter Parameter(int index) => EffectParameter.Of(model.Spec.Factors[factor], model.Levels[factor], index);

    public override void CopyDraws(int index, Span<double> destination) => made().CopyDraws(index, destination);

    public override void CopyLevel(int level, Span<double> destination) => made().CopyLevel(level, destination);
}
