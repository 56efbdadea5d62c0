using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Varying effects drawn when they are read: a pure function of seed, draw and the level's key, so nothing is stored and the order of levels
/// does not matter.</summary>
/// <remarks>O(draws q^2 (q + p)) a level.</remarks>
internal sealed class RegeneratedEffects(NormalSystem system, ScaleDraws draws, double[] population, ulong seed, int[]? numbers = null)
    : LevelEffects(system.Model, 0, draws.Sigma.Length)
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CopyLevel(int level, Span<double> destination)
    {
        var q = TermCount;
        var p = system.PopulationCount;
        var workspace = new EffectsWorkspace(system);
        var hash = Levels.Hash(level);
        Span<double> effects = q <= 64 ? stackalloc double[q] : new double[q];
        for (var s = 0; s < draws.Sigma.Length; s++)
        {
            PhiloxNormals.Fill(seed, (ulong)(numbers is null ? s : numbers[s]), hash, effects);
            workspace.Factorise(level, draws.Sigma[s], draws.PivotedLambda.AsSpan(s * q * q, q * q));
            workspace.Draw(level, draws.Sigma[s], draws.Lambda.AsSpan(s * q * q, q * q), population.AsSpan(s * p, p), effects);
            for (var a = 0; a < q; a++)
                destination[a * draws.Sigma.Length + s] = effects[a];
        }
    }
}
