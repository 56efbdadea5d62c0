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

    /// <summary>Binds a model of several factors; a cell for every combination of levels that has rows.</summary>
    public static NormalBoundModel BindSeveral(ModelSpec spec, IReadOnlyList<(int[] Groups, double[] Columns, double Y)> rows)
    {
        var builder = new CellMomentsBuilder(spec.Columns.Length);
        var levels = spec.Factors.Select(_ => new LevelIndex<int>()).ToArray();
        var cells = new Dictionary<string, int>();
        var cellLevels = spec.Factors.Select(_ => new List<int>()).ToArray();
        foreach (var (groups, columns, y) in rows)
        {
            var numbers = levels.Select((index, k) => index.GetOrAdd(groups[k])).ToArray();
            if (cells.TryAdd(string.Join(' ', numbers), cells.Count))
            {
                for (var k = 0; k < numbers.Length; k++)
                    cellLevels[k].Add(numbers[k]);
            }

            builder.Add(cells[string.Join(' ', numbers)], [.. columns, y]);
        }

        return new NormalBoundModel(spec, [.. levels], builder.Build(), [.. cellLevels.Select(list => list.ToArray())], 0);
    }

    /// <summary>Rows of two crossed factors g and h, unbalanced, with random covariates as <see cref="Rows"/> has them.</summary>
    public static List<(int[] Groups, double[] Columns, double Y)> CrossedRows(
        ulong seed, int first, int second, int count, int columns, double responseShift = 0)
    {
        var stream = new PhiloxStream(seed, 8);
        var effects = Enumerable.Range(0, first + second).Select(_ => stream.NextNormal()).ToArray();
        var rows = new List<(int[], double[], double)>();
        for (var i = 0; i < count; i++)
        {
            var (g, h) = (i < first ? i : (int)(first * stream.NextDouble()), i < second ? i : (int)(second * Math.Pow(stream.NextDouble(), 2)));
            var x = new double[columns];
            for (var c = 0; c < columns; c++)
                x[c] = c == 0 ? (stream.NextDouble() < 0.5 ? 0 : 1) : c * 3 + stream.NextNormal();
            rows.Add(([g, h], x, responseShift + effects[g] + 0.7 * effects[first + h] + x.Sum() * 0.3 + 0.5 * stream.NextNormal()));
        }

        return rows;
    }

    public static ModelSpec Spec(
        int columns, PopulationTerm[] population, VaryingTerm[] varying, ICorrelationPrior? correlation, IScalePrior? sigma) => new(
        new ResponseSpec(TestFamilies.Normal, "y", "y", sigma, sigma is null ? "se" : null),
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
