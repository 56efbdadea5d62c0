using TypedPooling.Inference.Posteriors;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Draws of all coefficients about their modes: beta~, and with several factors the spherical effects of all levels but the leaves, which
/// are kept, 8 bytes a draw and effect. The leaves' are made given them when they are read. Made when first asked for; thread-safe.</summary>
/// <remarks>Random numbers are a pure function of seed, draw and the level's key.</remarks>
internal sealed class ModeDraws
{
    private readonly Lazy<double[]> population;
    private readonly Lazy<double[][]> rest;
    private readonly int[]? numbers;

    /// <summary>Plans the draws.</summary>
    /// <param name="modes">The modes.</param>
    /// <param name="count">Number of draws.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="numbers">The number that addresses the random numbers of each draw; null where it is its place.</param>
    public ModeDraws(CellModes modes, int count, ulong seed, int[]? numbers = null)
    {
        (Modes, Count, Seed) = (modes, count, seed);
        this.numbers = numbers;
        population = new Lazy<double[]>(() => modes.DrawCoordinates(count, seed, NumberOf));
        rest = new Lazy<double[][]>(DrawRest);
    }

    /// <summary>The modes.</summary>
    public CellModes Modes { get; }

    /// <summary>Number of draws.</summary>
    public int Count { get; }

    /// <summary>Seed of the run.</summary>
    public ulong Seed { get; }

    /// <summary>beta~ - beta^, draw after draw.</summary>
    public double[] Population => population.Value;

    /// <summary>By draw, effects of the rest less their modes at beta~, spherical, by coordinate; empty with one factor.</summary>
    /// <exception cref="ModelException">They take more memory than there is.</exception>
    public double[][] Rest => rest.Value;

    /// <summary>The number that addresses the random numbers of a draw.</summary>
    public ulong NumberOf(int draw) => (ulong)(numbers is null ? draw : numbers[draw]);

    /// <summary>Where the random numbers of a level are.</summary>
    public ulong HashOf(int factor, int level)
    {
        var model = Modes.System.Model;
        return model.Levels.Length == 1
            ? model.Levels[0].Hash(level)
            : RandomAddresses.LevelOf(model.Spec.Factors[factor].Name, model.Levels[factor].Text(level));
    }

    private double[][] DrawRest()
    {
        var system = Modes.System;
        var order = system.Plan.Layout.Order;
        var draws = KeptDraws.Rows(Count, order);
        foreach (var factor in system.Places.RestFactors)
        {
            var q = system.TermCounts[factor];
            for (var level = 0; level < system.Model.Levels[factor].Count; level++)
            {
                var at = system.Plan.CoordinateOf(factor, level);
                var hash = HashOf(factor, level);
                for (var s = 0; s < Count; s++)
                    PhiloxNormals.Fill(Seed, NumberOf(s), hash, draws[s].AsSpan(at, q));
            }
        }

        for (var s = 0; s < Count && order > 0; s++)
            Modes.Squares.SolveRest(draws[s]);
        return draws;
    }
}
