using System.Runtime.CompilerServices;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Marginal;

/// <summary>Turns points of theta into draws of the scales and the population effects, and keeps what the varying effects are made from.</summary>
/// <remarks>The population effects of a point are a pure function of (seed, number of the point), so threads change nothing.</remarks>
internal sealed class CoefficientDraws
{
    private readonly CoefficientSystem system;
    private readonly ScaleCoordinates coordinates;
    private readonly int count;
    private readonly ulong seed;
    private readonly DrawTable scales;
    private readonly DrawTable population;
    private readonly double[] pivotedPopulation;     // beta~ draw after draw, n each: integrated effects, then joined ones
    private readonly double[] theta;                 // of the scales, draw after draw, where effects are kept
    private readonly EffectDraws? kept;

    /// <summary>Makes room for draws.</summary>
    /// <param name="system">The system.</param>
    /// <param name="coordinates">The layout of theta.</param>
    /// <param name="count">Number of draws.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="withEffects">Whether effects will be asked for of all of them, not only of those taken from them.</param>
    public CoefficientDraws(CoefficientSystem system, ScaleCoordinates coordinates, int count, ulong seed, bool withEffects = true)
    {
        this.system = system;
        this.coordinates = coordinates;
        this.count = count;
        this.seed = seed;
        scales = new DrawTable(coordinates.Parameters, count);
        population = DrawTable.OfPopulation(system.Model.Spec, count);
        pivotedPopulation = new double[system.PopulationCount * count];
        var effects = new EffectDraws(system, withEffects ? count : 0, seed);
        NeedsSolution = effects.NeedsSolution;
        kept = withEffects ? effects : null;
        theta = new double[withEffects ? coordinates.Dimension * count : 0];
    }

    /// <summary>A point of theta by number of the draw.</summary>
    public delegate ReadOnlySpan<double> PositionOf(int draw);

    /// <summary>Number of draws.</summary>
    public int Count => count;

    /// <summary>Whether the effects of a draw need its density, and not only its position.</summary>
    public bool NeedsSolution { get; }

    public StoredBlock ScalesBlock => scales.ToBlock();

    public StoredBlock PopulationBlock => population.ToBlock();

    /// <summary>The posterior of all draws, whose effects must have been asked for.</summary>
    public Posterior Posterior(PosteriorBuilder builder)
    {
        var beta = PopulationBlock;
        return builder.Of(beta, ScalesBlock, kept!.Blocks(pivotedPopulation)) with
        {
            Recipe = new CoefficientRecipe(ScalePoints.At(theta, coordinates.Dimension), beta, pivotedPopulation),
        };
    }

    /// <summary>Evaluates every point and keeps it.</summary>
    public void Fill(PositionOf position, int threads)
    {
        InParts(count, threads, (density, s) =>
        {
            density.LogLikelihood(position(s));
            KeepTheta(s, position(s));
            Keep(s, density);
        });
    }

    /// <summary>Keeps the point a density was evaluated at last, and draws its population effects.</summary>
    /// <param name="s">Number of the point.</param>
    /// <param name="density">The density.</param>
    /// <param name="normals">Standard normal numbers for the first of the population effects; those of the others are made here. At most as many as
    /// there are integrated effects.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Keep(int s, MarginalDensity density, ReadOnlySpan<double> normals = default)
    {
        var p = system.PopulationCount;
        Span<double> values = stackalloc double[Math.Max(coordinates.Parameters.Length, system.Population.TermCount)];
        var reported = values[..coordinates.Parameters.Length];
        coordinates.Report(density.Point, reported);
        scales.Set(s, reported);

        var pivoted = pivotedPopulation.AsSpan(s * p, p);
        normals.CopyTo(pivoted);
        if (normals.Length < p)
            PhiloxNormals.Fill(seed, (ulong)s, RandomAddresses.PopulationEffects, pivoted[normals.Length..]);
        density.Conditional.DrawPopulation(pivoted);
        var beta = values[..system.Population.TermCount];
        system.Population.Restore(pivoted, beta);
        population.Set(s, beta);

        kept?.Keep(s, density.Point, density.Conditional, pivoted);
    }

    /// <summary>Scales and population effects of some of the points, by number, in the order asked for; one may be asked for several times.</summary>
    /// <param name="points">Numbers of points.</param>
    public CoefficientDraws Take(int[] points)
    {
        var taken = new CoefficientDraws(system, coordinates, points.Length, seed, withEffects: false);
        TakeInto(taken, points);
        return taken;
    }

    /// <summary>The same with what the varying effects are made from.</summary>
    /// <param name="points">Numbers of points.</param>
    /// <param name="position">theta of a point.</param>
    /// <param name="threads">Threads to use where effects need the density again; 0 for one a processor.</param>
    /// <param name="evaluated">Told of each density that is evaluated again, from any thread; null where nobody listens.</param>
    public CoefficientDraws TakeWithEffects(int[] points, PositionOf position, int threads, Action<int>? evaluated = null)
    {
        var taken = new CoefficientDraws(system, coordinates, points.Length, seed);
        TakeInto(taken, points);
        var p = system.PopulationCount;
        var effects = taken.kept!;
        InParts(points.Length, effects.NeedsSolution ? threads : 1, (density, s) =>
        {
            if (effects.NeedsSolution)
                density.LogLikelihood(position(points[s]));
            else
                density.MoveTo(position(points[s]));
            taken.KeepTheta(s, position(points[s]));
            effects.Keep(s, density.Point, density.Conditional, taken.pivotedPopulation.AsSpan(s * p, p));
            if (effects.NeedsSolution)
                evaluated?.Invoke(1);
        });

        return taken;
    }

    private void KeepTheta(int s, ReadOnlySpan<double> position) =>
        position[..coordinates.Dimension].CopyTo(theta.AsSpan(s * coordinates.Dimension));

    private void TakeInto(CoefficientDraws taken, int[] points)
    {
        scales.TakeInto(taken.scales, points);
        population.TakeInto(taken.population, points);
        var p = system.PopulationCount;
        for (var s = 0; s < points.Length; s++)
            pivotedPopulation.AsSpan(points[s] * p, p).CopyTo(taken.pivotedPopulation.AsSpan(s * p, p));
    }

    // Each part has a density of its own; draws do not depend on the parts.
    private void InParts(int items, int threads, Action<MarginalDensity, int> body)
    {
        var parts = Math.Min(threads == 0 ? Environment.ProcessorCount : threads, Math.Max(1, items / 256));
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, part =>
        {
            var density = new MarginalDensity(system, coordinates);
            var first = (int)((long)items * part / parts);
            var last = (int)((long)items * (part + 1) / parts);
            for (var s = first; s < last; s++)
                body(density, s);
        });
    }
}
