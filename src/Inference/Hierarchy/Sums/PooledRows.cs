namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>All pseudo-rows that hold no varying effect, as one triangular system: R beta = w with independent errors, and a sum of squares no beta
/// can reduce.</summary>
/// <param name="Root">R, p x p by rows, upper triangular; zero rows where the rows do not determine an
/// effect.</param>
/// <param name="Target">w. Length p.</param>
/// <param name="SumOfSquares">The irreducible sum of squares.</param>
/// <param name="TotalRows">Number of rows of the data, over all levels.</param>
/// <param name="IsEmpty">True where R is zero: X lies in the span of the varying columns.</param>
internal sealed record PooledRows(double[] Root, double[] Target, double SumOfSquares, long TotalRows, bool IsEmpty)
{
    /// <summary>R'R and R'w.</summary>
    /// <returns>p x p by rows, and p numbers.</returns>
    public (double[] Square, double[] Target) CrossProducts()
    {
        var p = Target.Length;
        var square = new double[p * p];
        var target = new double[p];
        for (var a = 0; a < p; a++)
        {
            for (var c = 0; c < p; c++)
            {
                for (var r = 0; r <= Math.Min(a, c); r++)
                    square[a * p + c] += Root[r * p + a] * Root[r * p + c];
            }

            for (var r = 0; r <= a; r++)
                target[a] += Root[r * p + a] * Target[r];
        }

        return (square, target);
    }
}
