using TypedPooling.Draws;

namespace TypedPooling.Inference.InferNet;

/// <summary>Varying effects of one factor, drawn when they are read.</summary>
internal sealed class ConditionalEffects(FactorGraph graph, LevelConditionals conditionals, int factor) : EffectsBlock
{
    public override int Factor => factor;

    public override int LevelCount => graph.Model.Levels[factor].Count;

    public override int TermCount => graph.Spec.Factors[factor].Terms.Length;

    public override int DrawCount => conditionals.DrawCount;

    public override Parameter Parameter(int index)
    {
        var (level, term) = Math.DivRem(index, TermCount);
        var spec = graph.Spec.Factors[factor];
        return new Parameter(
            ParameterKind.VaryingEffect,
            spec.Terms[term].Name)
        { Factor = spec.Name, Level = level, LevelText = graph.Model.Levels[factor].Text(level) };
    }

    public override void CopyDraws(int index, Span<double> destination)
    {
        var (level, term) = Math.DivRem(index, TermCount);
        var all = new double[TermCount * DrawCount];
        CopyLevel(level, all);
        all.AsSpan(term * DrawCount, DrawCount).CopyTo(destination);
    }

    public override void CopyLevel(int level, Span<double> destination) => conditionals.CopyLevel(factor, level, destination);
}
