using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.Columns;

/// <summary>Which columns the coefficients of a model multiply, where each column is centred, and in which order all effects stand. One layout for
/// sums and cells, whatever the engine. Immutable.</summary>
/// <remarks>
/// A feature is a column less its origin; the columns of X and of every Z are features, each stored once. X is centred by the model's intercept, Z of
/// a factor where its intercept varies: see <see cref="EffectPivot"/>. Effects stand factor after factor, level after level, term after term.
/// </remarks>
internal sealed class HierarchyColumns
{
    /// <summary>Lays out a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="population">Its estimated population effects.</param>
    /// <param name="means">Grand means by column.</param>
    public HierarchyColumns(BoundModel model, PopulationColumns population, double[] means)
    {
        var spec = model.Spec;
        var features = new List<(int Column, double Origin)>();
        Population = population;
        PopulationFeatures = [.. population.Columns.Select((column, e) => FeatureOf(column, population.Origin[e]))];
        var factorCount = spec.Factors.Length;
        FactorFeatures = new int[factorCount][];
        Pivots = new EffectPivot[factorCount];
        LevelCounts = [.. model.Levels.Select(levels => levels.Count)];
        EffectStarts = new int[factorCount + 1];
        for (var k = 0; k < factorCount; k++)
        {
            var factor = spec.Factors[k];
            int[] columns = [.. factor.Terms.Select(term => term.Column)];
            var centres = EffectPivot.Centres(columns, means);
            FactorFeatures[k] = [.. columns.Select((column, a) => FeatureOf(column, centres[a]))];
            Pivots[k] = new EffectPivot(
                [.. centres.Select((centre, a) => centre - factor.OriginOf(a))], Array.IndexOf(columns, ModelSpec.Ones));
            EffectStarts[k + 1] = checked(EffectStarts[k] + LevelCounts[k] * columns.Length);
        }

        Features = [.. features];

        int FeatureOf(int column, double origin)
        {
            var at = features.IndexOf((column, origin));
            if (at < 0)
            {
                at = features.Count;
                features.Add((column, origin));
            }

            return at;
        }
    }

    /// <summary>The estimated population effects.</summary>
    public PopulationColumns Population { get; }

    /// <summary>Column (or that of ones) and origin of each feature.</summary>
    public (int Column, double Origin)[] Features { get; }

    /// <summary>Features of X. Length p.</summary>
    public int[] PopulationFeatures { get; }

    /// <summary>Features of Z of each factor, q each.</summary>
    public int[][] FactorFeatures { get; }

    /// <summary>By factor, from its effects to those of centred columns and back.</summary>
    public EffectPivot[] Pivots { get; }

    /// <summary>Levels J of each factor.</summary>
    public int[] LevelCounts { get; }

    /// <summary>Where the effects of each factor begin among all effects; their number at the end. Length K + 1.</summary>
    public int[] EffectStarts { get; }

    /// <summary>Number of factors K.</summary>
    public int FactorCount => Pivots.Length;

    /// <summary>Number of varying effects.</summary>
    public int EffectCount => EffectStarts[^1];

    /// <summary>Number of varying terms q of a factor.</summary>
    public int TermCount(int factor) => FactorFeatures[factor].Length;

    /// <summary>Whether a feature is the column of ones.</summary>
    public bool IsOnes(int feature) => Features[feature].Column == ModelSpec.Ones;
}
