using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>Algebra of q x q matrices by rows, q small: what the blocks of a factor's levels are multiplied with.</summary>
internal static class SmallBlocks
{
    /// <summary>L^-1 W L^-T of a symmetric W, in place.</summary>
    /// <param name="l">As <see cref="UnitPlusSquare"/> leaves it.</param>
    /// <param name="w">W in, the result out.</param>
    /// <param name="q">Order.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Whiten(ReadOnlySpan<double> l, Span<double> w, int q)
    {
        if (q == 1)
        {
            w[0] *= l[0] * l[0];
            return;
        }

        // Solves L X = W, then the same for its transpose.
        for (var side = 0; side < 2; side++)
        {
            for (var column = 0; column < q; column++)
            {
                for (var a = 0; a < q; a++)
                {
                    var sum = w[a * q + column];
                    for (var b = 0; b < a; b++)
                        sum -= l[a * q + b] * w[b * q + column];
                    w[a * q + column] = sum * l[a * q + a];
                }
            }

            Transpose(w, q);
        }
    }

    /// <summary>L^-T W L^-1 of a symmetric W, in place.</summary>
    /// <param name="l">As <see cref="UnitPlusSquare"/> leaves it.</param>
    /// <param name="w">W in, the result out.</param>
    /// <param name="q">Order.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WhitenTransposed(ReadOnlySpan<double> l, Span<double> w, int q)
    {
        if (q == 1)
        {
            w[0] *= l[0] * l[0];
            return;
        }

        for (var side = 0; side < 2; side++)
        {
            for (var column = 0; column < q; column++)
            {
                for (var a = q - 1; a >= 0; a--)
                {
                    var sum = w[a * q + column];
                    for (var i = a + 1; i < q; i++)
                        sum -= l[i * q + a] * w[i * q + column];
                    w[a * q + column] = sum * l[a * q + a];
                }
            }

            Transpose(w, q);
        }
    }

    /// <summary>x' = x' Lambda in place.</summary>
    /// <param name="x">Length r.</param>
    /// <param name="lambda">r x r.</param>
    /// <param name="r">Order.</param>
    public static void RightMultiply(Span<double> x, ReadOnlySpan<double> lambda, int r)
    {
        if (r == 1)
        {
            x[0] *= lambda[0];
            return;
        }

        Span<double> product = stackalloc double[r];
        product.Clear();
        for (var a = 0; a < r; a++)
        {
            for (var b = 0; b < r; b++)
                product[b] += x[a] * lambda[a * r + b];
        }

        product.CopyTo(x);
    }

    /// <summary>Lambda' times r rows, in place.</summary>
    /// <param name="rows">r x width by rows.</param>
    /// <param name="lambda">r x r.</param>
    /// <param name="r">Order.</param>
    /// <param name="width">Length of a row.</param>
    public static void LeftMultiply(Span<double> rows, ReadOnlySpan<double> lambda, int r, int width)
    {
        Span<double> x = stackalloc double[r];
        for (var column = 0; column < width; column++)
        {
            for (var a = 0; a < r; a++)
                x[a] = rows[a * width + column];
            RightMultiply(x, lambda, r);
            for (var a = 0; a < r; a++)
                rows[a * width + column] = x[a];
        }
    }

    private static void Transpose(Span<double> w, int q)
    {
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < a; b++)
                (w[a * q + b], w[b * q + a]) = (w[b * q + a], w[a * q + b]);
        }
    }
}
