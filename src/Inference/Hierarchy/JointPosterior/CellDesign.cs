using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The centred columns and levels of cells: linear predictors from coefficients, and derivatives back. Immutable; shared by
/// threads.</summary>
/// <remarks>Population columns are held column by column, those of a factor cell by cell. Cells are sorted by the levels of the factor with most, so
/// that neighbours share effects.</remarks>
internal sealed class CellDesign
{
    private readonly JointTerms terms;
    private readonly double[] known;
    private readonly double[][] population;    // C each; empty for the column of ones
    private readonly double[][] varying;       // C q each; empty where the only term is the intercept
    private readonly int[][] starts;           // of the level's effects among those of its factor

    /// <summary>Sorts and centres cells.</summary>
    /// <param name="terms">The model's terms.</param>
    /// <param name="count">Number of cells C.</param>
    /// <param name="column">Value of a column in a cell, by cell and column.</param>
    /// <param name="level">Level of a cell, by cell and factor.</param>
    /// <param name="offset">Known part of the predictor of a cell, effects with fixed values not counted.</param>
    public CellDesign(JointTerms terms, int count, Func<int, int, double> column, Func<int, int, int> level, Func<int, double> offset)
    {
        this.terms = terms;
        Order = [.. Enumerable.Range(0, count)];
        if (terms.FactorCount > 0)
        {
            var largest = Array.IndexOf(terms.LevelCounts, terms.LevelCounts.Max());
            Order = [.. Order.OrderBy(cell => level(cell, largest))];
        }

        Count = count;
        known = new double[count];
        population = new double[terms.PopulationCount][];
        varying = new double[terms.FactorCount][];
        starts = new int[terms.FactorCount][];
        for (var i = 0; i < count; i++)
        {
            known[i] = offset(Order[i]) + terms.Shift;
            foreach (var term in terms.Spec.Population)
            {
                if (term.Prior is { FixedValue: { } fixedAt })
                    known[i] += fixedAt * Value(Order[i], term.Column);
            }
        }

        for (var e = 0; e < population.Length; e++)
            population[e] = terms.Columns[e] == ModelSpec.Ones ? [] : [.. Order.Select(cell => column(cell, terms.Columns[e]) - terms.Origin[e])];
        for (var k = 0; k < varying.Length; k++)
        {
            var columns = terms.FactorColumns[k];
            var origins = terms.FactorOrigins[k];
            starts[k] = [.. Order.Select(cell => level(cell, k) * columns.Length)];
            varying[k] = columns is [ModelSpec.Ones] ? [] : [.. Order.SelectMany(cell => columns.Select((c, a) => Value(cell, c) - origins[a]))];
        }

        double Value(int cell, int c) => c == ModelSpec.Ones ? 1 : column(cell, c);
    }

    /// <summary>Number of cells C.</summary>
    public int Count { get; }

    /// <summary>The model's cell at each place here. Length C.</summary>
    public int[] Order { get; }

    /// <summary>The known part of each cell's predictor: offsets, fixed effects and the shift. Length C.</summary>
    public ReadOnlySpan<double> Known => known;

    /// <summary>Where the effects of a cell's level begin among those of its factor.</summary>
    /// <param name="factor">Index of the factor.</param>
    /// <returns>level * q by cell. Length C.</returns>
    public ReadOnlySpan<int> Starts(int factor) => starts[factor];

    /// <summary>Adds what coefficients contribute to the linear predictors.</summary>
    /// <param name="beta">beta~. Length p.</param>
    /// <param name="effects">u~, factor after factor.</param>
    /// <param name="eta">Added to: the predictors of as many cells as it is long.</param>
    /// <param name="first">The first of these cells.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Predict(ReadOnlySpan<double> beta, ReadOnlySpan<double> effects, Span<double> eta, int first = 0)
    {
        var constant = 0.0;
        for (var e = 0; e < population.Length; e++)
        {
            if (population[e].Length == 0)
                constant += beta[e];
            else
                VectorLoops.Add(beta[e], population[e].AsSpan(first, eta.Length), eta);
        }

        for (var k = 0; k < varying.Length; k++)
        {
            var own = effects.Slice(terms.FactorStarts[k], terms.FactorStarts[k + 1] - terms.FactorStarts[k]);
            ReadOnlySpan<int> at = starts[k].AsSpan(first, eta.Length);
            if (varying[k].Length == 0)
            {
                for (var i = 0; i < at.Length; i++)
                    eta[i] += own[at[i]];
                continue;
            }

            var q = terms.FactorColumns[k].Length;
            ReadOnlySpan<double> z = varying[k].AsSpan(first * q);
            for (var i = 0; i < at.Length; i++)
            {
                var sum = 0.0;
                for (var a = 0; a < q; a++)
                    sum += z[i * q + a] * own[at[i] + a];
                eta[i] += sum;
            }
        }

        if (constant != 0)
            VectorLoops.Add(constant, eta);
    }

    /// <summary>Derivatives for coefficients from those for the predictors.</summary>
    /// <param name="slopes">By cell. Length C.</param>
    /// <param name="onPopulation">Overwritten. Length p.</param>
    /// <param name="onEffects">Overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PullBack(ReadOnlySpan<double> slopes, Span<double> onPopulation, Span<double> onEffects)
    {
        for (var e = 0; e < population.Length; e++)
            onPopulation[e] = population[e].Length == 0 ? VectorLoops.Sum(slopes) : VectorLoops.Dot(slopes, population[e]);
        onEffects.Clear();
        for (var k = 0; k < varying.Length; k++)
        {
            var own = onEffects.Slice(terms.FactorStarts[k], terms.FactorStarts[k + 1] - terms.FactorStarts[k]);
            var at = starts[k];
            if (varying[k].Length == 0)
            {
                for (var i = 0; i < at.Length; i++)
                    own[at[i]] += slopes[i];
                continue;
            }

            var q = terms.FactorColumns[k].Length;
            var z = varying[k].AsSpan();
            for (var i = 0; i < at.Length; i++)
            {
                for (var a = 0; a < q; a++)
                    own[at[i] + a] += slopes[i] * z[i * q + a];
            }
        }
    }

    /// <summary>Value of an estimated population effect's centred column in a cell.</summary>
    public double PopulationValue(int cell, int e) => population[e].Length == 0 ? 1 : population[e][cell];

    /// <summary>Value of a varying term's centred column in a cell.</summary>
    public double VaryingValue(int cell, int factor, int term) =>
        varying[factor].Length == 0 ? 1 : varying[factor][cell * terms.FactorColumns[factor].Length + term];
}
