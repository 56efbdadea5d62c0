using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using TypedPooling.Draws;
using TypedPooling.Inference.Density;
using TypedPooling.Inference.GaussianSystem;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Marginal;

/// <summary>Turns draws of theta into draws of the scales and the population effects, and keeps what regenerates the varying effects.</summary>
internal sealed class CoefficientDraws
{
    private readonly NormalSystem system;
    private readonly ScaleCoordinates coordinates;
    private readonly int count;
    private readonly double[] scales;
    private readonly double[] population;
    private readonly ScaleDraws kept;

    public CoefficientDraws(NormalSystem system, ScaleCoordinates coordinates, int count)
    {
        this.system = system;
        this.coordinates = coordinates;
        this.count = count;
        var q = system.TermCount;
        scales = new double[coordinates.Parameters.Length * count];
        population = new double[system.Population.TermCount * count];
        kept = new ScaleDraws(count, new double[count], new double[q * q * count], new double[q * q * count], new double[system.PopulationCount * count]);
    }

    /// <summary>A point of theta by number of the draw.</summary>
    public delegate ReadOnlySpan<double> PositionOf(int draw);

    public StoredBlock ScalesBlock => new(coordinates.Parameters, scales, count);

    public StoredBlock PopulationBlock => new(
        [.. system.Model.Spec.Population.Select(term => new Parameter(ParameterKind.PopulationEffect, term.Name))],
        population,
        count);

    public RegeneratedEffects Effects(ulong seed) => new(system, kept, seed);

    /// <summary>Draws the population effects of every draw. Each draw is a pure function of (seed, number of the draw), so threads change nothing.</summary>
    public void Fill(PositionOf position, ulong seed, ulong stream, int threads)
    {
        var parts = Math.Min(threads == 0 ? Environment.ProcessorCount : threads, Math.Max(1, count / 256));
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, part =>
        {
            var density = new MarginalDensity(system, coordinates);
            var first = (int)((long)count * part / parts);
            var last = (int)((long)count * (part + 1) / parts);
            var reported = new double[coordinates.Parameters.Length];
            var beta = new double[system.Population.TermCount];
            for (var s = first; s < last; s++)
                FillOne(s, position(s), density, seed, stream, reported, beta);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillOne(int s, ReadOnlySpan<double> theta, MarginalDensity density, ulong seed, ulong stream, double[] reported, double[] beta)
    {
        var q = system.TermCount;
        var p = system.PopulationCount;
        density.LogLikelihood(theta);
        coordinates.Report(density.Point, reported);
        for (var i = 0; i < reported.Length; i++)
            scales[i * count + s] = reported[i];

        var pivoted = kept.Population.AsSpan(s * p, p);
        PhiloxNormals.Fill(seed, (ulong)s, stream, pivoted);
        density.Conditional.DrawPopulation(pivoted);
        system.Population.Restore(pivoted, beta);
        for (var i = 0; i < beta.Length; i++)
            population[i * count + s] = beta[i];

        kept.Sigma[s] = density.Point.Sigma;
        if (q == 0)
            return;
        density.Point.Factors[0].Lambda.CopyTo(kept.Lambda.AsSpan(s * q * q));
        density.PivotedLambda.CopyTo(kept.PivotedLambda.AsSpan(s * q * q));
    }
}
