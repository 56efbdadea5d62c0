using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Tests.Support;

/// <summary>Bound models made by hand, for tests of engines that need no builder.</summary>
internal static class Systems
{
    public static NormalBoundModel Bind(ModelSpec spec, IReadOnlyList<(int Group, double[] Columns, double Y)> rows, double[]? knownSd = null)
    {
        var builder = new CellMomentsBuilder(spec.Columns.Length);
        var index = new LevelIndex<int>();
        for (var i = 0; i < rows.Count; i++)
        {
            var cell = spec.Factors.IsEmpty ? 0 : index.GetOrAdd(rows[i].Group);
            double[] values = [.. rows[i].Columns, rows[i].Y];
            if (knownSd is null)
                builder.Add(cell, values);
            else
                builder.Add(cell, values, 1 / (knownSd[i] * knownSd[i]));
        }

        ImmutableArray<LevelTable> levels = spec.Factors.IsEmpty ? [] : [index];
        var cells = builder.Build();
        int[][] cellLevels = spec.Factors.IsEmpty ? [] : [[.. Enumerable.Range(0, cells.CellCount)]];
        return new NormalBoundModel(spec, levels, cells, cellLevels, 0);
    }

    public static ModelSpec Spec(int columns, PopulationTerm[] population, VaryingTerm[] varying, ICorrelationPrior? correlation, IScalePrior? sigma) => new(
        new ResponseSpec(Family.Normal, "y", "y", sigma, sigma is null ? "se" : null),
        [.. Enumerable.Range(0, columns).Select(c => new ColumnSpec($"x{c}", $"x{c}"))],
        [.. population],
        varying.Length == 0 ? [] : [new FactorSpec("g", [.. varying], correlation ?? new LkjPrior(2))]);

    /// <summary>Rows with random covariates: 0/1, skewed, and shifted far from zero.</summary>
    public static List<(int Group, double[] Columns, double Y)> Rows(ulong seed, int groups, int perGroup, int columns, double responseShift = 0)
    {
        var stream = new PhiloxStream(seed, 7);
        var rows = new List<(int, double[], double)>();
        for (var g = 0; g < groups; g++)
        {
            var effect = stream.NextNormal();
            var n = 1 + (int)(perGroup * 2 * stream.NextDouble());
            for (var i = 0; i < n; i++)
            {
                var x = new double[columns];
                for (var c = 0; c < columns; c++)
                    x[c] = c == 0 ? (stream.NextDouble() < 0.5 ? 0 : 1) : c * 3 + stream.NextNormal();
                rows.Add((g, x, responseShift + effect + x.Sum() * 0.3 + 0.5 * stream.NextNormal()));
            }
        }

        return rows;
    }
}
