using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.GaussianSystem;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Where a search with expensive evaluations begins, and the curvature there: relative sds of varying intercepts by the method of moments,
/// all other scales at their usual start.</summary>
/// <remarks>
/// With W_j the weight of level j of a factor, m_j its mean response and SS = sum W_j (m_j - m)^2, the method of moments of an unbalanced one-way
/// layout gives sd^2 = (SS - (J - 1) T) / (W - sum W_j^2 / W - (J - 1)), T the variance of all responses, which holds other factors as if they were
/// residuals. sigma^2 is T less all of these. The curvature is the expected information: 2 J rho^2 / lambda^2 for a relative sd lambda, rho = m
/// lambda^2 / (1 + m lambda^2) with m rows a level, and half of it beside the diagonal. Source: [SearleCasellaMcCulloch1992], chapter 3.
/// </remarks>
internal static class MomentStart
{
    // Relative sds are started within these; moments say little beyond them.
    private const double Least = 0.1;
    private const double Greatest = 2;

    // Part of the variance that is left for sigma at least.
    private const double LeastResidual = 0.1;

    /// <summary>The start of a crossed model whose sigma is profiled.</summary>
    /// <param name="model">The data.</param>
    /// <param name="function">The criterion; its point is overwritten.</param>
    /// <returns>The start; for each coordinate, the inverse of the curvature there.</returns>
    public static (double[] Start, double[] InverseCurvature) Of(NormalBoundModel model, LikelihoodFunction function)
    {
        var coordinates = function.Coordinates;
        var total = model.Cells.Total();
        double rows = model.RowCount;
        var variance = total.CrossProducts(0)[^1] / total.Weight(0);
        var factors = model.Spec.Factors;
        var variances = new double[factors.Length];
        for (var k = 0; k < factors.Length; k++)
            variances[k] = factors[k].Terms.Length == 1 ? VarianceOf(model, k, variance, total.Means(0)[^1]) : double.NaN;
        var residual = Math.Max(LeastResidual * variance, variance - variances.Where(double.IsFinite).Sum(value => Math.Max(0, value)));

        var usual = new double[coordinates.Dimension];
        for (var i = 0; i < coordinates.Elements.Length; i++)
            usual[coordinates.Shift + i] = coordinates.Elements[i].Row == coordinates.Elements[i].Column ? 1 : 0;
        coordinates.SetTriangles(usual, function.Point);
        for (var k = 0; k < factors.Length; k++)
        {
            if (double.IsFinite(variances[k]) && function.Point.Factors[k].Lambda[0] != 0)
                function.Point.Factors[k].Lambda[0] = Math.Clamp(Math.Sqrt(Math.Max(0, variances[k]) / residual), Least, Greatest);
        }

        var start = coordinates.Of(1, function.Point);
        var inverse = new double[coordinates.Dimension];
        for (var i = 0; i < coordinates.Elements.Length; i++)
        {
            var element = coordinates.Elements[i];
            double levels = model.Levels[element.Factor].Count;
            var at = coordinates.Shift + i;
            var size = element.Row == element.Column ? start[at] : 1;
            var known = rows / levels * size * size;
            known /= 1 + known;
            inverse[at] = (element.Row == element.Column ? 0.5 : 1) * size * size / (levels * known * known);
        }

        return (start, inverse);
    }

    private static double VarianceOf(NormalBoundModel model, int factor, double variance, double mean)
    {
        var levels = model.CellLevels(factor);
        var weights = new double[model.Levels[factor].Count];
        var sums = new double[weights.Length];
        for (var cell = 0; cell < levels.Length; cell++)
        {
            weights[levels[cell]] += model.Cells.Weight(cell);
            sums[levels[cell]] += model.Cells.Weight(cell) * (model.Cells.Means(cell)[^1] - mean);
        }

        var (squares, whole, wholeSquares, count) = (0.0, 0.0, 0.0, 0);
        for (var j = 0; j < weights.Length; j++)
        {
            if (!(weights[j] > 0))
                continue;
            squares += sums[j] * sums[j] / weights[j];
            whole += weights[j];
            wholeSquares += weights[j] * weights[j];
            count++;
        }

        return (squares - (count - 1) * variance) / (whole - wholeSquares / whole - (count - 1));
    }
}
