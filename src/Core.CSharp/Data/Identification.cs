using TypedPooling.Model;

namespace TypedPooling.Data;

/// <summary>Population effects with flat priors must be told apart by the data: their columns, the column of ones included, must be linearly independent.</summary>
public static class Identification
{
    // Squared length that is left of a column once the earlier ones are projected out, relative to its own. Sums in double precision settle it to about 1e-15 times
    // the conditioning of the earlier columns; 1e-11 leaves four digits for that, and correlations up to 1 - 5e-12 still count as different columns.
    /// <summary>Squared length that must be left of a column once the columns before it are projected out, relative to its own.</summary>
    public const double RelativeTolerance = 1e-11;

    // Share of a column in a linear dependence below which it is rounding and is not named.
    private const double NamedShare = 1e-6;

    /// <summary>Finds the dependences.</summary>
    /// <param name="spec">The model; every prior of a population effect decided.</param>
    /// <param name="total">Moments of all rows as one cell.</param>
    /// <param name="hasPriors">False where no prior could help, since the likelihood alone is maximised: the remedy then names none.</param>
    /// <returns>A problem for each column that those before it give; none where the data tell all coefficients apart. O(p^3).</returns>
    public static IEnumerable<Problem> Check(ModelSpec spec, CellMoments total, bool hasPriors = true)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(total);
        return Find(spec, total, hasPriors);
    }

    private static IEnumerable<Problem> Find(ModelSpec spec, CellMoments total, bool hasPriors)
    {
        var flat = spec.Population.Where(term => term.Prior is { IsProper: false }).ToArray();
        var columns = flat.Where(term => term.Column != ModelSpec.Ones).ToArray();
        var hasFlatIntercept = columns.Length < flat.Length;
        var mean = total.Means(0).ToArray();

        // With a flat intercept columns need only be dependent up to a constant. Without, a combination must vanish with its constant; the first combination that is a
        // constant then plays the part of the column of ones.
        (double[] Vector, double Constant)? ones = null;
        foreach (var vector in Dependences([.. columns.Select(term => term.Column)], total))
        {
            var constant = 0.0;
            var scale = 0.0;
            for (var k = 0; k < columns.Length; k++)
            {
                constant += vector[k] * mean[columns[k].Column];
                scale += Math.Abs(vector[k] * mean[columns[k].Column]);
            }

            var dependence = vector;
            var withOnes = Math.Abs(constant) > NamedShare * NamedShare * scale;
            if (!hasFlatIntercept && withOnes)
            {
                if (ones is not { } first)
                {
                    ones = (vector, constant);
                    continue;
                }

                dependence = [.. vector.Zip(first.Vector, (v, w) => v - w * constant / first.Constant)];
                withOnes = false;
            }

            yield return Describe(columns, dependence, total, hasFlatIntercept && withOnes, hasPriors);
        }
    }

    // Null vectors of the centred cross-products, one for each column that the columns before it (and a constant) give: 1 at that column.
    private static List<double[]> Dependences(int[] columns, CellMoments total)
    {
        var p = columns.Length;
        var products = total.CrossProducts(0);
        var matrix = new double[p, p];
        for (var a = 0; a < p; a++)
        {
            for (var b = 0; b < p; b++)
            {
                var (high, low) = columns[a] >= columns[b] ? (columns[a], columns[b]) : (columns[b], columns[a]);
                matrix[a, b] = products[high * (high + 1) / 2 + low];
            }
        }

        // Sweeping the independent columns in turn: the swept part then holds each later column's regression coefficients on them.
        var own = new double[p];
        for (var a = 0; a < p; a++)
            own[a] = matrix[a, a];
        var swept = new List<int>();
        var dependences = new List<double[]>();
        for (var k = 0; k < p; k++)
        {
            if (matrix[k, k] > RelativeTolerance * own[k])
            {
                Sweep(matrix, k);
                swept.Add(k);
                continue;
            }

            var vector = new double[p];
            vector[k] = 1;
            foreach (var s in swept)
                vector[s] = -matrix[s, k];
            dependences.Add(vector);
        }

        return dependences;
    }

    private static void Sweep(double[,] matrix, int k)
    {
        var p = matrix.GetLength(0);
        var pivot = matrix[k, k];
        for (var j = 0; j < p; j++)
            matrix[k, j] /= pivot;
        for (var i = 0; i < p; i++)
        {
            if (i == k)
                continue;
            var factor = matrix[i, k];
            for (var j = 0; j < p; j++)
                matrix[i, j] -= factor * matrix[k, j];
            matrix[i, k] = -factor / pivot;
        }

        matrix[k, k] = 1 / pivot;
    }

    private static Problem Describe(PopulationTerm[] columns, double[] vector, CellMoments total, bool withIntercept, bool hasPriors)
    {
        // Shares compare columns in their own spread; a constant column has none and is named for its coefficient.
        var products = total.CrossProducts(0);
        var shares = new double[columns.Length];
        for (var k = 0; k < columns.Length; k++)
        {
            var variance = products[columns[k].Column * (columns[k].Column + 1) / 2 + columns[k].Column];
            shares[k] = Math.Abs(vector[k]) * (variance > 0 ? Math.Sqrt(variance) : 1);
        }

        var largest = shares.Max();
        var names = columns.Where((_, k) => shares[k] > NamedShare * largest).Select(term => term.Name).ToList();
        if (withIntercept)
            names.Insert(0, ModelSpec.InterceptName);
        var list = string.Join(", ", names.Select(name => $"'{name}'"));
        var (sentence, remedy) = names.Count == 1
            ? ($"The column of {list} is 0 in every row: the data say nothing about its coefficient{(hasPriors ? ", and its prior is flat" : string.Empty)}.", $"Leave it out{(hasPriors ? ", or give it a proper prior" : string.Empty)}.")
            : ($"The columns of {list} are linearly dependent to the precision of the sums: the data cannot tell their coefficients apart{(hasPriors ? ", and their priors are flat" : string.Empty)}.",
                $"Leave one of them out{(hasPriors ? ", or give one a proper prior" : string.Empty)}.");
        return new(ProblemCode.NotIdentified, sentence, remedy) { Term = names[^1] };
    }
}
