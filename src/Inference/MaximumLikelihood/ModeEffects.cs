using TypedPooling.Inference.Posteriors;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Varying effects drawn from the normal approximation when they are read: a pure function of seed, draw and block.</summary>
internal sealed class ModeEffects(CellModes modes, int factor, double[] coordinates, int count, ulong seed)
    : LevelEffects(modes.System.Model, factor, count)
{
    public override void CopyLevel(int level, Span<double> destination)
    {
        var part = modes.Level(Factor, level);
        var p = modes.System.PopulationCount;

        // With one factor a block is a level and its numbers are the key's own; with several all effects are one block.
        var hash = modes.System.FactorCount == 1 ? Levels.Hash(level) : RandomAddresses.AllVaryingEffects;
        var normals = new double[part.Size];
        for (var s = 0; s < DrawCount; s++)
        {
            PhiloxNormals.Fill(seed, (ulong)s, hash, normals);
            for (var a = 0; a < TermCount; a++)
            {
                var sum = part.Mode[a];
                for (var c = 0; c < p; c++)
                    sum += part.OnPopulation[a * p + c] * coordinates[s * p + c];
                for (var i = 0; i < part.Size; i++)
                    sum += part.OnNormals[a * part.Size + i] * normals[i];
                destination[a * DrawCount + s] = sum;
            }
        }
    }
}
