using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>Turns positions into draws of scales and population effects, and into what varying effects are made from.</summary>
internal sealed class CellDraws
{
    // Draws a thread takes at a time: neighbours in memory of every parameter.
    private const int Part = 256;

    private readonly CellQuadrature quadrature;
    private readonly int count;
    private readonly DrawTable scales;
    private readonly DrawTable population;
    private readonly double[] pivoted;            // draw after draw
    private readonly double[] lambdas;            // draw after draw
    private readonly double[] positions;          // draw after draw
    private readonly ResponseScales[] responseScales;

    private CellDraws(CellQuadrature quadrature, int count)
    {
        this.quadrature = quadrature;
        this.count = count;
        var cells = quadrature.Cells;
        scales = new DrawTable(cells.System.Scales.Parameters, count);
        population = DrawTable.OfPopulation(cells.System.Model.Spec, count);
        pivoted = new double[cells.PopulationCount * count];
        lambdas = new double[cells.TermCount * cells.TermCount * count];
        responseScales = new ResponseScales[count];
        positions = new double[Width * count];
    }

    private int Width => quadrature.Cells.System.Scales.Dimension + quadrature.Cells.PopulationCount;

    /// <summary>A position by number of the draw.</summary>
    public delegate ReadOnlySpan<double> PositionOf(int draw);

    public StoredBlock Scales => scales.ToBlock();

    public StoredBlock Population => population.ToBlock();

    /// <summary>Reads positions.</summary>
    /// <param name="quadrature">The cells.</param>
    /// <param name="count">Number of draws.</param>
    /// <param name="position">The positions.</param>
    /// <param name="threads">Threads to use; 0 for one a processor. Draws do not depend on it.</param>
    public static CellDraws Of(CellQuadrature quadrature, int count, PositionOf position, int threads)
    {
        var draws = new CellDraws(quadrature, count);
        Parallel.For(
            0,
            (count + Part - 1) / Part,
            new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads },
            quadrature.NewDensity,
            (part, _, density) =>
            {
                for (var s = part * Part; s < Math.Min(count, (part + 1) * Part); s++)
                    draws.Keep(s, density, position(s));
                return density;
            },
            _ => { });
        return draws;
    }

    /// <summary>The varying effects.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="numbers">The number that addresses the random numbers of each draw; null where it is its place.</param>
    public ImmutableArray<EffectsBlock> Effects(ulong seed, int[]? numbers = null) =>
        quadrature.Cells.TermCount == 0
            ? []
            : [new RegeneratedCellEffects(quadrature.Cells, quadrature.Starts, positions, pivoted, lambdas, responseScales, count, seed, numbers)];

    /// <summary>The posterior of all draws; the caller adds what it knows of the run.</summary>
    public Posterior Posterior(PosteriorBuilder builder)
    {
        var beta = Population;
        return builder.Of(beta, Scales, Effects(builder.Options.Seed)) with { Recipe = new CellRecipe(positions, Width, beta) };
    }

    private void Keep(int s, CellDensity density, ReadOnlySpan<double> position)
    {
        density.MoveTo(position);
        var system = quadrature.Cells.System;
        Span<double> reported = stackalloc double[system.Scales.Parameters.Length];
        system.Scales.Report(density.Point, reported);
        scales.Set(s, reported);
        var spec = system.Model.Spec;
        for (var (t, k) = (0, 0); t < spec.Population.Length; t++)
            population[t][s] = spec.Population[t].Prior is { FixedValue: { } fixedAt } ? fixedAt : density.Beta[k++];
        density.Pivoted.CopyTo(pivoted.AsSpan(s * density.Pivoted.Length));
        position.CopyTo(positions.AsSpan(s * position.Length));
        if (quadrature.Cells.TermCount == 0)
            return;
        density.Point.Factors[0].Lambda.CopyTo(lambdas, s * density.Point.Factors[0].Lambda.Length);
        responseScales[s] = density.ResponseScales;
    }
}
