using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>The penalised least squares of the spherical effects of cells, at given columns and working weights: its Cholesky factor and
/// solutions. Scratch of one thread.</summary>
/// <remarks>
/// <para>
/// With b_i = Lambda'z_i the columns of cell i over all factors and w_i its weight, a step of Newton's method for v solves A x = sum b_i l'_i - v
/// with A = I + sum w_i b_i b_i'. No weight is divided by, so that weights of 0 or less need nothing of their own: A is positive definite or it is
/// not.
/// </para>
/// <para>
/// The leaves are the levels of the factor with most effects. No two of them share a cell, so that A = [D R; R' M] with D of one q x q block a leaf:
/// D = L L', F = L^-1 R, and the rest has M - F'F, which is factorised as <see cref="PanelCholesky"/> says, sparse with a dense end. What cells and
/// levels need of its inverse: <see cref="SelectedInverse"/>. Source: [Bates2015].
/// </para>
/// <para>With one factor each leaf is a block and there is no rest.</para>
/// </remarks>
internal sealed class PenalizedLeastSquares
{
    private readonly CellPlan plan;
    private readonly CellPlaces places;
    private readonly int q;
    private readonly double[] square;             // D, then L, q x q a leaf
    private readonly double[] cross;              // R, then F, q rows a leaf
    private readonly PanelCholesky rest;

    /// <summary>Makes scratch.</summary>
    /// <param name="cells">The cells.</param>
    public PenalizedLeastSquares(CellLayout cells)
    {
        (plan, places) = (cells.Plan, cells.Places);
        q = plan.LeafTermCount;
        Columns = new double[cells.Count * plan.Width];
        square = new double[plan.LeafCount * q * q];
        cross = new double[plan.Neighbours.Length * q];
        rest = new PanelCholesky(plan.Layout);
    }

    /// <summary>b_i by ordered cell, factor after factor.</summary>
    public double[] Columns { get; }

    /// <summary>Half the log determinant of A of the block that was factorised last.</summary>
    public double HalfLogDeterminant { get; private set; }

    /// <summary>The Cholesky factor of the rest.</summary>
    public PanelCholesky Rest => rest;

    /// <summary>Threads for one factorisation of a large rest; the bits do not depend on it.</summary>
    public int Threads
    {
        set => rest.Threads = value;
    }

    /// <summary>L of a leaf, q x q by rows, 1 / diagonal on the diagonal.</summary>
    public ReadOnlySpan<double> LeafCholesky(int leaf) => square.AsSpan(leaf * q * q, q * q);

    /// <summary>F of a leaf, q rows of as many numbers as it has neighbours.</summary>
    public ReadOnlySpan<double> Shared(int leaf) => cross.AsSpan((plan.Starts[leaf] * q)..(plan.Starts[leaf + 1] * q));

    /// <summary>eta_i = known_i + b_i'v of the cells of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="v">Its effects.</param>
    /// <param name="known">By ordered cell, all cells.</param>
    /// <param name="predictors">Overwritten for the cells of the block; all cells.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Predict(int block, ReadOnlySpan<double> v, ReadOnlySpan<double> known, Span<double> predictors)
    {
        var (first, last) = plan.CellsOf(block);
        if (places.IsPlainPair)
        {
            ReadOnlySpan<double> columns = Columns;
            ReadOnlySpan<int> effects = places.Effects;
            for (var i = first; i < last; i++)
                predictors[i] = known[i] + columns[2 * i] * v[effects[2 * i]] + columns[2 * i + 1] * v[effects[2 * i + 1]];
            return;
        }

        if (plan.Width == 1)
        {
            var own = v[0];
            for (var i = first; i < last; i++)
                predictors[i] = known[i] + Columns[i] * own;
            return;
        }

        for (var i = first; i < last; i++)
            predictors[i] = known[i] + Along(i, v);
    }

    /// <summary>b_i'v.</summary>
    public double Along(int cell, ReadOnlySpan<double> v)
    {
        var sum = 0.0;
        var at = cell * plan.Width;
        for (var k = 0; k < plan.FactorCount; k++)
        {
            var place = places.Effects[cell * plan.FactorCount + k];
            for (var b = 0; b < plan.TermCounts[k]; b++)
                sum += Columns[at++] * v[place + b];
        }

        return sum;
    }

    /// <summary>Adds sum b_i s_i over the cells of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="values">s by ordered cell, all cells.</param>
    /// <param name="into">Added to. Length: effects of the block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddTransposed(int block, ReadOnlySpan<double> values, Span<double> into)
    {
        var (first, last) = plan.CellsOf(block);
        if (places.IsPlainPair)
        {
            ReadOnlySpan<double> columns = Columns;
            ReadOnlySpan<int> effects = places.Effects;
            for (var i = first; i < last; i++)
            {
                into[effects[2 * i]] += columns[2 * i] * values[i];
                into[effects[2 * i + 1]] += columns[2 * i + 1] * values[i];
            }

            return;
        }

        if (plan.Width == 1)
        {
            into[0] += DenseRows.Dot(Columns.AsSpan(first..last), values[first..last]);
            return;
        }

        for (var i = first; i < last; i++)
        {
            var at = i * plan.Width;
            for (var k = 0; k < plan.FactorCount; k++)
            {
                var place = places.Effects[i * plan.FactorCount + k];
                for (var b = 0; b < plan.TermCounts[k]; b++)
                    into[place + b] += Columns[at++] * values[i];
            }
        }
    }

    /// <summary>Assembles A of a block and factorises it.</summary>
    /// <param name="block">The block.</param>
    /// <param name="weights">w by ordered cell, all cells.</param>
    /// <returns>False where A is not positive definite; the block then has no solution.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryFactorise(int block, ReadOnlySpan<double> weights)
    {
        if (plan.Width == 1)
            return TryFactoriseOne(block, weights);
        var (firstLeaf, lastLeaf) = plan.LeavesOf(block);
        Clear(firstLeaf, lastLeaf);
        if (places.IsPlainPair)
        {
            AssemblePair(weights);
        }
        else
        {
            for (var leaf = firstLeaf; leaf < lastLeaf; leaf++)
            {
                for (var i = plan.LeafCells[leaf]; i < plan.LeafCells[leaf + 1]; i++)
                    Assemble(leaf, i, weights[i]);
            }
        }

        HalfLogDeterminant = 0;
        for (var leaf = firstLeaf; leaf < lastLeaf; leaf++)
        {
            if (!TryEliminate(leaf))
                return false;
        }

        if (places.RestFactors.Length > 0)
            HalfLogDeterminant += rest.Factorise();
        return double.IsFinite(HalfLogDeterminant);
    }

    /// <summary>A x = b in place.</summary>
    /// <param name="block">The block that was factorised last, or any where there is one factor.</param>
    /// <param name="x">b in, x out. Length: effects of the block.</param>
    public void Solve(int block, Span<double> x)
    {
        if (plan.Width == 1)
        {
            x[0] *= square[block] * square[block];
            return;
        }

        SolveLower(block, x);
        SolveUpper(block, x);
    }

    /// <summary>x = K^-1 b in place, with A = K K' and K lower triangular in leaves, then the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SolveLower(int block, Span<double> x)
    {
        var (firstLeaf, lastLeaf) = plan.LeavesOf(block);
        var others = x[((lastLeaf - firstLeaf) * q)..];
        for (var leaf = firstLeaf; leaf < lastLeaf; leaf++)
        {
            var own = x.Slice((leaf - firstLeaf) * q, q);
            SmallCholesky.SolveLower(LeafCholesky(leaf), own, q);
            var d = plan.Starts[leaf + 1] - plan.Starts[leaf];
            var neighbours = plan.Neighbours.AsSpan(plan.Starts[leaf], d);
            for (var a = 0; a < q; a++)
            {
                var row = cross.AsSpan(plan.Starts[leaf] * q + a * d, d);
                var value = own[a];
                for (var c = 0; c < neighbours.Length; c++)
                    others[neighbours[c]] -= row[c] * value;
            }
        }

        if (places.RestFactors.Length > 0)
            rest.SolveLower(others);
    }

    /// <summary>x = K'^-1 b in place: of standard normals, a draw of effects about their mode.</summary>
    public void SolveUpper(int block, Span<double> x)
    {
        var (firstLeaf, lastLeaf) = plan.LeavesOf(block);
        var others = x[((lastLeaf - firstLeaf) * q)..];
        if (places.RestFactors.Length > 0)
            rest.SolveUpper(others);
        for (var leaf = firstLeaf; leaf < lastLeaf; leaf++)
            SolveLeaf(leaf, others, x.Slice((leaf - firstLeaf) * q, q));
    }

    /// <summary>x = K'^-1 b of the rest alone, in place.</summary>
    public void SolveRest(Span<double> x)
    {
        if (places.RestFactors.Length > 0)
            rest.SolveUpper(x);
    }

    /// <summary>A leaf's part of x = K'^-1 b given that of the rest.</summary>
    /// <param name="leaf">The leaf.</param>
    /// <param name="others">x of the rest, by coordinate.</param>
    /// <param name="own">b of the leaf in, its x out. Length q.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SolveLeaf(int leaf, ReadOnlySpan<double> others, Span<double> own)
    {
        var d = plan.Starts[leaf + 1] - plan.Starts[leaf];
        var neighbours = plan.Neighbours.AsSpan(plan.Starts[leaf], d);
        for (var a = 0; a < q; a++)
        {
            var row = cross.AsSpan(plan.Starts[leaf] * q + a * d, d);
            var sum = own[a];
            for (var c = 0; c < neighbours.Length; c++)
                sum -= row[c] * others[neighbours[c]];
            own[a] = sum;
        }

        SmallCholesky.SolveTransposed(LeafCholesky(leaf), own, q);
    }

    private void Clear(int firstLeaf, int lastLeaf)
    {
        square.AsSpan((firstLeaf * q * q)..(lastLeaf * q * q)).Clear();
        for (var leaf = firstLeaf; leaf < lastLeaf; leaf++)
        {
            for (var a = 0; a < q; a++)
                square[(leaf * q + a) * q + a] = 1;
        }

        if (places.RestFactors.Length == 0)
            return;
        Array.Clear(cross);
        rest.Values.Clear();
        foreach (var place in plan.Layout.Diagonal)
            rest.Values[place] = 1;
    }

    // A leaf of one effect and no rest: 1 + sum w b^2.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryFactoriseOne(int leaf, ReadOnlySpan<double> weights)
    {
        var (first, last) = plan.CellsOf(leaf);
        var columns = Columns.AsSpan(first..last);
        var own = weights[first..last];
        var sum = 1.0;
        for (var i = 0; i < columns.Length; i++)
            sum += own[i] * columns[i] * columns[i];
        HalfLogDeterminant = 0.5 * Math.Log(sum);
        square[leaf] = 1 / Math.Sqrt(sum);
        return sum > 0 && double.IsFinite(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AssemblePair(ReadOnlySpan<double> weights)
    {
        var (own, other) = (plan.Eliminated, 1 - plan.Eliminated);
        var values = rest.Values;
        ReadOnlySpan<double> columns = Columns;
        ReadOnlySpan<int> crossAt = places.CrossAt;
        ReadOnlySpan<int> restAt = places.RestAt;
        for (var leaf = 0; leaf < square.Length; leaf++)
        {
            var sum = square[leaf];
            for (var i = plan.LeafCells[leaf]; i < plan.LeafCells[leaf + 1]; i++)
            {
                var (x, y) = (columns[2 * i + own], columns[2 * i + other]);
                var weighted = weights[i] * y;
                sum += weights[i] * x * x;
                cross[crossAt[i]] += weighted * x;
                values[restAt[i]] += weighted * y;
            }

            square[leaf] = sum;
        }
    }

    // Lower triangles of blocks of one level, all of a block of two.
    private void Assemble(int leaf, int cell, double weight)
    {
        var columns = Columns.AsSpan(cell * plan.Width, plan.Width);
        var own = columns.Slice(plan.Offsets[plan.Eliminated], q);
        for (var a = 0; a < q; a++)
        {
            var value = weight * own[a];
            for (var b = 0; b <= a; b++)
                square[(leaf * q + a) * q + b] += value * own[b];
        }

        if (places.RestFactors.Length == 0)
            return;
        var d = plan.Starts[leaf + 1] - plan.Starts[leaf];
        var values = rest.Values;
        for (var r = 0; r < places.RestFactors.Length; r++)
        {
            var mine = columns.Slice(plan.Offsets[places.RestFactors[r]], plan.TermCounts[places.RestFactors[r]]);
            var at = places.CrossAt[cell * places.RestFactors.Length + r];
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < mine.Length; b++)
                    cross[at + a * d + b] += weight * own[a] * mine[b];
            }

            for (var s = 0; s <= r; s++)
            {
                var others = columns.Slice(plan.Offsets[places.RestFactors[s]], plan.TermCounts[places.RestFactors[s]]);
                var (place, stride, isTurned) = PlaceOf(cell, r, s);
                for (var a = 0; a < mine.Length; a++)
                {
                    for (var b = 0; b < (r == s ? a + 1 : others.Length); b++)
                        values[place + (isTurned ? b * stride + a : a * stride + b)] += weight * mine[a] * others[b];
                }
            }
        }
    }

    /// <summary>Where the products of a cell of two factors of the rest are in the rest's matrix, and whether the second has the rows.</summary>
    public (int Place, int Stride, bool IsTurned) PlaceOf(int cell, int r, int s)
    {
        var place = places.RestAt[cell * places.PairCount + r * (r + 1) / 2 + s];
        var isTurned = place < 0;

        // The column belongs to the level with the earlier coordinate.
        var leaves = plan.LeafCount * q;
        var coordinate = places.Effects[cell * plan.FactorCount + places.RestFactors[isTurned ? r : s]] - leaves;
        return (isTurned ? ~place : place, places.Strides[coordinate], isTurned);
    }

    // L and F of a leaf; takes F'F off the rest.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryEliminate(int leaf)
    {
        var l = square.AsSpan(leaf * q * q, q * q);
        if (!SmallCholesky.TryFactorise(l, q))
            return false;
        HalfLogDeterminant += SmallCholesky.HalfLogDeterminant(l, q);
        var rows = cross.AsSpan((plan.Starts[leaf] * q)..(plan.Starts[leaf + 1] * q));
        SmallCholesky.SolveLowerRows(l, rows, q);
        places.Pairs.AddProducts(leaf, rows, q, -1, rest.Values);
        return true;
    }
}
