using TypedPooling.Model;

namespace TypedPooling.Data;

/// <summary>From coefficients of standardised columns to those of the columns as they are. Immutable. Made by <see cref="Standardization.MapOf"/>, or
/// by <see cref="AtZero"/> where columns are only shifted.</summary>
/// <remarks>
/// With origins o and scales s of the columns, o_y and s_y of the response: b_a = b_s,a s_y / s_a, and for an intercept b_0 = o_y + s_y (b_s,0 -
/// sum_a b_s,a o_a / s_a). Varying effects are deviations and follow without o_y: u = M u_s. With no intercept among the coefficients their columns
/// are not centred, and M is diagonal.
/// </remarks>
internal sealed class CoefficientMap
{
    private readonly double[] factors;     // s_y / s_a; s_y of the intercept
    private readonly double[] shifts;      // o_a / s_a; 0 of the intercept
    private readonly bool[] centred;
    private readonly double constant;      // o_y

    public CoefficientMap(Standardization standardization, int[] columns)
    {
        Intercept = Array.IndexOf(columns, ModelSpec.Ones);
        factors = new double[columns.Length];
        shifts = new double[columns.Length];
        centred = new bool[columns.Length];
        constant = standardization.ResponseOrigin;
        for (var a = 0; a < columns.Length; a++)
        {
            factors[a] = standardization.ResponseScale;
            if (columns[a] == ModelSpec.Ones)
                continue;
            factors[a] /= standardization.Scales[columns[a]];
            if (Intercept < 0)
                continue;
            shifts[a] = standardization.Origins[columns[a]] / standardization.Scales[columns[a]];
            centred[a] = standardization.IsCentred(columns[a]);
        }
    }

    private CoefficientMap(FactorSpec factor)
    {
        var q = factor.Terms.Length;
        Intercept = -1;
        factors = new double[q];
        shifts = new double[q];
        centred = new bool[q];
        for (var a = 0; a < q; a++)
        {
            if (factor.Terms[a].Column == ModelSpec.Ones)
                Intercept = a;
            factors[a] = 1;
            shifts[a] = factor.OriginOf(a);
            centred[a] = shifts[a] != 0;
        }
    }

    /// <summary>The map of the varying effects of a factor from those about its <see cref="FactorSpec.Origin"/> to those about 0: u_0 = u_c,0 - sum_a
    /// o_a u_a.</summary>
    /// <param name="factor">The factor.</param>
    /// <returns>The map; the identity where the factor has no origin of its own.</returns>
    public static CoefficientMap AtZero(FactorSpec factor)
    {
        ArgumentNullException.ThrowIfNull(factor);
        return new(factor);
    }

    /// <summary>Number of coefficients.</summary>
    public int Count => factors.Length;

    /// <summary>Index of the intercept among the coefficients; -1 where there is none.</summary>
    public int Intercept { get; }

    /// <summary>What the coefficient is multiplied by: s_y / s_a, and s_y for an intercept.</summary>
    /// <param name="index">Index of the coefficient.</param>
    /// <returns>A positive factor.</returns>
    public double Factor(int index) => factors[index];

    /// <summary>How much of a coefficient goes into the intercept: o_a / s_a.</summary>
    /// <param name="index">Index of the coefficient.</param>
    /// <returns>The shift; 0 for the intercept itself and for a column that is not centred.</returns>
    public double Shift(int index) => shifts[index];

    /// <summary>Whether the coefficient's column is centred, so that the intercept depends on it (even where the column's mean happens to be
    /// 0).</summary>
    /// <param name="index">Index of the coefficient.</param>
    /// <returns>True where it is.</returns>
    public bool IsCentred(int index) => centred[index];

    /// <summary>Maps coefficients: o_y goes into the intercept.</summary>
    /// <param name="coefficients">On the standardised scale; overwritten with those of the original one. Length <see cref="Count"/>.</param>
    public void Restore(Span<double> coefficients) => Map(coefficients, constant);

    /// <summary>Maps deviations of coefficients, such as varying effects.</summary>
    /// <param name="effects">On the standardised scale; overwritten with those of the original one. Length <see cref="Count"/>.</param>
    public void RestoreEffects(Span<double> effects) => Map(effects, 0);

    /// <summary>The weights over coefficients on the standardised scale that give the same combination, up to its constant, as weights over those on
    /// the original one.</summary>
    /// <param name="weights">Weights a over the original coefficients. Length <see cref="Count"/>.</param>
    /// <param name="standardized">Overwritten with M'a. Length <see cref="Count"/>.</param>
    /// <returns>The constant: a'b = (M'a)'b_s + constant. For deviations there is none.</returns>
    public double PullBack(ReadOnlySpan<double> weights, Span<double> standardized)
    {
        for (var a = 0; a < factors.Length; a++)
            standardized[a] = factors[a] * weights[a];
        if (Intercept < 0)
            return 0;
        var carried = standardized[Intercept];
        for (var a = 0; a < factors.Length; a++)
            standardized[a] -= shifts[a] * carried;
        return constant * weights[Intercept];
    }

    /// <summary>Maps a matrix W that takes deviations to deviations, u_s = W d_s, to the one that takes d to u: M W M^-1.</summary>
    /// <param name="matrix">Count x Count by rows; overwritten.</param>
    public void RestoreMatrix(Span<double> matrix)
    {
        var q = factors.Length;
        for (var r = 0; r < q; r++)
        {
            var ones = Intercept < 0 ? 0 : matrix[r * q + Intercept];
            for (var c = 0; c < q; c++)
                matrix[r * q + c] = (matrix[r * q + c] + ones * shifts[c]) / factors[c];
        }

        for (var c = 0; c < q; c++)
        {
            var moved = 0.0;
            for (var r = 0; r < q; r++)
            {
                moved += shifts[r] * matrix[r * q + c];
                matrix[r * q + c] *= factors[r];
            }

            if (Intercept >= 0)
                matrix[Intercept * q + c] -= factors[Intercept] * moved;
        }
    }

    private void Map(Span<double> coefficients, double toIntercept)
    {
        var moved = 0.0;
        for (var a = 0; a < factors.Length; a++)
        {
            moved += shifts[a] * coefficients[a];
            coefficients[a] *= factors[a];
        }

        if (Intercept >= 0)
            coefficients[Intercept] += toIntercept - factors[Intercept] * moved;
    }
}
