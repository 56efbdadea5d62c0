using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.Columns;

/// <summary>From the effects u of a set of columns to those of the centred columns, T u, and back. Immutable.</summary>
/// <remarks>
/// With an intercept among the columns Z u = Z~ T u, Z~ the columns less their grand means x*, so that nothing large is squared, and T = [1 x*'; 0 I]
/// about the set's own origin. Lambda becomes T Lambda. Without an intercept the columns are not centred and T is the identity. det T = 1, so no
/// density changes.
/// </remarks>
/// <param name="origin">x* of each column less the set's own origin, 0 where a column is not centred and for the intercept. Length q.</param>
/// <param name="intercept">Index of the intercept; -1 without one.</param>
internal sealed class EffectPivot(double[] origin, int intercept)
{
    private readonly int q = origin.Length;

    /// <summary>No columns.</summary>
    public static EffectPivot None { get; } = new([], -1);

    /// <summary>x* of each column less the set's own origin. Length q.</summary>
    public double[] Origin => origin;

    /// <summary>Index of the intercept, by which the columns are centred; -1 without one.</summary>
    public int Intercept => intercept;

    /// <summary>Where a set of columns is centred: at the grand means where the column of ones is among them, at 0 otherwise.</summary>
    /// <param name="columns">Columns of the model, or <see cref="ModelSpec.Ones"/>. Length q.</param>
    /// <param name="means">Grand means by column.</param>
    /// <returns>x*, 0 for the column of ones. Length q.</returns>
    public static double[] Centres(int[] columns, double[] means)
    {
        var isCentred = columns.Contains(ModelSpec.Ones);
        return [.. columns.Select(column => isCentred && column != ModelSpec.Ones ? means[column] : 0)];
    }

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

    /// <summary>Turns weights b over u into those over T u that give the same combination, T^-T b: so derivatives for u into those for
    /// T u.</summary>
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
