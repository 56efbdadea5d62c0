using TypedPooling.Data;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>What the log likelihood of all rows holds of sigma and the shape alone, whatever the linear predictors. Immutable.</summary>
/// <remarks>
/// NegativeBinomial: the sum over rows of log Gamma(y + phi) - log Gamma(phi) - y log phi, once for each y that occurs. Gamma: N (alpha log alpha - log Gamma(alpha)) + alpha sum of log y. StudentT: N (log Gamma((nu + 1) / 2) -
/// log Gamma(nu / 2) - log(pi nu) / 2 - log sigma). Other families: 0. With R(x) = log Gamma(x) - x log x + x the anchored term is the sum of R(phi + y) - R(phi) for counts, and -N R(alpha) + alpha (sum of log y - sum over cells of rows log mean) for Gamma. What knows no parameter is <see cref="ResponseCells.LogConstant"/>.
/// </remarks>
internal abstract class ScaleTerm
{
    /// <summary>The term and its derivatives.</summary>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="onScales">Derivative for each; 0 where the family has no such parameter.</param>
    /// <returns>The value.</returns>
    public abstract double At(in ResponseScales scales, out ResponseScales onScales);

    /// <summary>The term with the values of all cells at their anchors, less <see cref="ResponseCurve.AnchorValue"/>: what is left once the curves are measured from there. Its large parts cancel on paper.</summary>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="onScales">Derivative for each.</param>
    /// <returns>The value.</returns>
    public virtual double Anchored(in ResponseScales scales, out ResponseScales onScales) => At(scales, out onScales);

    /// <summary>The term of a family and its data.</summary>
    public static ScaleTerm Of(Family family, ResponseCells cells) => family.Name switch
    {
        "NegativeBinomial" => new Counts(cells),
        "Gamma" => new Positive(cells),
        "StudentT" => new Heavy(cells.RowCount),
        _ => new None(),
    };

    private sealed class None : ScaleTerm
    {
        public override double At(in ResponseScales scales, out ResponseScales onScales)
        {
            onScales = default;
            return 0;
        }
    }

    private sealed class Counts : ScaleTerm
    {
        private readonly double[] values;
        private readonly double[] rows;

        public Counts(ResponseCells cells)
        {
            var byValue = new SortedDictionary<double, double>();
            for (var cell = 0; cell < cells.Count; cell++)
            {
                // Of 0 events both terms are 0.
                if (cells.Responses[cell] > 0)
                    byValue[cells.Responses[cell]] = byValue.GetValueOrDefault(cells.Responses[cell]) + cells.Rows[cell];
            }

            values = [.. byValue.Keys];
            rows = [.. byValue.Values];
        }

        public override double At(in ResponseScales scales, out ResponseScales onScales)
        {
            var (sum, slope) = (0.0, 0.0);
            for (var i = 0; i < values.Length; i++)
            {
                sum += rows[i] * GammaRatio.Log(scales.Shape, values[i], out var derivative);
                slope += rows[i] * derivative;
            }

            onScales = new(0, slope);
            return sum;
        }

        public override double Anchored(in ResponseScales scales, out ResponseScales onScales)
        {
            var (sum, slope) = (0.0, 0.0);
            for (var i = 0; i < values.Length; i++)
            {
                sum += rows[i] * GammaRatio.RestDifference(scales.Shape, values[i], out var derivative);
                slope += rows[i] * derivative;
            }

            onScales = new(0, slope);
            return sum;
        }
    }

    private sealed class Positive : ScaleTerm
    {
        private readonly double rowCount;
        private readonly double logSum;
        private readonly double gap;             // sum of log y less that of rows log mean; 0 where every cell is a row

        public Positive(ResponseCells cells)
        {
            (rowCount, logSum) = (cells.RowCount, cells.LogResponseSum);
            if (cells.Count == cells.RowCount)
                return;
            gap = logSum;
            for (var cell = 0; cell < cells.Count; cell++)
                gap -= cells.Sizes[cell] * Math.Log(cells.Responses[cell] / cells.Sizes[cell]);
        }

        public override double At(in ResponseScales scales, out ResponseScales onScales)
        {
            var own = GammaRatio.PowerOverGamma(scales.Shape, out var derivative);
            onScales = new(0, rowCount * derivative + logSum);
            return rowCount * own + scales.Shape * logSum;
        }

        public override double Anchored(in ResponseScales scales, out ResponseScales onScales)
        {
            var rest = GammaRatio.Rest(scales.Shape, out var derivative);
            onScales = new(0, gap - rowCount * derivative);
            return scales.Shape * gap - rowCount * rest;
        }
    }

    // With x = nu / 2 the constant is log Gamma(x + 1/2) - log Gamma(x) - log(x) / 2 - log(2 pi) / 2.
    private sealed class Heavy(double rowCount) : ScaleTerm
    {
        private static readonly double HalfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

        public override double At(in ResponseScales scales, out ResponseScales onScales)
        {
            var own = GammaRatio.Log(0.5 * scales.Shape, 0.5, out var derivative);
            onScales = new(-rowCount / scales.Sigma, 0.5 * rowCount * derivative);
            return rowCount * (own - HalfLogTwoPi - Math.Log(scales.Sigma));
        }
    }
}
