using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>What cells and levels need of the inverse of the matrix that a <see cref="PenalizedLeastSquares"/> has factorised: leverages and
/// conditional variances. Scratch of one thread.</summary>
/// <remarks>With Y = L^-T F of a leaf, the inverse is C_RR of the rest (where its Cholesky factor has numbers), C_jR = -Y C_RR beside it and (L
/// L')^-1 + Y C_RR Y' for the leaf: all of it costs no more than a few factorisations. A cell's levels are neighbours of each other, so that every
/// element that it needs is there. Source: [Takahashi1973].</remarks>
internal sealed class SelectedInverse
{
    private readonly PenalizedLeastSquares squares;
    private readonly CellPlan plan;
    private readonly CellPlaces places;
    private readonly int q;
    private readonly double[] scratch;            // Y
    private readonly double[] neighbourhood;      // C_RR of a leaf
    private double[] squareInverse = [];          // q x q a leaf
    private double[] crossInverse = [];           // C_jR, q rows a leaf

    /// <summary>Makes scratch.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="squares">What is inverted.</param>
    public SelectedInverse(CellLayout cells, PenalizedLeastSquares squares)
    {
        this.squares = squares;
        (plan, places) = (cells.Plan, cells.Places);
        q = plan.LeafTermCount;
        var most = places.Pairs.Widest;
        scratch = new double[most * q];
        neighbourhood = new double[most * most];
    }

    /// <summary>Computes what cells and levels need of A^-1 of the block that was factorised last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compute(int block)
    {
        if (squareInverse.Length == 0)
            (squareInverse, crossInverse) = (new double[plan.LeafCount * q * q], new double[plan.Neighbours.Length * q]);
        if (places.RestFactors.Length > 0)
            squares.Rest.Invert();
        var (firstLeaf, lastLeaf) = plan.LeavesOf(block);
        for (var leaf = firstLeaf; leaf < lastLeaf; leaf++)
            InvertLeaf(leaf);
    }

    /// <summary>A^-1 b_i at the effects of the cell's own levels, after <see cref="Compute"/>.</summary>
    /// <param name="cell">An ordered cell.</param>
    /// <param name="leaf">Its leaf.</param>
    /// <param name="result">Overwritten, factor after factor. Length: effects of all factors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Times(int cell, int leaf, Span<double> result)
    {
        var columns = squares.Columns.AsSpan(cell * plan.Width, plan.Width);
        if (places.IsPlainPair)
        {
            var (own, other) = (plan.Eliminated, 1 - plan.Eliminated);
            var shared = crossInverse[places.CrossAt[cell]];
            result[own] = squareInverse[leaf] * columns[own] + shared * columns[other];
            result[other] = shared * columns[own] + squares.Rest.Inverse[places.RestAt[cell]] * columns[other];
            return;
        }

        result.Clear();
        if (plan.FactorCount == 0)
            return;
        var first = plan.Offsets[plan.Eliminated];
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
                result[first + a] += squareInverse[(leaf * q + a) * q + b] * columns[first + b];
        }

        var d = plan.Starts[leaf + 1] - plan.Starts[leaf];
        for (var r = 0; r < places.RestFactors.Length; r++)
        {
            var factor = places.RestFactors[r];
            var (offset, count) = (plan.Offsets[factor], plan.TermCounts[factor]);
            var at = places.CrossAt[cell * places.RestFactors.Length + r];
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < count; b++)
                {
                    var shared = crossInverse[at + a * d + b];
                    result[first + a] += shared * columns[offset + b];
                    result[offset + b] += shared * columns[first + a];
                }
            }

            for (var s = 0; s <= r; s++)
                AddRestInverse(cell, r, s, columns, result);
        }
    }

    /// <summary>The block of A^-1 of one level, after <see cref="Compute"/>: the conditional variances of its spherical effects.</summary>
    /// <param name="factor">Index of the factor.</param>
    /// <param name="level">The level.</param>
    /// <param name="result">Overwritten, by rows. Square of the factor's number of effects.</param>
    public void Of(int factor, int level, Span<double> result)
    {
        var count = plan.TermCounts[factor];
        if (factor == plan.Eliminated)
        {
            squareInverse.AsSpan(level * q * q, q * q).CopyTo(result);
            return;
        }

        var coordinate = plan.CoordinateOf(factor, level);
        for (var a = 0; a < count; a++)
        {
            for (var b = 0; b <= a; b++)
                result[a * count + b] = result[b * count + a] = squares.Rest.Inverse[plan.Layout.PlaceOf(coordinate + a, coordinate + b)];
        }
    }

    private void AddRestInverse(int cell, int r, int s, ReadOnlySpan<double> columns, Span<double> result)
    {
        var (mine, count) = (plan.Offsets[places.RestFactors[r]], plan.TermCounts[places.RestFactors[r]]);
        var (others, otherCount) = (plan.Offsets[places.RestFactors[s]], plan.TermCounts[places.RestFactors[s]]);
        var (place, stride, isTurned) = squares.PlaceOf(cell, r, s);
        var inverse = squares.Rest.Inverse[place..];
        for (var a = 0; a < count; a++)
        {
            for (var b = 0; b < otherCount; b++)
            {
                var value = r == s ? inverse[Math.Max(a, b) * stride + Math.Min(a, b)] : isTurned ? inverse[b * stride + a] : inverse[a * stride + b];
                result[mine + a] += value * columns[others + b];
                if (r != s)
                    result[others + b] += value * columns[mine + a];
            }
        }
    }

    // C_jR = -Y C_RR, C_jj = (L L')^-1 - C_jR Y' with Y = L^-T F.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void InvertLeaf(int leaf)
    {
        var l = squares.LeafCholesky(leaf);
        var own = squareInverse.AsSpan(leaf * q * q, q * q);
        Span<double> column = q <= 64 ? stackalloc double[q] : new double[q];
        for (var b = 0; b < q; b++)
        {
            column.Clear();
            column[b] = 1;
            SmallCholesky.Solve(l, column, q);
            for (var a = 0; a < q; a++)
                own[a * q + b] = column[a];
        }

        var d = plan.Starts[leaf + 1] - plan.Starts[leaf];
        if (d == 0)
            return;
        var y = scratch.AsSpan(0, q * d);
        squares.Shared(leaf).CopyTo(y);
        SmallCholesky.SolveTransposedRows(l, y, q);
        var shared = crossInverse.AsSpan(plan.Starts[leaf] * q, q * d);
        places.Pairs.Multiply(leaf, y, q, squares.Rest.Inverse, neighbourhood, shared);
        foreach (ref var value in shared)
            value = -value;
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
                own[a * q + b] -= DenseRows.Dot(shared.Slice(a * d, d), y.Slice(b * d, d));
        }
    }
}
