using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The centred columns and levels of cells: linear predictors from coefficients, and derivatives back. Immutable; shared by
/// threads.</summary>
/// <remarks>Population columns are held column by column, those of a factor cell by cell. Cells are sorted by the levels of the factor with most, so
/// that neighbours share effects.</remarks>
internal sealed class CellDesign
{
    private readonly HierarchyColumns columns;
    private readonly double[][] population;    // C each; empty for the column of ones
    private readonly double[][] varying;       // C q each; empty where the only term is the intercept
    private readonly int[][] starts;           // of the level's effects among those of its factor

    /// <summary>Sorts cells.</summary>
    /// <param name="columns">The layout of the coefficients.</param>
    /// <param name="count">Number of cells C.</param>
    /// <param name="feature">Value of a feature in a cell, by cell and feature.</param>
    /// <param name="level">Level of a cell, by cell and factor.</param>
    public CellDesign(HierarchyColumns columns, int count, Func<int, int, double> feature, Func<int, int, int> level)
    {
        this.columns = columns;
        Count = count;
        Order = [.. Enumerable.Range(0, count)];
        if (columns.FactorCount > 0)
        {
            var largest = Array.IndexOf(columns.LevelCounts, columns.LevelCounts.Max());
            Order = [.. Order.OrderBy(cell => level(cell, largest))];
        }

        population = [.. columns.PopulationFeatures.Select(f => columns.IsOnes(f) ? [] : Order.Select(cell => feature(cell, f)).ToArray())];
        varying = new double[columns.FactorCount][];
        starts = new int[columns.FactorCount][];
        for (var k = 0; k < varying.Length; k++)
        {
            var own = columns.FactorFeatures[k];
            starts[k] = [.. Order.Select(cell => level(cell, k) * own.Length)];
            varying[k] = own.Length == 1 && columns.IsOnes(own[0]) ? [] : [.. Order.SelectMany(cell => own.Select(f => feature(cell, f)))];
        }
    }

    /// <summary>Number of cells C.</summary>
    public int Count { get; }

    /// <summary>The model's cell at each place here. Length C.</summary>
    public int[] Order { get; }

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
            var own = effects.Slice(columns.EffectStarts[k], columns.EffectStarts[k + 1] - columns.EffectStarts[k]);
            ReadOnlySpan<int> at = starts[k].AsSpan(first, eta.Length);
            if (varying[k].Length == 0)
            {
                for (var i = 0; i < at.Length; i++)
                    eta[i] += own[at[i]];
                continue;
            }

            var q = columns.TermCount(k);
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
            var own = onEffects.Slice(columns.EffectStarts[k], columns.EffectStarts[k + 1] - columns.EffectStarts[k]);
            var at = starts[k];
            if (varying[k].Length == 0)
            {
                for (var i = 0; i < at.Length; i++)
                    own[at[i]] += slopes[i];
                continue;
            }

            var q = columns.TermCount(k);
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
        varying[factor].Length == 0 ? 1 : varying[factor][cell * columns.TermCount(factor) + term];

    /// <summary>Sums weighted squares of the columns over cells: the blocks of X'WX and of each Z'WZ.</summary>
    /// <param name="weights">W by cell. Length C.</param>
    /// <param name="onPopulation">Overwritten, p x p by rows.</param>
    /// <param name="onEffects">For each factor overwritten, q x q by rows, level after level.</param>
    public void Information(ReadOnlySpan<double> weights, Span<double> onPopulation, double[][] onEffects)
    {
        var p = population.Length;
        onPopulation.Clear();
        Array.ForEach(onEffects, Array.Clear);
        for (var i = 0; i < Count; i++)
        {
            for (var a = 0; a < p; a++)
            {
                var x = weights[i] * PopulationValue(i, a);
                for (var b = 0; b < p; b++)
                    onPopulation[a * p + b] += x * PopulationValue(i, b);
            }

            for (var k = 0; k < onEffects.Length; k++)
            {
                var q = columns.TermCount(k);
                var block = onEffects[k].AsSpan(starts[k][i] * q, q * q);
                for (var a = 0; a < q; a++)
                {
                    var z = weights[i] * VaryingValue(i, k, a);
                    for (var b = 0; b < q; b++)
                        block[a * q + b] += z * VaryingValue(i, k, b);
                }
            }
        }
    }
}
