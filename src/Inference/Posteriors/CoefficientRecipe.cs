using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Files;
using TypedPooling.Inference.Hierarchy;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Draws of a normal hierarchy from its sums: the scales and population effects of each draw. The varying effects are made given
/// them.</summary>
/// <remarks>
/// Population effects are kept as beta and as beta~, whose columns are centred (<see cref="PopulationSystem"/>): what is the same in both is written
/// once. Where this library centres at other places than the one that wrote beta~, that of beta is taken.
/// </remarks>
internal sealed class CoefficientRecipe : DrawsRecipe
{
    /// <summary>The name in files.</summary>
    public const string Name = "coefficients of sums";

    // Of beta, beside what rounding leaves.
    private const double Tolerance = 1e-8;

    private readonly ScalePoints scales;
    private readonly StoredBlock population;
    private readonly double[] pivoted;           // draw after draw
    private readonly int width;                  // of beta~

    /// <param name="scales">The scales of each draw.</param>
    /// <param name="population">beta.</param>
    /// <param name="pivoted">beta~, draw after draw, integrated effects and then joined ones.</param>
    public CoefficientRecipe(ScalePoints scales, StoredBlock population, double[] pivoted)
    {
        this.scales = scales;
        this.population = population;
        this.pivoted = pivoted;
        width = population.DrawCount == 0 ? 0 : pivoted.Length / population.DrawCount;
    }

    public override string Kind => Name;

    public override bool MakesPopulation => true;

    public override bool MakesScales => scales.MakesScales;

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static CoefficientRecipe Read(FileReader reader, ModelSpec spec, int count)
    {
        FileDamage.Unless(spec.Response.Family.IsNormal, "draws of sums do not belong to this response");
        var scales = ScalePoints.Read(reader, spec, count);
        var width = reader.Count(spec.Population.Length);
        var pivoted = StoredColumns.Read(reader, width, count);
        var beta = new DrawTable(PosteriorBuilder.PopulationOf(spec), count);
        for (var t = 0; t < spec.Population.Length; t++)
        {
            var same = reader.Count(width);
            (same < width ? StoredColumns.Of(pivoted, width, same) : reader.FiniteNumbers(count)).CopyTo(beta[t]);
        }

        return new(scales, beta.ToBlock(), pivoted);
    }

    public override void Write(FileWriter writer)
    {
        scales.Write(writer);
        writer.Count(width);
        StoredColumns.Write(writer, pivoted, width);
        double[][] columns = [.. Enumerable.Range(0, width).Select(e => StoredColumns.Of(pivoted, width, e))];
        for (var t = 0; t < population.ParameterCount; t++)
        {
            var own = population.Draws(t);
            var same = 0;
            while (same < width && !IsSame(own, columns[same]))
                same++;
            writer.Count(same);
            if (same == width)
                writer.Numbers(own);
        }
    }

    public override DrawsRecipe Take(int[] draws) =>
        new CoefficientRecipe(scales.Take(draws), population.Take(draws), StoredColumns.Take(pivoted, width, draws));

    public override Posterior Complete(BoundModel model, Posterior stored)
    {
        var system = NormalHierarchy.Reduce((NormalBoundModel)model);
        FileDamage.Unless(width == system.PopulationCount, "the number of population effects is another");
        var coordinates = new ScaleCoordinates(model.Spec);
        var coefficients = Pivoted(system.Population);
        var reported = new DrawTable(coordinates.Parameters, MakesScales ? stored.DrawCount : 0);
        var point = coordinates.NewPoint();
        Span<double> values = new double[coordinates.Parameters.Length];
        for (var s = 0; MakesScales && s < stored.DrawCount; s++)
        {
            scales.Set(s, coordinates, point);
            coordinates.Report(point, values);
            reported.Set(s, values);
        }

        var effects = new Lazy<EffectDraws>(() => Keep(system, coordinates, coefficients, stored));
        return stored with
        {
            Population = population,
            Scales = MakesScales ? reported.ToBlock() : stored.Scales,
            Effects = [.. model.Spec.Factors.Select(
                EffectsBlock (_, k) => new DeferredEffects(model, k, stored.DrawCount, () => effects.Value.Blocks(coefficients)[k]))],
            Exact = MakesScales && coordinates.Dimension + system.Joined.Count == 0 ? Moments(system, coordinates) : null,
            Recipe = this,
        };
    }

    private EffectDraws Keep(CoefficientSystem system, ScaleCoordinates coordinates, double[] coefficients, Posterior stored)
    {
        var kept = new EffectDraws(system, stored.DrawCount, stored.Seed, stored.Numbers);
        var parts = kept.NeedsSolution ? Math.Min(Environment.ProcessorCount, Math.Max(1, stored.DrawCount / 64)) : 1;
        Parallel.For(0, parts, part =>
        {
            var point = coordinates.NewPoint();
            var workspace = system.NewWorkspace();
            var last = (int)((long)stored.DrawCount * (part + 1) / parts);
            for (var s = (int)((long)stored.DrawCount * part / parts); s < last; s++)
            {
                scales.Set(s, coordinates, point);
                var own = coefficients.AsSpan(s * width, width);
                if (kept.NeedsSolution)
                    workspace.Solve(point, own[system.Population.IntegratedCount..], withGradient: false);
                kept.Keep(s, point, workspace, own);
            }
        });
        return kept;
    }

    private ExactMoments Moments(CoefficientSystem system, ScaleCoordinates coordinates)
    {
        var point = coordinates.NewPoint();
        scales.Set(0, coordinates, point);
        var workspace = system.NewWorkspace();
        workspace.Solve(point, [], withGradient: false);
        return system.Moments(workspace, point);
    }

    // beta~ as it is written, unless it is not that of beta here.
    private double[] Pivoted(PopulationSystem system)
    {
        var made = new double[pivoted.Length];
        var beta = new double[population.ParameterCount];
        var restored = new double[beta.Length];
        var isSame = true;
        for (var s = 0; s < population.DrawCount; s++)
        {
            var size = 0.0;
            for (var t = 0; t < beta.Length; t++)
            {
                beta[t] = population.Draws(t)[s];
                size = Math.Max(size, Math.Abs(beta[t]));
            }

            system.Pivoted(beta, made.AsSpan(s * width, width));
            system.Restore(pivoted.AsSpan(s * width, width), restored);
            foreach (var value in made.AsSpan(s * width, width))
                size = Math.Max(size, Math.Abs(value));
            for (var t = 0; t < beta.Length; t++)
                isSame &= Math.Abs(restored[t] - beta[t]) <= Tolerance * size;
        }

        return isSame ? pivoted : made;
    }

    private static bool IsSame(ReadOnlySpan<double> one, ReadOnlySpan<double> other)
    {
        for (var s = 0; s < one.Length; s++)
        {
            if (BitConverter.DoubleToInt64Bits(one[s]) != BitConverter.DoubleToInt64Bits(other[s]))
                return false;
        }

        return true;
    }
}
