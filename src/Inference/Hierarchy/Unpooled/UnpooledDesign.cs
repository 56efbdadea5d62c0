using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.Unpooled;

/// <summary>Columns of which every level has coefficients of its own, beside columns that levels share, in orthonormal coordinates; and which
/// coefficients the rows determine. Immutable.</summary>
/// <remarks>
/// <para>
/// Of the cells i of a level j that count: Z_j = U_j R_j, and of all of them X - U (U'X) = V S with V orthogonal to every U_j; both by Gram and
/// Schmidt, twice, an intercept first, rows as weights. eta = known + U_j c_j + V d then has coordinates of the order of the predictors, however far
/// from 0 the columns lie. Back: gamma = S^-1 d, and b_j = R_j^-1 (c_j - P_j gamma), P_j = U_j'X.
/// </para>
/// <para>A column in the span of those before it gets the coefficient 0 and a null vector; a coefficient is determined if no null vector has a part
/// in it. Source: [GolubVanLoan2013], sections 5.2 and 5.5.</para>
/// </remarks>
internal sealed class UnpooledDesign
{
    // What is left of a column after those before it, relative to its length, below which it is rounding.
    private const double RankTolerance = 1e-9;

    // Part of a null vector in a coefficient, relative to its largest part, both in units of the predictor, below which it is rounding.
    private const double NullTolerance = 1e-8;

    private readonly int q;
    private readonly int p;
    private readonly int[] ownOrder;
    private readonly int[] sharedOrder;
    private readonly double[] roots;              // R_j: q x q a level, columns those of Z
    private readonly int[] ownPivots;             // column of each of a level's coordinates; q a level
    private readonly double[] carried;            // P_j: q x p a level
    private readonly double[] sharedRoot;         // S: p x p, columns those of X
    private readonly int[] sharedPivots;
    private readonly double[] rms;                // root mean square of each column over all rows, own then shared

    private UnpooledDesign(ResponseCells cells, int[] cellIndexes, int[] levelOf, int levelCount, int[] own, int[] shared)
    {
        (q, p) = (own.Length, shared.Length);
        ownOrder = Order(own);
        sharedOrder = Order(shared);
        Cells = cellIndexes;
        Levels = [.. cellIndexes.Select(i => levelOf[i])];
        var count = cellIndexes.Length;
        var m = cells.ColumnCount;
        var z = new double[count * q];
        var x = new double[count * p];
        var weights = new double[count];
        rms = new double[q + p];
        for (var i = 0; i < count; i++)
        {
            var row = cells.Columns.Slice(cellIndexes[i] * m, m);
            weights[i] = cells.Rows[cellIndexes[i]];
            for (var a = 0; a < q; a++)
                z[i * q + a] = CellSystem.Value(row, own[a]);
            for (var e = 0; e < p; e++)
                x[i * p + e] = CellSystem.Value(row, shared[e]);
            for (var c = 0; c < q + p; c++)
                rms[c] += weights[i] * (c < q ? z[i * q + c] * z[i * q + c] : x[i * p + c - q] * x[i * p + c - q]);
        }

        for (var c = 0; c < rms.Length; c++)
            rms[c] = Math.Sqrt(rms[c] / Math.Max(1, weights.Sum()));
        Ranks = new int[levelCount];
        Own = new double[count * q];
        roots = new double[levelCount * q * q];
        ownPivots = new int[levelCount * q];
        carried = new double[levelCount * q * p];
        CellsOfLevel = [.. Enumerable.Range(0, levelCount).Select(_ => new List<int>())];
        for (var i = 0; i < count; i++)
            CellsOfLevel[Levels[i]].Add(i);
        for (var j = 0; j < levelCount; j++)
            Orthogonalise(j, z, weights);
        Shared = new double[count * p];
        sharedRoot = new double[p * p];
        sharedPivots = new int[p];
        OrthogonaliseShared(x, weights);
    }

    /// <summary>The cells that count, as numbers of cells. Length C.</summary>
    public int[] Cells { get; }

    /// <summary>The level of each. Length C.</summary>
    public int[] Levels { get; }

    /// <summary>Positions in <see cref="Cells"/> of the cells of each level.</summary>
    public List<int>[] CellsOfLevel { get; }

    /// <summary>Number of coordinates of each level.</summary>
    public int[] Ranks { get; }

    /// <summary>Number of coordinates that levels share.</summary>
    public int SharedRank { get; private set; }

    /// <summary>U by cell, C x q; columns beyond the level's rank are 0.</summary>
    public double[] Own { get; }

    /// <summary>V by cell, C x p; columns beyond the shared rank are 0.</summary>
    public double[] Shared { get; }

    /// <summary>Lays out the cells that count.</summary>
    /// <param name="cells">All cells.</param>
    /// <param name="counts">By cell whether it counts. Length: number of cells.</param>
    /// <param name="levelOf">By cell its level.</param>
    /// <param name="levelCount">Number of levels.</param>
    /// <param name="own">Columns of the levels' own coefficients. Length q.</param>
    /// <param name="shared">Columns of the shared ones. Length p.</param>
    public static UnpooledDesign Of(ResponseCells cells, bool[] counts, int[] levelOf, int levelCount, int[] own, int[] shared) =>
        new(cells, [.. Enumerable.Range(0, cells.Count).Where(i => counts[i])], levelOf, levelCount, own, shared);

    /// <summary>The map from the coordinates of a level and the shared ones to its coefficients and the shared ones.</summary>
    /// <param name="level">Number of the level.</param>
    /// <returns>(q + p) x (q + p) by rows; columns: the level's coordinates, then the shared ones. Columns beyond the ranks are 0.</returns>
    public double[] MapOf(int level)
    {
        var map = new double[(q + p) * (q + p)];
        var gamma = new double[p];
        var b = new double[q];
        for (var c = 0; c < Ranks[level]; c++)
        {
            Array.Clear(b);
            b[c] = 1;
            SolveOwn(level, b);
            for (var a = 0; a < q; a++)
                map[a * (q + p) + c] = b[a];
        }

        for (var c = 0; c < SharedRank; c++)
        {
            Array.Clear(gamma);
            gamma[c] = 1;
            SolveBasic(sharedRoot, sharedPivots, SharedRank, p, gamma);
            Carry(level, gamma, b);
            for (var a = 0; a < q; a++)
                map[a * (q + p) + q + c] = b[a];
            for (var e = 0; e < p; e++)
                map[(q + e) * (q + p) + q + c] = gamma[e];
        }

        return map;
    }

    /// <summary>Which coefficients of a level, and which shared ones, the rows do not determine.</summary>
    /// <param name="level">Number of the level.</param>
    /// <param name="restore">Takes a vector of coefficients from the scale of the cells to that on which they are asked for, constants left
    /// out.</param>
    /// <param name="sizes">Root mean squares of the columns there; empty for those of the cells. Length q + p.</param>
    /// <returns>q flags of the level, then p shared ones.</returns>
    public bool[] Undetermined(int level, Action<double[]> restore, ReadOnlySpan<double> sizes)
    {
        var isFree = new bool[q + p];
        var own = new double[q];
        foreach (var direction in NullVectors(roots.AsSpan(level * q * q, q * q), ownPivots.AsSpan(level * q, Ranks[level]), q))
            Mark([.. direction, .. new double[p]], isFree, restore, sizes);
        foreach (var direction in NullVectors(sharedRoot, sharedPivots.AsSpan(0, SharedRank), p))
        {
            Carry(level, direction, own);
            Mark([.. own, .. direction], isFree, restore, sizes);
        }

        return isFree;
    }

    // A column of ones goes first, so that the others are centred.
    private static int[] Order(int[] columns) => [.. Enumerable.Range(0, columns.Length).OrderBy(a => columns[a] == ModelSpec.Ones ? 0 : 1)];

    // Basic solution of root x = t: pivots solved, other coefficients 0. x holds t in its first elements, and the solution on return.
    private static void SolveBasic(ReadOnlySpan<double> root, ReadOnlySpan<int> pivots, int rank, int width, Span<double> x)
    {
        var t = x[..rank].ToArray();
        x.Clear();
        for (var r = rank - 1; r >= 0; r--)
        {
            var sum = t[r];
            for (var later = r + 1; later < rank; later++)
                sum -= root[r * width + pivots[later]] * x[pivots[later]];
            x[pivots[r]] = sum / root[r * width + pivots[r]];
        }
    }

    // Null vectors of a root in echelon form: a column that is no pivot less what pivots make of it.
    private static List<double[]> NullVectors(ReadOnlySpan<double> root, ReadOnlySpan<int> pivots, int width)
    {
        var found = new List<double[]>();
        for (var c = 0; c < width; c++)
        {
            if (pivots.Contains(c))
                continue;
            var direction = new double[width];
            for (var r = 0; r < pivots.Length; r++)
                direction[r] = -root[r * width + c];
            SolveBasic(root, pivots, pivots.Length, width, direction);
            direction[c] = 1;
            found.Add(direction);
        }

        return found;
    }

    private void SolveOwn(int level, Span<double> b) =>
        SolveBasic(roots.AsSpan(level * q * q, q * q), ownPivots.AsSpan(level * q, q), Ranks[level], q, b);

    // b = -R_j^-1 P_j gamma
    private void Carry(int level, ReadOnlySpan<double> gamma, Span<double> b)
    {
        b.Clear();
        for (var r = 0; r < Ranks[level]; r++)
        {
            for (var e = 0; e < p; e++)
                b[r] -= carried[(level * q + r) * p + e] * gamma[e];
        }

        SolveOwn(level, b);
    }

    private void Mark(double[] direction, bool[] isFree, Action<double[]> restore, ReadOnlySpan<double> sizes)
    {
        restore(direction);
        var largest = 0.0;
        for (var c = 0; c < direction.Length; c++)
            largest = Math.Max(largest, Math.Abs(direction[c]) * Size(c, sizes));
        for (var c = 0; c < direction.Length; c++)
            isFree[c] |= Math.Abs(direction[c]) * Size(c, sizes) > NullTolerance * largest || (Size(c, sizes) == 0 && direction[c] != 0);
    }

    private double Size(int column, ReadOnlySpan<double> sizes) => sizes.IsEmpty ? rms[column] : sizes[column];

    private void Orthogonalise(int j, double[] z, double[] weights)
    {
        var list = CellsOfLevel[j];
        var root = roots.AsSpan(j * q * q, q * q);
        var rank = 0;
        foreach (var c in ownOrder)
        {
            var length = 0.0;
            foreach (var i in list)
            {
                Own[i * q + rank] = z[i * q + c];
                length += weights[i] * z[i * q + c] * z[i * q + c];
            }

            for (var pass = 0; pass < 2; pass++)
            {
                for (var r = 0; r < rank; r++)
                {
                    var along = 0.0;
                    foreach (var i in list)
                        along += weights[i] * Own[i * q + r] * Own[i * q + rank];
                    root[r * q + c] += along;
                    foreach (var i in list)
                        Own[i * q + rank] -= along * Own[i * q + r];
                }
            }

            var rest = 0.0;
            foreach (var i in list)
                rest += weights[i] * Own[i * q + rank] * Own[i * q + rank];
            var keeps = rest > 0 && Math.Sqrt(rest) > RankTolerance * Math.Sqrt(length);
            foreach (var i in list)
                Own[i * q + rank] = keeps ? Own[i * q + rank] / Math.Sqrt(rest) : 0;
            if (!keeps)
                continue;
            root[rank * q + c] = Math.Sqrt(rest);
            ownPivots[j * q + rank++] = c;
            if (rank == q)
                break;
        }

        Ranks[j] = rank;
    }

    private void OrthogonaliseShared(double[] x, double[] weights)
    {
        var count = Cells.Length;
        var column = new double[count];
        foreach (var e in sharedOrder)
        {
            var length = 0.0;
            for (var i = 0; i < count; i++)
            {
                column[i] = x[i * p + e];
                length += weights[i] * column[i] * column[i];
            }

            for (var pass = 0; pass < 2; pass++)
            {
                for (var j = 0; j < CellsOfLevel.Length; j++)
                {
                    for (var r = 0; r < Ranks[j]; r++)
                        carried[(j * q + r) * p + e] += TakeOff(CellsOfLevel[j], Own, q, r);
                }

                for (var r = 0; r < SharedRank; r++)
                    sharedRoot[r * p + e] += TakeOff(null, Shared, p, r);
            }

            var rest = 0.0;
            for (var i = 0; i < count; i++)
                rest += weights[i] * column[i] * column[i];
            if (!(rest > 0 && Math.Sqrt(rest) > RankTolerance * Math.Sqrt(length)))
                continue;
            sharedRoot[SharedRank * p + e] = Math.Sqrt(rest);
            sharedPivots[SharedRank] = e;
            for (var i = 0; i < count; i++)
                Shared[i * p + SharedRank] = column[i] / Math.Sqrt(rest);
            SharedRank++;
        }

        // The column less its part along a basis vector, which is returned.
        double TakeOff(List<int>? list, double[] basis, int width, int r)
        {
            var along = 0.0;
            for (var at = 0; at < (list?.Count ?? count); at++)
            {
                var i = list is null ? at : list[at];
                along += weights[i] * basis[i * width + r] * column[i];
            }

            for (var at = 0; at < (list?.Count ?? count); at++)
            {
                var i = list is null ? at : list[at];
                column[i] -= along * basis[i * width + r];
            }

            return along;
        }
    }
}
