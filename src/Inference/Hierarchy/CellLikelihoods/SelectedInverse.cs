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
    private readonly int[] termCounts;
    private readonly int[] offsets;               // of each factor among the columns of a cell
    private readonly int factorCount;
    private readonly int width;
    private readonly int q;
    private readonly int restCount;
    private readonly bool isPlainPair;            // two factors of one effect each
    private readonly double[] scratch;            // Y
    private readonly double[] neighbourhood;      // C_RR of a leaf
    private double[] squareInverse = [];          // q x q a leaf
    private double[] crossInverse = [];           // C_jR, q rows a leaf

    /// <summary>Makes scratch.</summary>
    /// <param name="system">The cells.</param>
    /// <param name="squares">What is inverted.</param>
    public SelectedInverse(CellSystem system, PenalizedLeastSquares squares)
    {
        this.squares = squares;
        (plan, places) = (system.Plan, system.Places);
        termCounts = system.TermCounts;
        factorCount = termCounts.Length;
        width = termCounts.Sum();
        offsets = [.. Enumerable.Range(0, factorCount).Select(k => termCounts[..k].Sum())];
        q = plan.LeafTermCount;
        restCount = places.RestFactors.Length;
        isPlainPair = restCount == 1 && width == 2;
        var most = 0;
        for (var leaf = 0; leaf < plan.LeafCount; leaf++)
            most = Math.Max(most, plan.Starts[leaf + 1] - plan.Starts[leaf]);
        scratch = new double[most * q];
        neighbourhood = new double[most * most];
    }

    /// <summary>Computes what cells and levels need of A^-1 of the block that was factorised last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compute(int block)
    {
        if (squareInverse.Length == 0)
            (squareInverse, crossInverse) = (new double[plan.LeafCount * q * q], new double[plan.Neighbours.Length * q]);
        if (restCount > 0)
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
        var columns = squares.Columns.AsSpan(cell * width, width);
        if (isPlainPair)
        {
            var (own, other) = (plan.Eliminated, 1 - plan.Eliminated);
            var shared = crossInverse[places.CrossAt[cell]];
            result[own] = squareInverse[leaf] * columns[own] + shared * columns[other];
            result[other] = shared * columns[own] + squares.Rest.Inverse[places.RestAt[cell]] * columns[other];
            return;
        }

        result.Clear();
        if (factorCount == 0)
            return;
        var first = offsets[plan.Eliminated];
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
                result[first + a] += squareInverse[(leaf * q + a) * q + b] * columns[first + b];
        }

        var d = plan.Starts[leaf + 1] - plan.Starts[leaf];
        for (var r = 0; r < restCount; r++)
        {
            var factor = places.RestFactors[r];
            var (offset, count) = (offsets[factor], termCounts[factor]);
            var at = places.CrossAt[cell * restCount + r];
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
        var count = termCounts[factor];
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
        var (mine, count) = (offsets[places.RestFactors[r]], termCounts[places.RestFactors[r]]);
        var (others, otherCount) = (offsets[places.RestFactors[s]], termCounts[places.RestFactors[s]]);
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
        var f = squares.Shared(leaf);
        var y = scratch.AsSpan(0, q * d);
        f.CopyTo(y);
        for (var a = q - 1; a >= 0; a--)
        {
            var row = y.Slice(a * d, d);
            for (var b = a + 1; b < q; b++)
                DenseRows.AddScaled(y.Slice(b * d, d), -l[b * q + a], row);
            foreach (ref var value in row)
                value *= l[a * q + a];
        }

        Gather(leaf, d);
        var shared = crossInverse.AsSpan(plan.Starts[leaf] * q, q * d);
        for (var a = 0; a < q; a++)
        {
            var row = y.Slice(a * d, d);
            for (var c = 0; c < d; c++)
                shared[a * d + c] = -DenseRows.Dot(neighbourhood.AsSpan(c * d, d), row);
        }

        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
                own[a * q + b] -= DenseRows.Dot(shared.Slice(a * d, d), y.Slice(b * d, d));
        }
    }

    // C_RR of a leaf's neighbours, both triangles.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(int leaf, int d)
    {
        var layout = plan.Layout;
        var inverse = squares.Rest.Inverse;
        var neighbours = plan.Neighbours.AsSpan(plan.Starts[leaf], d);
        var targets = places.Targets[places.TargetsOf[leaf]];
        var at = 0;
        for (var a = 0; a < d; a++)
        {
            for (var b = 0; b <= a; b++, at++)
            {
                var place = targets is not null ? targets[at]
                    : neighbours[0] < layout.DenseStart ? layout.PlaceOf(neighbours[a], neighbours[b])
                    : layout.DenseValueStart + (neighbours[a] - layout.DenseStart) * layout.DenseOrder + neighbours[b] - layout.DenseStart;
                neighbourhood[a * d + b] = neighbourhood[b * d + a] = inverse[place];
            }
        }
    }
}
