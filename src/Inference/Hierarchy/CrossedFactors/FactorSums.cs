namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>A grouping factor's part of the sums: q pseudo-rows a level that hold its effects, and what is left of the population columns.
/// Immutable.</summary>
/// <remarks>
/// <para>
/// Rotating the rows of level j so that Z_j becomes q rows and zeros leaves the likelihood as it is: y_j = X_j beta + Z_j u_j + e in the q
/// pseudo-rows, and rows without u_j, which are pooled over levels into their cross-products. The pseudo-rows are N_j Z_j'[Z X y], found by
/// elimination in sums: the varying intercept first, which turns products about the global pivot into those about the level's own means without a
/// subtraction, then the slopes. A column that the level cannot tell from earlier ones gives a row of zeros.
/// </para>
/// <para>Z is pivoted as in <see cref="GaussianSystem.PopulationSystem"/>: with a varying intercept, Z u = Z~ T u.</para>
/// </remarks>
internal sealed class FactorSums
{
    // Squared length that is left of a column once earlier ones are projected out, relative to its own, below which it is rounding; see
    // Binding.Identification.
    private const double RelativeTolerance = 1e-11;

    private FactorSums(int levelCount, int termCount, int populationCount)
    {
        LevelCount = levelCount;
        TermCount = termCount;
        Rows = new double[checked(levelCount * termCount * termCount)];
        PopulationRows = new double[checked(levelCount * termCount * populationCount)];
        Responses = new double[levelCount * termCount];
        Rotation = new double[Rows.Length];
        Squares = new double[Rows.Length];
        PooledSquare = new double[populationCount * populationCount];
        PooledTarget = new double[populationCount];
    }

    /// <summary>Number of levels J.</summary>
    public int LevelCount { get; }

    /// <summary>Number of varying terms q.</summary>
    public int TermCount { get; }

    /// <summary>Z_j in pseudo-rows, q x q by rows each.</summary>
    public double[] Rows { get; }

    /// <summary>X_j in pseudo-rows, q x p by rows each.</summary>
    public double[] PopulationRows { get; }

    /// <summary>y_j in pseudo-rows, q each.</summary>
    public double[] Responses { get; }

    /// <summary>N_j, q x q by rows each.</summary>
    public double[] Rotation { get; }

    /// <summary>Z_j'Z_j, q x q by rows each.</summary>
    public double[] Squares { get; }

    /// <summary>X'X of the pooled rows, p x p.</summary>
    public double[] PooledSquare { get; }

    /// <summary>X'y of the pooled rows. Length p.</summary>
    public double[] PooledTarget { get; }

    /// <summary>y'y of the pooled rows.</summary>
    public double PooledSumOfSquares { get; private set; }

    /// <summary>x* of each term less the factor's own origin where Z is centred, 0 elsewhere. Length q.</summary>
    public required double[] Origin { get; init; }

    /// <summary>Index of the varying intercept, by which Z is centred; -1 without one.</summary>
    public required int Intercept { get; init; }

    /// <summary>Features of Z. Length q.</summary>
    public required int[] Features { get; init; }

    /// <summary>Links to the other factors; null at the factor itself, all null where there is one factor.</summary>
    public LevelLinks?[] Links { get; private set; } = [];

    /// <summary>For each other factor what its effects take off <see cref="PooledTarget"/>: p x q_l by rows for each of its levels.</summary>
    public double[]?[] PooledLinks { get; private set; } = [];

    /// <summary>Rotates the sums of each level.</summary>
    /// <param name="levels">Moments by level.</param>
    /// <param name="features">Features of Z. Length q.</param>
    /// <param name="origin">x* of each term, less the factor's own origin. Length q.</param>
    /// <param name="intercept">Index of the varying intercept, -1 without.</param>
    /// <param name="population">Features of X. Length p.</param>
    /// <returns>The sums; links are added by <see cref="Link"/>.</returns>
    public static FactorSums Of(MomentTable levels, int[] features, double[] origin, int intercept, int[] population)
    {
        var (q, p) = (features.Length, population.Length);
        var sums = new FactorSums(levels.Count, q, p) { Origin = origin, Intercept = intercept, Features = features };
        int[] variables = [.. features, .. population, levels.Width - 1];
        var width = variables.Length;
        var matrix = new double[width * width];
        var own = new double[q];
        var operators = new double[q * q];
        for (var j = 0; j < levels.Count; j++)
        {
            if (levels.Weight[j] == 0)
                continue;
            var rows = sums.Rows.AsSpan(j * q * q, q * q);
            var rotation = sums.Rotation.AsSpan(j * q * q, q * q);
            Array.Clear(operators);
            for (var a = 0; a < q; a++)
                operators[a * q + a] = 1;
            for (var a = 0; a < width; a++)
            {
                for (var b = 0; b < width; b++)
                    matrix[a * width + b] = intercept >= 0
                        ? levels.Centred(j, variables[a], variables[b])
                        : levels.Product(j, variables[a], variables[b]);
            }

            for (var a = 0; a < q; a++)
                own[a] = matrix[a * width + a];
            if (intercept >= 0)
            {
                var root = Math.Sqrt(levels.Weight[j]);
                for (var b = 0; b < width; b++)
                    sums.SetRow(j, intercept, b, root * levels.Mean[j * levels.Width + variables[b]], p);
                rotation[intercept * q + intercept] = 1 / root;
                for (var a = 0; a < q; a++)
                {
                    if (a != intercept)
                        operators[a * q + intercept] = -levels.Mean[j * levels.Width + features[a]];
                }
            }

            for (var a = 0; a < q; a++)
            {
                var pivot = matrix[a * width + a];
                if (a == intercept || !(pivot > RelativeTolerance * own[a]))
                    continue;
                var scale = 1 / Math.Sqrt(pivot);
                var row = matrix.AsSpan(a * width, width);
                for (var b = 0; b < width; b++)
                {
                    row[b] *= scale;
                    if (b >= a || b == intercept)
                        sums.SetRow(j, a, b, b == intercept ? 0 : row[b], p);
                }

                for (var b = 0; b < q; b++)
                    rotation[a * q + b] = operators[a * q + b] * scale;
                for (var b = a + 1; b < width; b++)
                {
                    for (var c = a + 1; c < width; c++)
                        matrix[b * width + c] -= row[b] * row[c];
                    for (var c = 0; b < q && c < q; c++)
                        operators[b * q + c] -= row[b] * rotation[a * q + c];
                }
            }

            for (var a = 0; a < p; a++)
            {
                for (var b = 0; b < p; b++)
                    sums.PooledSquare[a * p + b] += matrix[(q + a) * width + q + b];
                sums.PooledTarget[a] += matrix[(q + a) * width + width - 1];
            }

            sums.PooledSumOfSquares += Math.Max(0, matrix[^1]);

            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < q; b++)
                {
                    for (var r = 0; r < q; r++)
                        sums.Squares[j * q * q + a * q + b] += rows[r * q + a] * rows[r * q + b];
                }
            }
        }

        return sums;
    }

    /// <summary>Adds the links to every other factor. O(cells q_k q_l) a pair of factors.</summary>
    /// <param name="all">Sums of all factors.</param>
    /// <param name="cells">Moments by cell.</param>
    /// <param name="cellLevels">Level of each cell, by factor.</param>
    /// <param name="levels">Moments by level, by factor.</param>
    /// <param name="population">Features of X.</param>
    public static void Link(FactorSums[] all, MomentTable cells, int[][] cellLevels, MomentTable[] levels, int[] population)
    {
        for (var k = 0; k < all.Length; k++)
        {
            all[k].Links = new LevelLinks?[all.Length];
            all[k].PooledLinks = new double[]?[all.Length];
            for (var l = 0; l < all.Length; l++)
            {
                if (l == k)
                    continue;
                all[k].Links[l] = LinksOf(all[k], all[l], cells, cellLevels[k], cellLevels[l]);
                all[k].PooledLinks[l] = PooledLinksOf(all[k], all[l], all[k].Links[l]!, levels[l], population);
            }
        }
    }

    /// <summary>T Lambda, the root that belongs to centred columns; see <see cref="GaussianSystem.PopulationSystem"/>.</summary>
    /// <param name="lambda">Lambda, q x q by rows.</param>
    /// <param name="pivoted">Overwritten. Length q^2.</param>
    public void PivotLambda(ReadOnlySpan<double> lambda, Span<double> pivoted)
    {
        lambda.CopyTo(pivoted);
        if (Intercept < 0)
            return;
        var q = TermCount;
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q && Origin[a] != 0; b++)
                pivoted[Intercept * q + b] += Origin[a] * lambda[a * q + b];
        }
    }

    /// <summary>Turns T Lambda into Lambda.</summary>
    /// <param name="lambda">q x q by rows; changed.</param>
    public void UnpivotLambda(Span<double> lambda)
    {
        var q = TermCount;
        for (var a = 0; a < q && Intercept >= 0; a++)
        {
            for (var b = 0; b < q && Origin[a] != 0; b++)
                lambda[Intercept * q + b] -= Origin[a] * lambda[a * q + b];
        }
    }

    /// <summary>Turns a derivative for T Lambda into one for Lambda: T' times it.</summary>
    /// <param name="gradient">Derivative for T Lambda, q x q by rows; overwritten with that for Lambda.</param>
    public void PivotGradient(Span<double> gradient)
    {
        var q = TermCount;
        for (var a = 0; a < q && Intercept >= 0; a++)
        {
            for (var b = 0; b < q && Origin[a] != 0; b++)
                gradient[a * q + b] += Origin[a] * gradient[Intercept * q + b];
        }
    }

    /// <summary>Turns weights b over u into those over T u that give the same combination, T^-T b.</summary>
    /// <param name="weights">Changed. Length q.</param>
    public void PivotWeights(Span<double> weights)
    {
        for (var a = 0; a < TermCount && Intercept >= 0; a++)
            weights[a] -= Origin[a] * weights[Intercept];
    }

    /// <summary>Turns pivoted effects T u into u.</summary>
    /// <param name="effects">Changed. Length q.</param>
    public void Unpivot(Span<double> effects)
    {
        for (var a = 0; a < TermCount && Intercept >= 0; a++)
            effects[Intercept] -= Origin[a] * effects[a];
    }

    /// <summary>Which levels of one factor meet which of another.</summary>
    /// <param name="first">The factor whose pseudo-rows hold the products.</param>
    /// <param name="second">The other.</param>
    /// <param name="cells">Moments by cell.</param>
    /// <param name="firstLevels">Level of each cell in the first factor.</param>
    /// <param name="secondLevels">Level of each cell in the other.</param>
    /// <returns>The links; O(cells (log cells + q_k q_l)).</returns>
    public static LevelLinks LinksOf(FactorSums first, FactorSums second, MomentTable cells, int[] firstLevels, int[] secondLevels)
    {
        var (q, r) = (first.TermCount, second.TermCount);
        var order = Enumerable.Range(0, cells.Count).OrderBy(cell => firstLevels[cell]).ThenBy(cell => secondLevels[cell]).ToArray();
        var start = new int[first.LevelCount + 1];
        var other = new List<int>();
        var products = new List<double[]>();
        var previous = (-1, -1);
        foreach (var cell in order)
        {
            var pair = (firstLevels[cell], secondLevels[cell]);
            if (pair != previous)
            {
                other.Add(pair.Item2);
                products.Add(new double[q * r]);
                start[pair.Item1 + 1]++;
                previous = pair;
            }

            var product = products[^1];
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < r; b++)
                    product[a * r + b] += cells.Product(cell, first.Features[a], second.Features[b]);
            }
        }

        for (var j = 0; j < first.LevelCount; j++)
            start[j + 1] += start[j];
        var blocks = new double[checked(products.Count * q * r)];
        for (var j = 0; j < first.LevelCount; j++)
        {
            for (var at = start[j]; at < start[j + 1]; at++)
            {
                for (var a = 0; a < q; a++)
                {
                    for (var b = 0; b < r; b++)
                    {
                        for (var c = 0; c < q; c++)
                            blocks[(at * q + a) * r + b] += first.Rotation[(j * q + a) * q + c] * products[at][c * r + b];
                    }
                }
            }
        }

        return new LevelLinks(start, [.. other], blocks, q, r);
    }

    /// <summary>X'Z_l of the rows that a factor leaves: all of it, less what its pseudo-rows hold.</summary>
    /// <param name="first">The factor.</param>
    /// <param name="second">Factor l.</param>
    /// <param name="links">Links of the two.</param>
    /// <param name="levels">Moments by level of factor l.</param>
    /// <param name="population">Features of X.</param>
    /// <returns>p x q_l by rows for each level.</returns>
    public static double[] PooledLinksOf(FactorSums first, FactorSums second, LevelLinks links, MomentTable levels, int[] population)
    {
        var (q, r, p) = (first.TermCount, second.TermCount, population.Length);
        var pooled = new double[checked(second.LevelCount * p * r)];
        for (var i = 0; i < second.LevelCount; i++)
        {
            for (var a = 0; a < p; a++)
            {
                for (var b = 0; b < r; b++)
                    pooled[(i * p + a) * r + b] = levels.Product(i, population[a], second.Features[b]);
            }
        }

        for (var j = 0; j < first.LevelCount; j++)
        {
            for (var at = links.Start[j]; at < links.Start[j + 1]; at++)
            {
                for (var a = 0; a < p; a++)
                {
                    for (var b = 0; b < r; b++)
                    {
                        for (var c = 0; c < q; c++)
                            pooled[(links.Other[at] * p + a) * r + b] -= first.PopulationRows[(j * q + c) * p + a]
                                * links.Blocks[(at * q + c) * r + b];
                    }
                }
            }
        }

        return pooled;
    }

    // A number of pseudo-row a of level j, by variable: Z, then X, then y.
    private void SetRow(int j, int a, int variable, double value, int p)
    {
        var q = TermCount;
        if (variable < q)
            Rows[(j * q + a) * q + variable] = value;
        else if (variable < q + p)
            PopulationRows[(j * q + a) * p + variable - q] = value;
        else
            Responses[j * q + a] = value;
    }
}
