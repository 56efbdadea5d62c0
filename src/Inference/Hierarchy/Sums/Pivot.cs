using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>Where the columns and the response are centred before anything is squared, and the map back. Immutable.</summary>
/// <remarks>
/// With an intercept in X, x_i'beta = beta~_0 + y* + sum_e (x_ie - x*_e) beta_e where beta~_0 = beta_0 + sum_e x*_e beta_e - y*: the same model in
/// centred columns, with beta~ = T beta - y* e_0, T = [1 x*'; 0 I], so that the prior N(beta*, P^-1) of beta becomes N(T beta* - y* e_0, T P^-1 T').
/// Likewise with an intercept in Z, Z u = Z~ (T u), and Lambda becomes T Lambda. Without an intercept a set of columns is not centred. x* and y* are
/// the grand means. det T = 1, so no density changes.
/// </remarks>
internal sealed class Pivot
{
    private Pivot(double[] origin, double response)
    {
        Origin = origin;
        Response = response;
    }

    /// <summary>x* by column, zeros where columns are not centred. Length m.</summary>
    public double[] Origin { get; }

    /// <summary>y*; 0 where the response is not centred.</summary>
    public double Response { get; }

    /// <summary>The pivot of a set of terms.</summary>
    /// <param name="hasIntercept">Whether the column of ones is among the terms.</param>
    /// <param name="total">Moments of all rows as one cell.</param>
    /// <param name="withResponse">Whether the response is centred too.</param>
    /// <returns>Grand means with an intercept, zeros without.</returns>
    public static Pivot Of(bool hasIntercept, CellMoments total, bool withResponse)
    {
        var m = total.ColumnCount;
        if (!hasIntercept)
            return new Pivot(new double[m], 0);
        var means = total.Means(0);
        return new Pivot(means[..m].ToArray(), withResponse ? means[m] : 0);
    }

    /// <summary>Origin of a term's column: 0 for the column of ones.</summary>
    /// <param name="column">Column index or <see cref="ModelSpec.Ones"/>.</param>
    /// <returns>x* of the column.</returns>
    public double At(int column) => column == ModelSpec.Ones ? 0 : Origin[column];
}
