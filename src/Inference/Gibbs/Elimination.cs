namespace TypedPooling.Inference.Gibbs;

/// <summary>What a draw of one factor's effects jointly with other coefficients (the rest) needs of the sums: the factor is eliminated level by
/// level, the rest is dense. Immutable.</summary>
/// <remarks>Levels with the same pseudo-rows form a class, which is factorised once. The rest holds s coefficients, the population effects
/// last.</remarks>
internal sealed class Elimination
{
    /// <summary>Lays out the classes.</summary>
    /// <param name="factor">Index of the eliminated factor; -1 where there is none.</param>
    /// <param name="levelCount">J; 0 without a factor.</param>
    /// <param name="termCount">q.</param>
    /// <param name="restCount">s.</param>
    /// <param name="rows">Z_j in pseudo-rows, q x q each.</param>
    /// <param name="restRows">Columns of the rest in pseudo-rows, q x s each.</param>
    /// <param name="pooledSquare">Cross-products of the rest's columns over rows without the factor, s x s.</param>
    /// <param name="blocks">Factors whose effects belong to the rest, with the place of their first effect.</param>
    public Elimination(
        int factor,
        int levelCount,
        int termCount,
        int restCount,
        double[] rows,
        double[] restRows,
        double[] pooledSquare,
        (int Factor, int Start)[] blocks)
    {
        Factor = factor;
        LevelCount = levelCount;
        TermCount = termCount;
        RestCount = restCount;
        Rows = rows;
        RestRows = restRows;
        PooledSquare = pooledSquare;
        Blocks = blocks;

        ClassOf = new int[levelCount];
        var classes = new Dictionary<int, List<int>>();
        var representatives = new List<int>();
        var sizes = new List<int>();
        for (var j = 0; j < levelCount; j++)
        {
            var hash = new HashCode();
            foreach (var value in RowsOf(j))
                hash.Add(value);
            foreach (var value in RestRowsOf(j))
                hash.Add(value);
            if (!classes.TryGetValue(hash.ToHashCode(), out var candidates))
                classes.Add(hash.ToHashCode(), candidates = []);
            var found = candidates.FindIndex(
                c => RowsOf(representatives[c]).SequenceEqual(RowsOf(j)) && RestRowsOf(representatives[c]).SequenceEqual(RestRowsOf(j)));
            if (found < 0)
            {
                candidates.Add(representatives.Count);
                ClassOf[j] = representatives.Count;
                representatives.Add(j);
                sizes.Add(1);
            }
            else
            {
                ClassOf[j] = candidates[found];
                sizes[ClassOf[j]]++;
            }
        }

        Representatives = [.. representatives];
        Sizes = [.. sizes];
    }

    /// <summary>Index of the eliminated factor; -1 where there is none.</summary>
    public int Factor { get; }

    /// <summary>J.</summary>
    public int LevelCount { get; }

    /// <summary>q.</summary>
    public int TermCount { get; }

    /// <summary>s.</summary>
    public int RestCount { get; }

    /// <summary>Z_j in pseudo-rows, q x q by rows each.</summary>
    public double[] Rows { get; }

    /// <summary>The rest's columns in pseudo-rows, q x s by rows each.</summary>
    public double[] RestRows { get; }

    /// <summary>Cross-products of the rest's columns over rows without the factor, s x s by rows.</summary>
    public double[] PooledSquare { get; }

    /// <summary>Factors whose effects belong to the rest, with the place of their first effect.</summary>
    public (int Factor, int Start)[] Blocks { get; }

    /// <summary>Class of each level. Length J.</summary>
    public int[] ClassOf { get; }

    /// <summary>A level of each class.</summary>
    public int[] Representatives { get; }

    /// <summary>Number of levels of each class.</summary>
    public int[] Sizes { get; }

    /// <summary>Operations of one draw, roughly: what a plan compares and prints.</summary>
    public double Cost => CostOf(Representatives.Length, LevelCount, TermCount, RestCount);

    /// <summary>Operations of one draw of J levels in some classes with s coefficients in the rest: q^2 (q + s) + q s^2 a class, q (q + s) a level,
    /// s^3 / 3.</summary>
    public static double CostOf(double classes, double levels, double q, double s) =>
        classes * q * (q * (q + s) + s * s) + levels * q * (2 * q + s) + s * s * s / 3;

    private ReadOnlySpan<double> RowsOf(int j) => Rows.AsSpan(j * TermCount * TermCount, TermCount * TermCount);

    private ReadOnlySpan<double> RestRowsOf(int j) => RestRows.AsSpan(j * TermCount * RestCount, TermCount * RestCount);
}
