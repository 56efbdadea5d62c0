using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling.Inference.Posteriors;

/// <summary>The varying effects of one factor of a bound model: what all blocks of effects share. A block whose draws are made a level at a time says
/// no more than how.</summary>
/// <param name="model">The model with its levels.</param>
/// <param name="factor">Index of the factor.</param>
/// <param name="count">Number of draws over all chains.</param>
internal abstract class LevelEffects(BoundModel model, int factor, int count) : EffectsBlock
{
    public sealed override int Factor => factor;

    public sealed override int LevelCount => Levels.Count;

    public sealed override int TermCount => model.Spec.Factors[factor].Terms.Length;

    public sealed override int DrawCount => count;

    protected LevelTable Levels => model.Levels[factor];

    public sealed override Parameter Parameter(int index)
    {
        var (level, term) = Math.DivRem(index, TermCount);
        var spec = model.Spec.Factors[factor];
        return new Parameter(
            ParameterKind.VaryingEffect, spec.Terms[term].Name)
        { Factor = spec.Name, Level = level, LevelText = Levels.Text(level) };
    }

    public override void CopyDraws(int index, Span<double> destination)
    {
        var (level, term) = Math.DivRem(index, TermCount);
        var all = new double[TermCount * DrawCount];
        CopyLevel(level, all);
        all.AsSpan(term * DrawCount, DrawCount).CopyTo(destination);
    }
}
