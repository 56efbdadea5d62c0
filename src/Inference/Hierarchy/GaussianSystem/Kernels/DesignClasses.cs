using TypedPooling.Inference.Hierarchy.Sums;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;

/// <summary>The distinct pseudo-designs of a system, each with what the likelihood needs of its levels' responses. Arrays run class after
/// class.</summary>
/// <param name="Count">Number of classes.</param>
/// <param name="LevelCounts">Number of levels J_c of a class.</param>
/// <param name="Varying">Z_c, q x q by rows, upper triangular.</param>
/// <param name="Population">X_c, q x p by rows.</param>
/// <param name="MeanResponse">Mean of y_j over the levels of the class. Length q each.</param>
/// <param name="Scatter">Sum over the levels of (y_j - mean)(y_j - mean)', q x q by rows.</param>
internal sealed record DesignClasses(int Count, double[] LevelCounts, double[] Varying, double[] Population, double[] MeanResponse, double[] Scatter)
{
    /// <summary>The classes of a factor.</summary>
    /// <param name="sums">The factor; null where there is none.</param>
    /// <param name="p">Columns of X.</param>
    /// <param name="classOfLevel">Class of each level.</param>
    public static DesignClasses Of(FactorSums? sums, int p, out int[] classOfLevel)
    {
        if (sums is null)
        {
            classOfLevel = [];
            return new DesignClasses(0, [], [], [], [], []);
        }

        var q = sums.TermCount;
        var width = q + p;
        var kinds = Enumerable.Range(0, width).ToArray();
        var design = new double[q * width];
        var equal = EqualDesigns.Of(sums.LevelCount, width, DesignOf);
        classOfLevel = equal.ClassOf;
        var (sizes, means, scatter) = equal.Summarise(sums.Responses, q);
        var varying = new double[sizes.Length * q * q];
        var population = new double[sizes.Length * q * p];
        for (var c = 0; c < sizes.Length; c++)
        {
            sums.Rows.AsSpan(equal.Firsts[c] * q * q, q * q).CopyTo(varying.AsSpan(c * q * q));
            sums.PopulationRows.AsSpan(equal.Firsts[c] * q * p, q * p).CopyTo(population.AsSpan(c * q * p));
        }

        return new DesignClasses(sizes.Length, [.. sizes.Select(size => (double)size)], varying, population, means, scatter);

        ReadOnlySpan<double> DesignOf(int level, out int[] ownKinds, out int[] coordinates)
        {
            for (var r = 0; r < q; r++)
            {
                sums.Rows.AsSpan((level * q + r) * q, q).CopyTo(design.AsSpan(r * width));
                sums.PopulationRows.AsSpan((level * q + r) * p, p).CopyTo(design.AsSpan(r * width + q));
            }

            (ownKinds, coordinates) = (kinds, []);
            return design;
        }
    }
}
