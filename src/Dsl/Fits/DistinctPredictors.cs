using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>The rows of a model of cells as its expectations see them: equal offsets, columns and sizes are one predictor, and predictors whose
/// varying effects have equal columns are neighbours. Immutable.</summary>
/// <remarks>Levels and responses do not matter: varying effects are integrated out. O(cells m).</remarks>
internal sealed class DistinctPredictors
{
    private readonly double[][] columns;          // by population effect

    public DistinctPredictors(CellBoundModel model)
    {
        var (spec, cells) = (model.Spec, model.Cells);
        TermCount = spec.Factors.Sum(factor => factor.Terms.Length);
        int[] varying = [.. spec.Factors.SelectMany(factor => factor.Terms.Select(term => term.Column))];
        int[] population = [.. spec.Population.Select(term => term.Column)];
        var groups = new Dictionary<double[], int>(new Numbers());
        var seen = new Dictionary<double[], int>(new Numbers());
        var (rows, keys) = (new List<double>(), new List<double[]>());
        for (var i = 0; i < cells.Count; i++)
        {
            var own = cells.Columns.Slice(i * cells.ColumnCount, cells.ColumnCount).ToArray();
            double[] z = [.. varying.Select(column => Value(own, column))];
            if (!groups.TryGetValue(z, out var group))
                groups.Add(z, group = groups.Count);
            double[] key =
            [
                group,
                cells.Offsets[i] + 0.0,
                spec.Response.Family.IsCount ? cells.Sizes[i] / cells.Rows[i] : 1,
                .. population.Select(column => Value(own, column)),
            ];
            if (seen.TryGetValue(key, out var at))
            {
                rows[at] += cells.Rows[i];
                continue;
            }

            seen.Add(key, keys.Count);
            keys.Add(key);
            rows.Add(cells.Rows[i]);
        }

        int[] order = [.. Enumerable.Range(0, keys.Count).OrderBy(at => keys[at][0])];
        Offsets = [.. order.Select(at => keys[at][1])];
        Sizes = [.. order.Select(at => keys[at][2])];
        Rows = [.. order.Select(at => rows[at])];
        RowCount = Rows.Sum();
        columns = [.. population.Select((_, t) => order.Select(at => keys[at][3 + t]).ToArray())];
        Varying = [.. groups.OrderBy(pair => pair.Value).SelectMany(pair => pair.Key)];
        Starts = new int[groups.Count + 1];
        foreach (var key in keys)
            Starts[(int)key[0] + 1]++;
        for (var g = 0; g < groups.Count; g++)
            Starts[g + 1] += Starts[g];
    }

    /// <summary>Number of predictors.</summary>
    public int Count => Offsets.Length;

    /// <summary>Sum of the offsets of each predictor.</summary>
    public double[] Offsets { get; }

    /// <summary>What the expectation of each predictor is multiplied by: an exposure, or 1.</summary>
    public double[] Sizes { get; }

    /// <summary>Number of rows of each predictor.</summary>
    public double[] Rows { get; }

    /// <summary>Number of all rows.</summary>
    public double RowCount { get; }

    /// <summary>Number of groups of predictors whose varying effects have equal columns.</summary>
    public int GroupCount => Starts.Length - 1;

    /// <summary>Where each group begins, and the end of the last.</summary>
    public int[] Starts { get; }

    /// <summary>Number of terms of all factors.</summary>
    public int TermCount { get; }

    /// <summary>z, by group and then by factor and term. Length groups times terms.</summary>
    public double[] Varying { get; }

    /// <summary>The values that a population effect multiplies, by predictor.</summary>
    public double[] ColumnOf(int effect) => columns[effect];

    // -0 is 0.
    private static double Value(double[] own, int column) => column == ModelSpec.Ones ? 1 : own[column] + 0.0;

    private sealed class Numbers : IEqualityComparer<double[]>
    {
        public bool Equals(double[]? x, double[]? y) => x!.AsSpan().SequenceEqual(y);

        public int GetHashCode(double[] obj)
        {
            var hash = default(HashCode);
            foreach (var value in obj)
                hash.Add(value);
            return hash.ToHashCode();
        }
    }
}
