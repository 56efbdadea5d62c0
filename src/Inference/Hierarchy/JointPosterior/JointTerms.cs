using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>Which coefficients a model has, and where its columns are centred. Immutable.</summary>
/// <remarks>
/// With an unbounded intercept among the estimated population effects their columns are centred, x_i'beta = shift + beta~_0 + sum_k (x_ik - m_k)
/// beta_k with beta~_0 = beta_0 + sum_k m_k beta_k - shift; a factor with an intercept has Z u = Z~ u~ with u~_0 = u_0 + sum_a m_a u_a likewise.
/// Determinants are 1. m are means over the data.
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
        for (var k = 0; k < Columns.Length && Intercept >= 0; k++)
            Origin[k] = Columns[k] == ModelSpec.Ones ? 0 : means[Columns[k]];
        Shift = Intercept >= 0 ? shift : 0;

        LevelCounts = levelCounts;
        FactorColumns = [.. spec.Factors.Select(factor => factor.Terms.Select(term => term.Column).ToArray())];
        FactorOrigins = new double[FactorColumns.Length][];
        FactorPivots = new double[FactorColumns.Length][];
        FactorStarts = new int[FactorColumns.Length + 1];
        for (var f = 0; f < FactorColumns.Length; f++)
        {
            var columns = FactorColumns[f];
            FactorOrigins[f] = new double[columns.Length];
            for (var a = 0; a < columns.Length && columns.Contains(ModelSpec.Ones); a++)
                FactorOrigins[f][a] = columns[a] == ModelSpec.Ones ? 0 : means[columns[a]];
            FactorPivots[f] = [.. FactorOrigins[f].Select((origin, a) => origin - spec.Factors[f].OriginOf(a))];
            FactorStarts[f + 1] = checked(FactorStarts[f] + levelCounts[f] * columns.Length);
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

    /// <summary>m of each estimated effect's column; zeros where they are not centred. Length p.</summary>
    public double[] Origin { get; }

    /// <summary>Which estimated effect is the intercept about which columns are centred; -1 where there is none.</summary>
    public int Intercept { get; }

    /// <summary>What is taken off the intercept.</summary>
    public double Shift { get; }

    /// <summary>Levels J of each factor.</summary>
    public int[] LevelCounts { get; }

    /// <summary>Columns of the terms of each factor, q each.</summary>
    public int[][] FactorColumns { get; }

    /// <summary>m of these columns; zeros where they are not centred.</summary>
    public double[][] FactorOrigins { get; }

    /// <summary>m of these columns less the factor's own origin: with u the effects about it, u~_0 = u_0 + sum_a (m_a - origin_a) u_a.</summary>
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
