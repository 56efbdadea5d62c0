using System.Runtime.CompilerServices;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Varying effects of one factor drawn from the normal approximation when they are read.</summary>
/// <remarks>O(draws q (q + p + d)) a level, d the effects that share a cell with it.</remarks>
internal sealed class ModeEffects(ModeDraws draws, int factor) : LevelEffects(draws.Modes.System.Model, factor, draws.Count)
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CopyLevel(int level, Span<double> destination)
    {
        var modes = draws.Modes;
        var system = modes.System;
        var (q, p) = (TermCount, system.PopulationCount);
        var isLeaf = Factor == system.Plan.Eliminated;
        var coordinate = isLeaf ? 0 : system.Plan.CoordinateOf(Factor, level);
        var hash = draws.HashOf(Factor, level);
        var lambda = modes.RootOf(Factor);
        var (population, rest) = (draws.Population, draws.Rest);
        Span<double> v = q <= 64 ? stackalloc double[q] : new double[q];
        for (var s = 0; s < DrawCount; s++)
        {
            var others = rest[s].AsSpan();
            if (isLeaf)
            {
                PhiloxNormals.Fill(draws.Seed, draws.NumberOf(s), hash, v);
                modes.Squares.SolveLeaf(level, others, v);
            }
            else
            {
                others.Slice(coordinate, q).CopyTo(v);
            }

            var mode = modes.ModeOf(Factor, level);
            for (var b = 0; b < q; b++)
                v[b] += mode[b];
            for (var e = 0; e < p; e++)
            {
                var moves = modes.OnPopulation(Factor, level, e);
                for (var b = 0; b < q; b++)
                    v[b] += moves[b] * population[s * p + e];
            }

            for (var a = 0; a < q; a++)
            {
                var sum = 0.0;
                for (var b = 0; b < q; b++)
                    sum += lambda[a * q + b] * v[b];
                destination[a * DrawCount + s] = sum;
            }
        }
    }
}
