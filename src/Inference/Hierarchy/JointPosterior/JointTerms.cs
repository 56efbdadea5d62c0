using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>Which coefficients a model has, and where its columns are centred. Immutable.</summary>
/// <remarks>
/// With an unbounded intercept among the estimated population effects their columns are centred, x_i'beta = shift + beta~_0 + sum_e (x_ie - x*_e)
/// beta_e with beta~_0 = beta_0 + sum_e x*_e beta_e - shift; a factor with an intercept has Z u = Z~ u~ with u~_0 = u_0 + sum_a x*_a u_a likewise.
/// Determinants are 1. x* are means over the data.
/// </remarks>
internal sealed class JointTerms
{
    /// <summary>Lists the terms.</summary>
    /// <param name="spec">The model; every prior decided.</param>
    /// <param name="levelCounts">Number of levels of each factor.</param>
    /// <param name="means">Means of the columns. Length m.</param>
    /// <param name="shift">What is taken off the intercept: the mean of a response that is Normal or StudentT, of the log of a Gamma one.</param>
    public JointTerms(ModelSpec spec, int[] levelCounts, ReadOnlySpan<double> means, double shift)
    {
        Spec = spec;
        Terms = [.. Enumerable.Range(0, spec.Population.Length).Where(t => spec.Population[t].Prior?.FixedValue is null)];
        Columns = [.. Terms.Select(t => spec.Population[t].Column)];
        Priors = [.. Terms.Select(t => spec.Population[t].Prior!)];
        Intercept = Array.FindIndex(Columns, column => column == ModelSpec.Ones);
        if (Intercept >= 0 && IsBounded(Priors[Intercept]))
            Intercept = -1;
        Origin = new double[Columns.Length];
        for (var e = 0; e < Columns.Length && Intercept >= 0; e++)
            Origin[e] = Columns[e] == ModelSpec.Ones ? 0 : means[Columns[e]];
        Shift = Intercept >= 0 ? shift : 0;

        LevelCounts = levelCounts;
        FactorColumns = [.. spec.Factors.Select(factor => factor.Terms.Select(term => term.Column).ToArray())];
        FactorOrigins = new double[FactorColumns.Length][];
        FactorPivots = new double[FactorColumns.Length][];
        FactorStarts = new int[FactorColumns.Length + 1];
        for (var k = 0; k < FactorColumns.Length; k++)
        {
            var columns = FactorColumns[k];
            FactorOrigins[k] = new double[columns.Length];
            for (var a = 0; a < columns.Length && columns.Contains(ModelSpec.Ones); a++)
                FactorOrigins[k][a] = columns[a] == ModelSpec.Ones ? 0 : means[columns[a]];
            FactorPivots[k] = [.. FactorOrigins[k].Select((origin, a) => origin - spec.Factors[k].OriginOf(a))];
            FactorStarts[k + 1] = checked(FactorStarts[k] + levelCounts[k] * columns.Length);
        }
    }

    /// <summary>The model.</summary>
    public ModelSpec Spec { get; }

    /// <summary>The model's term of each estimated population effect. Length p.</summary>
    public int[] Terms { get; }

    /// <summary>Its column. Length p.</summary>
    public int[] Columns { get; }

    /// <summary>Its prior. Length p.</summary>
    public IRealPrior[] Priors { get; }

    /// <summary>x* of each estimated effect's column; zeros where they are not centred. Length p.</summary>
    public double[] Origin { get; }

    /// <summary>Which estimated effect is the intercept about which columns are centred; -1 where there is none.</summary>
    public int Intercept { get; }

    /// <summary>What is taken off the intercept.</summary>
    public double Shift { get; }

    /// <summary>Levels J of each factor.</summary>
    public int[] LevelCounts { get; }

    /// <summary>Columns of the terms of each factor, q each.</summary>
    public int[][] FactorColumns { get; }

    /// <summary>x* of these columns; zeros where they are not centred.</summary>
    public double[][] FactorOrigins { get; }

    /// <summary>x* of these columns less the factor's own origin: with u the effects about it, u~_0 = u_0 + sum_a (x*_a - origin_a) u_a.</summary>
    public double[][] FactorPivots { get; }

    /// <summary>Where the effects of each factor begin among all effects; their number at the end. Length K + 1.</summary>
    public int[] FactorStarts { get; }

    /// <summary>Number of estimated population effects p.</summary>
    public int PopulationCount => Terms.Length;

    /// <summary>Number of varying effects.</summary>
    public int EffectCount => FactorStarts[^1];

    /// <summary>Number of factors K.</summary>
    public int FactorCount => FactorColumns.Length;

    /// <summary>Whether a prior has two finite bounds.</summary>
    public static bool IsBounded(IRealPrior prior) => !double.IsInfinity(prior.Upper - prior.Lower);
}
