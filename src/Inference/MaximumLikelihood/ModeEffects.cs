using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Varying effects drawn from the normal approximation when they are read: a pure function of seed, draw and group.</summary>
internal sealed class ModeEffects(CellModes modes, int factor, double[] coordinates, int count, ulong seed) : EffectsBlock
{
    public override int Factor => factor;

    public override int LevelCount => modes.System.Model.Levels[factor].Count;

    public override int TermCount => modes.System.TermCounts[factor];

    public override int DrawCount => count;

    public override Parameter Parameter(int index) => EffectParameter.Of(modes.System.Model.Spec.Factors[factor], modes.System.Model.Levels[factor], index);

    public override void CopyDraws(int index, Span<double> destination)
    {
        var (level, term) = Math.DivRem(index, TermCount);
        var all = new double[TermCount * DrawCount];
        CopyLevel(level, all);
        all.AsSpan(term * DrawCount, DrawCount).CopyTo(destination);
    }

    public override void CopyLevel(int level, Span<double> destination)
    {
        var part = modes.Level(factor, level);
        var p = modes.System.PopulationCount;

        // With one factor a group is a level and its numbers are the key's own; with several all effects are one group.
        var hash = modes.System.FactorCount == 1 ? modes.System.Model.Levels[0].Hash(level) : RandomAddresses.AllVaryingEffects;
        var normals = new double[part.Size];
        for (var s = 0; s < count; s++)
        {
            PhiloxNormals.Fill(seed, (ulong)s, hash, normals);
            for (var a = 0; a < TermCount; a++)
            {
                var sum = part.Mode[a];
                for (var c = 0; c < p; c++)
                    sum += part.OnPopulation[a * p + c] * coordinates[s * p + c];
                for (var i = 0; i < part.Size; i++)
                    sum += part.OnNormals[a * part.Size + i] * normals[i];
                destination[a * count + s] = sum;
            }
        }
    }
}
