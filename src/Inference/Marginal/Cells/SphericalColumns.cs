using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>zeta_i = Lambda'z_i: the columns that spherical effects are multiplied with.</summary>
internal static class SphericalColumns
{
    /// <summary>Computes them.</summary>
    /// <param name="varying">z, q of each cell.</param>
    /// <param name="lambda">Lambda, q x q by rows, lower triangular.</param>
    /// <param name="q">Number of varying terms.</param>
    /// <param name="spherical">Overwritten. As long as <paramref name="varying"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(ReadOnlySpan<double> varying, ReadOnlySpan<double> lambda, int q, Span<double> spherical)
    {
        for (var at = 0; at < varying.Length; at += q)
        {
            for (var e = 0; e < q; e++)
            {
                var sum = 0.0;
                for (var a = e; a < q; a++)
                    sum += varying[at + a] * lambda[a * q + e];
                spherical[at + e] = sum;
            }
        }
    }
}
