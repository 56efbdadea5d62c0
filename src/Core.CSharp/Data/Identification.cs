using System.Collections.Immutable;
using TypedPooling.Model;

namespace TypedPooling.Data;

/// <summary>Which columns of a model are linearly dependent, the column of ones among them, and so leave coefficients that the data cannot tell
/// apart.</summary>
/// <remarks>
/// <para>
/// The rule: columns are centred and scaled to unit length, and eliminated by pivoting, the column with the greatest squared length left first. A
/// column is dependent where what is left of its squared length is at most <see cref="RelativeTolerance"/>: a squared multiple correlation with the
/// others of 1 - 1e-11 or more. So neither the origin nor the unit of a column matters, nor the order of the columns.
/// </para>
/// <para>
/// Values far from 0 are rounded in themselves: with m the greatest |mean| / sd of the columns, (2^-52 m)^2 is added to the tolerance, more than
/// 1e-11 only from m = 1e10 on. A column whose sd is at most 1e-15 of its mean is constant.
/// </para>
/// </remarks>
internal static class Identification
{
    // Sums in double precision settle what is left of a squared length to about 1e-15 times the conditioning of the columns eliminated before, which
    // pivoting keeps small; 1e-11 leaves four digits for that.
    /// <summary>Squared length, relative to its own, that must be left of a column once others are projected out.</summary>
    public const double RelativeTolerance = 1e-11;

    // Rounding of a mean and of the differences from it: a few units in the last place.
    private const double ConstantTolerance = 1e-15;

    // Share of a column in a linear dependence below which it is rounding and is not named.
    private const double NamedShare = 1e-6;

    /// <summary>Finds flat population effects that the data do not tell apart.</summary>
    /// <param name="spec">The model; every prior of a population effect decided.</param>
    /// <param name="total">Moments of all rows as one cell.</param>
    /// <param name="hasPriors">False where no prior could help, since the likelihood alone is maximised: the remedy then names none.</param>
    /// <returns>A problem for each dependence among the columns with flat priors; none where the data tell all coefficients apart. O(p^3).</returns>
    public static IEnumerable<Problem> Check(ModelSpec spec, CellMoments total, bool hasPriors = true)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(total);
        var flat = spec.Population.Where(term => term.Prior is { IsProper: false }).ToArray();
        return Dependences([.. flat.Select(term => term.Column)], total)
            .Select(dependence => Describe([.. dependence.Select(column => flat.First(term => term.Column == column).Name)], hasPriors));
    }

    /// <summary>Finds the linear dependences among columns.</summary>
    /// <param name="columns">Indices of columns, each once, <see cref="ModelSpec.Ones"/> where the column of ones is one of them.</param>
    /// <param name="total">Moments of all rows as one cell.</param>
    /// <returns>
    /// For each column that the others give the columns of one dependence, in the order of <paramref name="columns"/> but for that of ones, which is
    /// first; one column alone where it is 0 in every row. None where all are independent. O(count^3).
    /// </returns>
    public static ImmutableArray<ImmutableArray<int>> Dependences(ImmutableArray<int> columns, CellMoments total)
    {
        ArgumentNullException.ThrowIfNull(total);
        int[] own = [.. columns.Where(column => column != ModelSpec.Ones)];
        var hasOnes = own.Length < columns.Length;
        var found = ImmutableArray.CreateBuilder<ImmutableArray<int>>();

        // With the column of ones columns need only be dependent up to a constant. Without, a combination must vanish with its constant; the first
        // combination that is a constant then plays the part of the column of ones.
        (double[] Vector, double Constant)? ones = null;
        foreach (var vector in NullVectors(own, total, out var lengths))
        {
            var constant = 0.0;
            var scale = 0.0;
            for (var a = 0; a < own.Length; a++)
            {
                var part = vector[a] / lengths[a] * total.Means(0)[own[a]];
                constant += part;
                scale += Math.Abs(part);
            }

            var dependence = vector;
            var withOnes = Math.Abs(constant) > NamedShare * NamedShare * scale;
            if (!hasOnes && withOnes)
            {
                if (ones is not { } first)
                {
                    ones = (vector, constant);
                    continue;
                }

                dependence = [.. vector.Zip(first.Vector, (v, w) => v - w * constant / first.Constant)];
                withOnes = false;
            }

            var largest = dependence.Max(Math.Abs);
            var named = own.Where((_, a) => Math.Abs(dependence[a]) > NamedShare * largest);
            found.Add(withOnes ? [ModelSpec.Ones, .. named] : [.. named]);
        }

        return found.ToImmutable();
    }

    // Null vectors of the centred columns at unit length (lengths holds what they were divided by; 1 for a constant), one for each that the others
    // give: 1 at that column. In the order of the columns.
    private static List<double[]> NullVectors(int[] columns, CellMoments total, out double[] lengths)
    {
        var count = columns.Length;
        var products = total.CrossProducts(0);
        var means = total.Means(0);
        var left = new double[count];      // of the squared length; 0 for a constant
        lengths = new double[count];
        var farthest = 0.0;
        for (var a = 0; a < count; a++)
        {
            var length = Math.Sqrt(products[columns[a] * (columns[a] + 1) / 2 + columns[a]]);
            var mean = Math.Abs(means[columns[a]]) * Math.Sqrt(total.Weight(0));
            left[a] = length > ConstantTolerance * mean ? 1 : 0;
            lengths[a] = left[a] > 0 ? length : 1;
            farthest = Math.Max(farthest, left[a] > 0 ? mean / length : 0);
        }

        var matrix = new double[count, count];
        for (var a = 0; a < count; a++)
        {
            for (var b = 0; b < count; b++)
            {
                var (high, low) = columns[a] >= columns[b] ? (columns[a], columns[b]) : (columns[b], columns[a]);
                matrix[a, b] = a == b ? left[a] : left[a] * left[b] * (products[high * (high + 1) / 2 + low] / lengths[a] / lengths[b]);
            }
        }

        // Sweeping the independent columns in turn: the swept part then holds every other column's regression coefficients on them.
        var tolerance = RelativeTolerance + Math.Pow(Math.ScaleB(farthest, -52), 2);
        var swept = new List<int>();
        while (Next() is var next && next >= 0)
        {
            Sweep(matrix, next);
            swept.Add(next);
        }

        var vectors = new List<double[]>();
        for (var a = 0; a < count; a++)
        {
            if (swept.Contains(a))
                continue;
            var vector = new double[count];
            vector[a] = 1;
            foreach (var b in swept)
                vector[b] = -matrix[b, a];
            vectors.Add(vector);
        }

        return vectors;

        int Next()
        {
            var best = -1;
            for (var a = 0; a < count; a++)
            {
                if (!swept.Contains(a) && matrix[a, a] > (best < 0 ? tolerance : matrix[best, best]))
                    best = a;
            }

            return best;
        }
    }

    private static void Sweep(double[,] matrix, int at)
    {
        var order = matrix.GetLength(0);
        var pivot = matrix[at, at];
        for (var j = 0; j < order; j++)
            matrix[at, j] /= pivot;
        for (var i = 0; i < order; i++)
        {
            if (i == at)
                continue;
            var multiple = matrix[i, at];
            for (var j = 0; j < order; j++)
                matrix[i, j] -= multiple * matrix[at, j];
            matrix[i, at] = -multiple / pivot;
        }

        matrix[at, at] = 1 / pivot;
    }

    private static Problem Describe(ImmutableArray<string> names, bool hasPriors)
    {
        var list = string.Join(", ", names.Select(name => $"'{name}'"));
        var (sentence, remedy) = names.Length == 1
            ? ($"The column of {list} is 0 in every row: the data say nothing about its "
                + $"coefficient{(hasPriors ? ", and its prior is flat" : string.Empty)}.",
                $"Leave it out{(hasPriors ? ", or give it a proper prior" : string.Empty)}.")
            : ($"The columns of {list} are linearly dependent to the precision of the sums: the data cannot tell their coefficients "
                + $"apart{(hasPriors ? ", and their priors are flat" : string.Empty)}.",
                $"Leave one of them out{(hasPriors ? ", or give one a proper prior" : string.Empty)}.");
        return new(ProblemCode.NotIdentified, sentence, remedy) { Term = names[^1] };
    }
}
