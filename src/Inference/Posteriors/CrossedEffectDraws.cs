using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Varying effects of several factors: those of all but the eliminated factor are drawn jointly and kept, 8 bytes a draw and effect; the
/// eliminated factor's are made again given them when they are read.</summary>
/// <remarks>Random numbers are a pure function of seed, draw, factor and the level's key.</remarks>
internal sealed class CrossedEffectDraws(CrossedSystem system, int count, ulong seed, int[]? numbers = null) : EffectDraws
{
    private readonly double[][] rest = KeptDraws.Rows(count, system.PopulationStart);               // pivoted, a row a draw
    private readonly ScaleDraws scales = new(count, system.Classes.TermCount);                      // of the eliminated factor
    private readonly double[] spreads = new double[count];
    private readonly ulong[] hashes = HashesOf(system);

    public override bool NeedsSolution => true;

    private CrossedSystem Sums => system;

    private ulong Seed => seed;

    private int Count => scales.Sigma.Length;

    private ulong NumberOf(int draw) => (ulong)(numbers is null ? draw : numbers[draw]);

    public override void Keep(int draw, ScalePoint point, CoefficientWorkspace workspace, ReadOnlySpan<double> population, double spread = 1)
    {
        spreads[draw] = spread;
        var effects = rest[draw].AsSpan();
        for (var k = 0; k < system.Factors.Length; k++)
        {
            var termCount = system.Factors[k].TermCount;
            for (var j = 0; k != system.Eliminated && j < system.Factors[k].LevelCount; j++)
            {
                var at = system.CoordinateOf(k, j);
                PhiloxNormals.Fill(seed, NumberOf(draw), hashes[at], effects.Slice(at, termCount));
            }
        }

        foreach (ref var normal in effects)
            normal *= spread;
        ((CrossedWorkspace)workspace).DrawRest(population, effects);
        var q = system.Classes.TermCount;
        Span<double> matrices = q <= 16 ? stackalloc double[2 * q * q] : new double[2 * q * q];
        var lambda = matrices[..(q * q)];
        var pivoted = matrices[(q * q)..];
        point.Factors[system.Eliminated].Lambda.CopyTo(lambda);
        if (point.Factors[system.Eliminated].IsCentred)
        {
            lambda.CopyTo(pivoted);
            system.Uncentre(system.Eliminated, lambda);
        }
        else
        {
            system.Factors[system.Eliminated].Pivot.PivotLambda(lambda, pivoted);
        }

        scales.Keep(draw, point.Sigma, lambda, pivoted);
    }

    public override ImmutableArray<EffectsBlock> Blocks(double[] population) =>
        [.. Enumerable.Range(0, system.Factors.Length).Select(
            EffectsBlock (k) => k == system.Eliminated ? new Regenerated(this, population) : new Kept(this, k))];

    // A level's numbers are its own, whatever keys other factors have.
    private static ulong HashOf(CrossedSystem system, int factor, int level) =>
        RandomAddresses.LevelOf(system.Model.Spec.Factors[factor].Name, system.Model.Levels[factor].Text(level));

    private static ulong[] HashesOf(CrossedSystem system)
    {
        var hashes = new ulong[system.PopulationStart];
        for (var k = 0; k < system.Factors.Length; k++)
        {
            for (var j = 0; k != system.Eliminated && j < system.Factors[k].LevelCount; j++)
                hashes[system.CoordinateOf(k, j)] = HashOf(system, k, j);
        }

        return hashes;
    }

    private sealed class Kept(CrossedEffectDraws owner, int factor) : LevelEffects(owner.Sums.Model, factor, owner.Count)
    {
        public override void CopyLevel(int level, Span<double> destination)
        {
            var system = owner.Sums;
            var sums = system.Factors[Factor];
            var at = system.CoordinateOf(Factor, level);
            Span<double> effects = TermCount <= 64 ? stackalloc double[TermCount] : new double[TermCount];
            for (var s = 0; s < DrawCount; s++)
            {
                owner.rest[s].AsSpan(at, TermCount).CopyTo(effects);
                sums.Pivot.Unpivot(effects);
                for (var a = 0; a < TermCount; a++)
                    destination[a * DrawCount + s] = effects[a];
            }
        }
    }

    // u = Lambda (z + B'V^-1 (r - B z - e)), r the pseudo-rows less the rest: z and e standard normal give the exact conditional.
    private sealed class Regenerated(
        CrossedEffectDraws owner, double[] population) : LevelEffects(owner.Sums.Model, owner.Sums.Eliminated, owner.Count)
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void CopyLevel(int level, Span<double> destination)
        {
            var system = owner.Sums;
            var q = TermCount;
            var p = system.PopulationCount;
            var workspace = new LevelConditional(system, level);
            var hash = HashOf(system, Factor, level);
            Span<double> normals = q <= 64 ? stackalloc double[2 * q] : new double[2 * q];
            for (var s = 0; s < DrawCount; s++)
            {
                PhiloxNormals.Fill(owner.Seed, owner.NumberOf(s), hash, normals);
                foreach (ref var normal in normals)
                    normal *= owner.spreads[s];
                workspace.Draw(
                    owner.scales.Sigma[s],
                    owner.scales.Lambda.AsSpan(s * q * q, q * q),
                    owner.scales.PivotedLambda.AsSpan(s * q * q, q * q),
                    owner.rest[s],
                    population.AsSpan(s * p, p),
                    normals);
                for (var a = 0; a < q; a++)
                    destination[a * DrawCount + s] = normals[a];
            }
        }
    }
}
