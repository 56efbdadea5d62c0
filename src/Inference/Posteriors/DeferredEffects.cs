using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Varying effects whose draws are made when one is read.</summary>
internal sealed class DeferredEffects(BoundModel model, int factor, int count, Func<EffectsBlock> made) : LevelEffects(model, factor, count)
{
    public override void CopyDraws(int index, Span<double> destination) => made().CopyDraws(index, destination);

    public override void CopyLevel(int level, Span<double> destination) => made().CopyLevel(level, destination);
}
