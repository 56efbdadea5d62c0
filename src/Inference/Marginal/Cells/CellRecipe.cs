using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Files;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>Draws of scales and population effects of a model of cells: the position of each draw, from which everything else of it is
/// made.</summary>
/// <remarks>
/// A position is theta and then coordinates of the population effects about the rough fit (<see cref="PopulationCoordinates"/>). The effects
/// themselves are kept too: where this library fits roughly in another way than the one that wrote the positions, coordinates are made of them.
/// </remarks>
internal sealed class CellRecipe : DrawsRecipe
{
    /// <summary>The name in files.</summary>
    public const string Name = "positions of cells";

    private const double Tolerance = 1e-8;

    private readonly double[] positions;         // draw after draw
    private readonly StoredBlock population;
    private readonly int width;

    /// <param name="positions">Draw after draw.</param>
    /// <param name="width">Length of each.</param>
    /// <param name="population">The population effects.</param>
    public CellRecipe(double[] positions, int width, StoredBlock population)
    {
        this.positions = positions;
        this.width = width;
        this.population = population;
    }

    public override string Kind => Name;

    public override bool MakesPopulation => true;

    public override bool MakesScales => true;

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static CellRecipe Read(FileReader reader, ModelSpec spec, int count)
    {
        FileDamage.Unless(!spec.Response.Family.IsNormal && spec.Factors.Length <= 1, "draws of cells do not belong to this model");
        var width = new ScaleCoordinates(spec).Dimension + spec.Population.Count(term => term.Prior?.FixedValue is null);
        var positions = StoredColumns.Read(reader, width, count);
        var beta = new DrawTable(PosteriorBuilder.PopulationOf(spec), count);
        for (var t = 0; t < spec.Population.Length; t++)
            reader.FiniteNumbers(count).CopyTo(beta[t]);
        return new(positions, width, beta.ToBlock());
    }

    public override void Write(FileWriter writer)
    {
        StoredColumns.Write(writer, positions, width);
        for (var t = 0; t < population.ParameterCount; t++)
            writer.Numbers(population.Draws(t));
    }

    public override DrawsRecipe Take(int[] draws) => new CellRecipe(StoredColumns.Take(positions, width, draws), width, population.Take(draws));

    public override Posterior Complete(BoundModel model, Posterior stored)
    {
        var coordinates = new ScaleCoordinates(model.Spec);
        var reported = new DrawTable(coordinates.Parameters, stored.DrawCount);
        var point = coordinates.NewPoint();
        Span<double> values = new double[coordinates.Parameters.Length];
        for (var s = 0; s < stored.DrawCount; s++)
        {
            coordinates.Constrain(positions.AsSpan(s * width, coordinates.Dimension), point);
            coordinates.Report(point, values);
            FileDamage.Unless(ArePossible(coordinates.Parameters, values), "a position gives a scale out of range");
            reported.Set(s, values);
        }

        var effects = new Lazy<CellDraws>(() => Draws((CellBoundModel)model, stored.DrawCount));
        return stored with
        {
            Population = population,
            Scales = reported.ToBlock(),
            Effects = [.. model.Spec.Factors.Select(EffectsBlock (_, k) => new DeferredEffects(
                model, k, stored.DrawCount, () => effects.Value.Effects(stored.Seed, stored.Numbers)[k]))],
            Recipe = this,
        };
    }

    // As for scales that are written themselves, and finite: a coordinate far out overflows.
    private static bool ArePossible(ImmutableArray<Parameter> parameters, ReadOnlySpan<double> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var isPossible = parameters[i].Kind switch
            {
                ParameterKind.VaryingCorrelation => Math.Abs(values[i]) <= 1 + 1e-9,
                ParameterKind.VaryingSd => values[i] >= 0,
                _ => values[i] > 0,
            };
            if (!isPossible || !double.IsFinite(values[i]))
                return false;
        }

        return true;
    }

    private CellDraws Draws(CellBoundModel model, int count)
    {
        var start = JointStart.Of(model);
        var quadrature = CellQuadrature.Plain(new GroupedCells(start.System), start.Theta);
        var own = Positions(start.System, count);
        return CellDraws.Of(quadrature, count, s => own.AsSpan(s * width, width), threads: 0);
    }

    // As they are written, unless their population effects are others here.
    private double[] Positions(JointSystem system, int count)
    {
        var first = system.Scales.Dimension;
        var columns = system.Columns.Population;
        var p = columns.Count;
        var made = (double[])positions.Clone();
        var (beta, here, pivoted) = (new double[p], new double[p], new double[p]);
        var isSame = true;
        for (var s = 0; s < count; s++)
        {
            var own = made.AsSpan(s * width + first, p);
            system.Population.Constrain(own, here, pivoted);
            var size = 0.0;
            for (var e = 0; e < p; e++)
            {
                beta[e] = population.Draws(columns.TermOf(e))[s];
                size = Math.Max(size, Math.Max(Math.Abs(beta[e]), Math.Abs(pivoted[e])));
            }

            for (var e = 0; e < p; e++)
                isSame &= Math.Abs(here[e] - beta[e]) <= Tolerance * size;
            system.Population.Unconstrain(beta, own);
        }

        return isSame ? positions : made;
    }
}
