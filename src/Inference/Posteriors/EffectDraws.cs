using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Keeps of each draw what its varying effects are made from, and makes them. Different draws may be kept by different threads.</summary>
/// <remarks>
/// The effects of all factors but the eliminated one are drawn jointly and kept, 8 bytes a draw and effect. Of the eliminated factor only the scales
/// are kept: its effects are made again given the others when they are read, O(draws q^2 (q + d)) a level of d coefficients. Random numbers are a
/// pure function of seed, draw and the level's key, and with several factors of the factor, so nothing depends on the order of levels.
/// </remarks>
internal sealed class EffectDraws
{
    private readonly CoefficientSystem system;
    private readonly ulong seed;
    private readonly int[]? numbers;
    private readonly double[][] rest;         // pivoted, a row a draw
    private readonly double[] sigmas;
    private readonly double[] lambdas;        // of the eliminated factor, q x q by rows a draw
    private readonly double[] pivots;         // T Lambda likewise
    private readonly double[] spreads;
    private readonly ulong[] hashes;          // by coordinate of the rest, of its level

    /// <summary>Makes room.</summary>
    /// <param name="system">The coefficients.</param>
    /// <param name="count">Number of draws.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="numbers">The number that addresses the random numbers of each draw; null where it is its place.</param>
    public EffectDraws(CoefficientSystem system, int count, ulong seed, int[]? numbers = null)
    {
        this.system = system;
        this.seed = seed;
        this.numbers = numbers;
        rest = KeptDraws.Rows(count, system.RestCount);
        var q = system.Eliminated < 0 ? 0 : TermCount(system.Eliminated);
        sigmas = new double[count];
        lambdas = new double[checked(count * q * q)];
        pivots = new double[lambdas.Length];
        spreads = new double[count];
        hashes = new ulong[system.RestCount];
        ForRest((factor, level, at) => hashes[at] = HashOf(factor, level));
    }

    /// <summary>True where keeping a draw needs the density solved at its scales, not only the scales.</summary>
    public bool NeedsSolution => system.RestCount > 0;

    private int FactorCount => system.Model.Spec.Factors.Length;

    /// <summary>Keeps a draw.</summary>
    /// <param name="draw">Number of the draw.</param>
    /// <param name="point">Its scales.</param>
    /// <param name="workspace">Solved at them where <see cref="NeedsSolution"/>.</param>
    /// <param name="population">beta~ of the draw, joined effects included. Length n.</param>
    /// <param name="spread">What deviations from the conditional mean are multiplied with: the draw is one at sigma and every Lambda so many times as
    /// large.</param>
    public void Keep(int draw, ScalePoint point, CoefficientWorkspace workspace, ReadOnlySpan<double> population, double spread = 1)
    {
        if (system.Eliminated < 0)
            return;
        spreads[draw] = spread;
        if (NeedsSolution)
        {
            var effects = rest[draw];
            ForRest((factor, _, at) => PhiloxNormals.Fill(seed, NumberOf(draw), hashes[at], effects.AsSpan(at, TermCount(factor))));
            foreach (ref var normal in effects.AsSpan())
                normal *= spread;
            workspace.DrawRest(population, effects);
        }

        var factor = point.Factors[system.Eliminated];
        var pivot = system.PivotOf(system.Eliminated);
        var size = factor.Lambda.Length;
        var lambda = lambdas.AsSpan(draw * size, size);
        var pivoted = pivots.AsSpan(draw * size, size);
        sigmas[draw] = point.Sigma;
        factor.Lambda.CopyTo(lambda);
        factor.Lambda.CopyTo(pivoted);
        if (factor.IsCentred)
            pivot.UnpivotLambda(lambda);
        else
            pivot.PivotLambda(lambda, pivoted);
    }

    /// <summary>The effects of each factor, in the order of the model.</summary>
    /// <param name="population">beta~, draw after draw, n each.</param>
    public ImmutableArray<EffectsBlock> Blocks(double[] population) =>
        [.. Enumerable.Range(0, FactorCount).Select(
            EffectsBlock (k) => k == system.Eliminated ? new Regenerated(this, population) : new Kept(this, k))];

    private int TermCount(int factor) => system.Model.Spec.Factors[factor].Terms.Length;

    private ulong NumberOf(int draw) => (ulong)(numbers is null ? draw : numbers[draw]);

    // A level's numbers are its own, whatever keys other factors have.
    private ulong HashOf(int factor, int level)
    {
        var levels = system.Model.Levels[factor];
        return FactorCount == 1 ? levels.Hash(level) : RandomAddresses.LevelOf(system.Model.Spec.Factors[factor].Name, levels.Text(level));
    }

    // Each level of the rest with its first coordinate.
    private void ForRest(Action<int, int, int> visit)
    {
        for (var k = 0; k < FactorCount && NeedsSolution; k++)
        {
            for (var j = 0; k != system.Eliminated && j < system.Model.Levels[k].Count; j++)
                visit(k, j, system.CoordinateOf(k, j));
        }
    }

    private sealed class Kept(EffectDraws owner, int factor) : LevelEffects(owner.system.Model, factor, owner.spreads.Length)
    {
        public override void CopyLevel(int level, Span<double> destination)
        {
            var at = owner.system.CoordinateOf(Factor, level);
            Span<double> effects = TermCount <= 64 ? stackalloc double[TermCount] : new double[TermCount];
            for (var s = 0; s < DrawCount; s++)
            {
                owner.rest[s].AsSpan(at, TermCount).CopyTo(effects);
                owner.system.PivotOf(Factor).Unpivot(effects);
                for (var a = 0; a < TermCount; a++)
                    destination[a * DrawCount + s] = effects[a];
            }
        }
    }

    private sealed class Regenerated(
        EffectDraws owner, double[] population) : LevelEffects(owner.system.Model, owner.system.Eliminated, owner.spreads.Length)
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void CopyLevel(int level, Span<double> destination)
        {
            var (q, p, count) = (TermCount, owner.system.PopulationCount, DrawCount);
            var rows = owner.system.RowsOf(level);
            var conditional = new LevelConditional(q);
            var hash = owner.HashOf(Factor, level);
            var isPerturbed = owner.FactorCount > 1;
            var length = isPerturbed ? 2 * q : q;
            Span<double> normals = q <= 64 ? stackalloc double[length] : new double[length];
            for (var s = 0; s < count; s++)
            {
                PhiloxNormals.Fill(owner.seed, owner.NumberOf(s), hash, normals);
                var (sigma, spread) = (owner.sigmas[s], owner.spreads[s]);
                foreach (ref var normal in normals)
                    normal *= spread;
                ReadOnlySpan<double> lambda = owner.lambdas.AsSpan(s * q * q, q * q);
                ReadOnlySpan<double> pivoted = owner.pivots.AsSpan(s * q * q, q * q);
                ReadOnlySpan<double> beta = population.AsSpan(s * p, p);
                if (isPerturbed)
                {
                    conditional.DrawPerturbed(rows, sigma, lambda, pivoted, owner.rest[s], beta, normals);
                }
                else
                {
                    conditional.Factorise(rows, sigma, pivoted);
                    conditional.Draw(rows, sigma, lambda, owner.rest[s], beta, normals);
                }

                for (var a = 0; a < q; a++)
                    destination[a * count + s] = normals[a];
            }
        }
    }
}
