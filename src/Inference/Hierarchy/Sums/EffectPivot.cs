namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>From the effects u of a factor to those of its centred columns, T u, and back. Immutable.</summary>
/// <remarks>With a varying intercept Z u = Z~ T u, Z~ the columns less their grand means and T = [1 x*'; 0 I] about the factor's own origin;
/// without one T is the identity. det T = 1. See <see cref="Sums.Pivot"/>.</remarks>
/// <param name="origin">x* of each term less the factor's own origin, 0 where Z is not centred and for the intercept. Length q.</param>
/// <param name="intercept">Index of the varying intercept; -1 without one.</param>
internal sealed class EffectPivot(double[] origin, int intercept)
{
    private readonly int q = origin.Length;

    /// <summary>x* of each term less the factor's own origin. Length q.</summary>
    public double[] Origin => origin;

    /// <summary>Index of the varying intercept, by which Z is centred; -1 without one.</summary>
    public int Intercept => intercept;

    /// <summary>Turns Lambda into T Lambda, the root that belongs to centred columns.</summary>
    /// <param name="lambda">Lambda, q x q by rows.</param>
    /// <param name="pivoted">Overwritten with T Lambda; no longer lower triangular. Length q^2.</param>
    public void PivotLambda(ReadOnlySpan<double> lambda, Span<double> pivoted)
    {
        lambda.CopyTo(pivoted);
        for (var a = 0; a < q && intercept >= 0; a++)
        {
            for (var b = 0; b < q && origin[a] != 0; b++)
                pivoted[intercept * q + b] += origin[a] * lambda[a * q + b];
        }
    }

    /// <summary>Turns T Lambda into Lambda.</summary>
    /// <param name="lambda">q x q by rows; changed.</param>
    public void UnpivotLambda(Span<double> lambda)
    {
        for (var a = 0; a < q && intercept >= 0; a++)
        {
            for (var b = 0; b < q && origin[a] != 0; b++)
                lambda[intercept * q + b] -= origin[a] * lambda[a * q + b];
        }
    }

    /// <summary>Turns a derivative for T Lambda into one for Lambda: T' times it.</summary>
    /// <param name="gradient">Derivative for T Lambda, q x q by rows; overwritten with that for Lambda.</param>
    public void PivotGradient(Span<double> gradient)
    {
        for (var a = 0; a < q && intercept >= 0; a++)
        {
            for (var b = 0; b < q && origin[a] != 0; b++)
                gradient[a * q + b] += origin[a] * gradient[intercept * q + b];
        }
    }

    /// <summary>Turns weights b over u into those over T u that give the same combination, T^-T b.</summary>
    /// <param name="weights">Changed. Length q.</param>
    public void PivotWeights(Span<double> weights)
    {
        for (var a = 0; a < q && intercept >= 0; a++)
            weights[a] -= origin[a] * weights[intercept];
    }

    /// <summary>Turns pivoted effects T u into u.</summary>
    /// <param name="effects">Changed. Length q.</param>
    public void Unpivot(Span<double> effects)
    {
        for (var a = 0; a < q && intercept >= 0; a++)
            effects[intercept] -= origin[a] * effects[a];
    }
}
