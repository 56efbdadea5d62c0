using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;

/// <summary>The passes over the classes of a system, four classes at a time: two where a derivative is wanted, one for a value alone. Scratch of one
/// chain.</summary>
/// <remarks>
/// <para>
/// Everything is in units of sigma: B_c = Z_c Lambda / sigma, V_c = I + B_c B_c' = L_c D_c L_c' with L_c unit lower triangular (no square root), W_c
/// = V_c^-1. A pivot is never below 1 but for rounding. A pivot that is not positive makes the sum of log determinants NaN, an overflow makes it
/// infinite or NaN: nothing throws.
/// </para>
/// <para>
/// Both passes factorise V_c: reading stored Cholesky factors back costs more than making them again as soon as the classes leave the cache, and
/// memory stays that of the classes, whatever the number of chains. Lanes are added up batch after batch and then in one fixed order, so that the
/// same numbers give the same bits.
/// </para>
/// </remarks>
internal abstract class ClassKernel
{
    private readonly Vector256<double>[] square;     // lower triangle by rows
    private readonly Vector256<double>[] target;

    protected ClassKernel(ClassLanes lanes)
    {
        Lanes = lanes;
        var p = lanes.PopulationCount;
        square = new Vector256<double>[p * (p + 1) / 2];
        target = new Vector256<double>[p];
    }

    protected ClassLanes Lanes { get; }

    /// <summary>Chooses the kernel for a number of varying terms.</summary>
    /// <param name="lanes">The classes.</param>
    /// <returns>A kernel of its own scratch.</returns>
    public static ClassKernel For(ClassLanes lanes) => lanes.TermCount switch
    {
        1 => new OneTermKernel(lanes),
        2 => new TwoTermKernel(lanes),
        _ => new GeneralKernel(lanes),
    };

    /// <summary>First pass: adds sum_c J_c X_c' W_c [X_c y_c] to the normal equations.</summary>
    /// <param name="relative">Pivoted Lambda / sigma, q x q by rows.</param>
    /// <param name="normalSquare">Added to: sum J X'WX, lower triangle of p x p by rows.</param>
    /// <param name="normalTarget">Added to: sum J X'Wy. Length p.</param>
    /// <returns>sum_c J_c log |V_c|; not finite where a V_c cannot be factorised.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Reduce(ReadOnlySpan<double> relative, Span<double> normalSquare, Span<double> normalTarget)
    {
        Array.Clear(square);
        Array.Clear(target);
        var log = Sum(Reduce(relative, square.AsSpan(), target.AsSpan()));
        AddSums(normalSquare, normalTarget);
        return log;
    }

    /// <summary>Second pass: squares of the residuals r_c = y_c - X_c beta^ and, where wanted, the derivative for Lambda Lambda'.</summary>
    /// <param name="relative">Pivoted Lambda / sigma, q x q by rows.</param>
    /// <param name="mean">beta^ of the integrated effects, then the given coefficients of the others. Length p.</param>
    /// <param name="cholesky">L_H with H = L_H L_H', 1 / diagonal on its diagonal; over the integrated effects alone, by rows.</param>
    /// <param name="precision">1 / sigma^2.</param>
    /// <param name="gamma">Overwritten with sum_c Z_c' [W_c (S_c + J_c r_c r_c' + J_c X_c H^-1 X_c') W_c / sigma^2 - J_c W_c] Z_c, X_c H^-1 X_c' over
    /// the integrated effects; q x q by rows, symmetric; empty where no derivative is wanted.</param>
    /// <returns>The sums.</returns>
    public abstract ResidualSums Residuals(
        ReadOnlySpan<double> relative, ReadOnlySpan<double> mean, ReadOnlySpan<double> cholesky, double precision, Span<double> gamma);

    /// <summary>The one pass that a value needs: the normal equations of delta = beta - anchor, and the squares at the anchor.</summary>
    /// <param name="relative">Pivoted Lambda / sigma, q x q by rows.</param>
    /// <param name="anchor">Population effects near beta^, so that little is subtracted from the squares. Length p.</param>
    /// <param name="normalSquare">Added to: sum J X'WX, lower triangle of p x p by rows.</param>
    /// <param name="normalTarget">Added to: sum J X'W r, r = y - X anchor. Length p.</param>
    /// <param name="squares">sum_c (tr W_c S_c + J_c r_c' W_c r_c).</param>
    /// <returns>sum_c J_c log |V_c|; not finite where a V_c cannot be factorised.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double ReduceAt(
        ReadOnlySpan<double> relative, ReadOnlySpan<double> anchor, Span<double> normalSquare, Span<double> normalTarget, out double squares)
    {
        Array.Clear(square);
        Array.Clear(target);
        var log = Sum(ReduceAt(relative, anchor, square.AsSpan(), target.AsSpan(), out var lanes));
        squares = Sum(lanes);
        AddSums(normalSquare, normalTarget);
        return log;
    }

    /// <summary>True where the kernel has the one pass.</summary>
    public virtual bool HasOnePass => false;

    /// <summary>The one pass, lanes apart.</summary>
    /// <param name="relative">Pivoted Lambda / sigma, q x q by rows.</param>
    /// <param name="anchor">Population effects. Length p.</param>
    /// <param name="square">Added to. Lower triangle by rows.</param>
    /// <param name="target">Added to. Length p.</param>
    /// <param name="squares">The squares at the anchor.</param>
    /// <returns>sum J log |V|.</returns>
    protected virtual Vector256<double> ReduceAt(
        ReadOnlySpan<double> relative,
        ReadOnlySpan<double> anchor,
        Span<Vector256<double>> square,
        Span<Vector256<double>> target,
        out Vector256<double> squares) =>
        throw new NotSupportedException();

    /// <summary>The first pass, lanes apart.</summary>
    /// <param name="relative">Pivoted Lambda / sigma, q x q by rows.</param>
    /// <param name="square">Added to. Lower triangle by rows.</param>
    /// <param name="target">Added to. Length p.</param>
    /// <returns>sum J log |V|.</returns>
    protected abstract Vector256<double> Reduce(ReadOnlySpan<double> relative, Span<Vector256<double>> square, Span<Vector256<double>> target);

    private void AddSums(Span<double> normalSquare, Span<double> normalTarget)
    {
        var p = target.Length;
        for (int a = 0, t = 0; a < p; a++)
        {
            for (var c = 0; c <= a; c++, t++)
                normalSquare[a * p + c] += Sum(square[t]);
            normalTarget[a] += Sum(target[a]);
        }
    }

    /// <summary>Adds the lanes in a fixed order.</summary>
    /// <param name="lanes">The lanes.</param>
    /// <returns>(0 + 2) + (1 + 3).</returns>
    protected static double Sum(Vector256<double> lanes)
    {
        var pairs = lanes.GetLower() + lanes.GetUpper();
        return pairs[0] + pairs[1];
    }
}
