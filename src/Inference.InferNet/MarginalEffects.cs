using TypedPooling.Draws;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.InferNet;

/// <summary>Varying effects drawn when they are read: a pure function of seed, draw and the level's key, so nothing is stored.</summary>
/// <remarks>u = w - mu, with w from its marginal and mu the draw of the population effects, where the block has a mean; u = w otherwise; 0 where the sd is fixed at 0. O(draws q^2) a level.</remarks>
internal sealed class MarginalEffects(FactorGraph graph, Marginals marginals, int factor, StoredBlock population, ulong seed) : EffectsBlock
{
    public override int Factor => factor;

    public override int LevelCount => graph.Model.Levels[factor].Count;

    public override int TermCount => graph.Spec.Factors[factor].Terms.Length;

    public override int DrawCount => population.DrawCount;

    public override Parameter Parameter(int index)
    {
        var (level, term) = Math.DivRem(index, TermCount);
        var spec = graph.Spec.Factors[factor];
        return new Parameter(ParameterKind.VaryingEffect, spec.Terms[term].Name) { Factor = spec.Name, Level = level, LevelText = graph.Model.Levels[factor].Text(level) };
    }

    public override void CopyDraws(int index, Span<double> destination)
    {
        var (level, term) = Math.DivRem(index, TermCount);
        var all = new double[TermCount * DrawCount];
        CopyLevel(level, all);
        all.AsSpan(term * DrawCount, DrawCount).CopyTo(destination);
    }

    public override void CopyLevel(int level, Span<double> destination)
    {
        var count = DrawCount;
        destination[..(TermCount * count)].Clear();

        // Levels of several factors may have the same key: the factor's number tells them apart.
        var hash = graph.Model.Levels[factor].Hash(level) + (ulong)factor * 0x9E3779B97F4A7C15;
        var normals = new double[TermCount];
        for (var k = 0; k < graph.Blocks.Length; k++)
        {
            var block = graph.Blocks[k];
            if (block.Factor != factor)
                continue;
            var normal = marginals.Coefficients[k][level];
            var root = normal.Factor();
            var values = new double[block.Size];
            for (var s = 0; s < count; s++)
            {
                PhiloxNormals.Fill(seed, (ulong)s, hash, normals);
                for (var a = 0; a < values.Length; a++)
                    values[a] = normals[block.Terms[a]];
                normal.Draw(root, values);
                for (var a = 0; a < values.Length; a++)
                    destination[block.Terms[a] * count + s] = values[a] - (block.IsCentred ? population.Draws(block.Means[a])[s] : 0);
            }
        }
    }
}
