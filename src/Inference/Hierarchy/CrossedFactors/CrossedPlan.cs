using TypedPooling.Data;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>Which factor of a model is eliminated level by level and how the rest is laid out, from the pattern of cells alone.</summary>
/// <param name="Eliminated">Index of the factor with most effects.</param>
/// <param name="NodeStart">By factor, the first of its levels among those of the rest; -1 for the eliminated one.</param>
/// <param name="Layout">The rest.</param>
/// <param name="LevelCost">Operations of the eliminated levels, each a class of its own.</param>
internal sealed record CrossedPlan(int Eliminated, int[] NodeStart, PanelLayout Layout, double LevelCost)
{
    /// <summary>Operations of a value of the density at most, roughly.</summary>
    public double Cost => LevelCost + Layout.Cost;

    /// <summary>Plans a model.</summary>
    /// <param name="model">A model of two factors or more.</param>
    /// <param name="populationCount">Number of integrated population effects.</param>
    /// <returns>The plan; O(cells log cells), and the ordering of the rest.</returns>
    public static CrossedPlan Of(NormalBoundModel model, int populationCount)
    {
        var factors = model.Spec.Factors;
        var counts = factors.Select((factor, k) => (long)model.Levels[k].Count * factor.Terms.Length).ToArray();
        var eliminated = Array.IndexOf(counts, counts.Max());
        var nodeStart = new int[factors.Length];
        var widths = new List<int>();
        for (var k = 0; k < factors.Length; k++)
        {
            nodeStart[k] = k == eliminated ? -1 : widths.Count;
            if (k != eliminated)
                widths.AddRange(Enumerable.Repeat(factors[k].Terms.Length, model.Levels[k].Count));
        }

        // The levels of the rest that each eliminated level meets.
        var own = model.CellLevels(eliminated).ToArray();
        var others =
            Enumerable.Range(0, factors.Length).Where(k => k != eliminated).Select(k => (Start: nodeStart[k], Levels: model.CellLevels(k).ToArray()))
                .ToArray();
        var met = Enumerable.Range(0, model.Levels[eliminated].Count).Select(_ => new SortedSet<int>()).ToArray();
        for (var cell = 0; cell < own.Length; cell++)
        {
            foreach (var (start, levels) in others)
                met[own[cell]].Add(start + levels[cell]);
        }

        double q = factors[eliminated].Terms.Length;
        var cost = 0.0;
        foreach (var levels in met)
        {
            double d = levels.Sum(level => widths[level]) + populationCount;
            cost += q * q * (2 * q + d) + q * d * d;
        }

        var cliques = met.Where(levels => levels.Count > 0).Select(levels => levels.ToArray()).DistinctBy(levels => string.Join(' ', levels))
            .ToArray();
        return new CrossedPlan(eliminated, nodeStart, PanelLayout.Of([.. widths], cliques, populationCount), cost);
    }
}
