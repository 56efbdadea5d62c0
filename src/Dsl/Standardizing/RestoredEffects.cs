using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling.Standardizing;

/// <summary>Varying effects on the original scale, mapped when they are read: nothing more is stored than the block behind stores.</summary>
internal sealed class RestoredEffects(EffectsBlock standardized, CoefficientMap map) : EffectsBlock
{
    public override int Factor => standardized.Factor;

    public override int LevelCount => standardized.LevelCount;

    public override int TermCount => standardized.TermCount;

    public override int DrawCount => standardized.DrawCount;

    public override Parameter Parameter(int index) => standardized.Parameter(index);

    public override void CopyDraws(int index, Span<double> destination)
    {
        var (level, term) = Math.DivRem(index, TermCount);
        if (term == map.Intercept)
        {
            var all = new double[TermCount * DrawCount];
            CopyLevel(level, all);
            all.AsSpan(term * DrawCount, DrawCount).CopyTo(destination);
            return;
        }

        standardized.CopyDraws(index, destination);
        for (var s = 0; s < DrawCount; s++)
            destination[s] *= map.Factor(term);
    }

    public override void CopyLevel(int level, Span<double> destination)
    {
        standardized.CopyLevel(level, destination);
        var q = TermCount;
        var count = DrawCount;
        Span<double> effects = q <= 64 ? stackalloc double[q] : new double[q];
        for (var s = 0; s < count; s++)
        {
            for (var a = 0; a < q; a++)
                effects[a] = destination[a * count + s];
            map.RestoreEffects(effects);
            for (var a = 0; a < q; a++)
                destination[a * count + s] = effects[a];
        }
    }
}
