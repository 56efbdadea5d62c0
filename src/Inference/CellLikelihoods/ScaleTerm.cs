using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Inference.CellLikelihoods;

/// <summary>What the log likelihood of all rows holds of sigma and the shape alone, whatever the linear predictors. Immutable.</summary>
/// <remarks>
/// NegativeBinomial: the sum over rows of log Gamma(y + phi) - log Gamma(phi) - y log phi, once for each y that occurs. Gamma: N (alpha log alpha - log Gamma(alpha)) + alpha sum of log y. StudentT: N (log Gamma((nu + 1) / 2) -
/// log Gamma(nu / 2) - log(pi nu) / 2 - log sigma). Other families: 0. What knows no parameter is <see cref="ResponseCells.LogConstant"/>.
/// </remarks>
internal abstract class ScaleTerm
{
    /// <summary>The term and its derivatives.</summary>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="onScales">Derivative for each; 0 where the family has no such parameter.</param>
    /// <returns>The value.</returns>
    public abstract double At(in ResponseScales scales, out ResponseScales onScales);

    /// <summary>The term of a family and its data.</summary>
    public static ScaleTerm Of(Family family, ResponseCells cells) => family.Name switch
    {
        "NegativeBinomial" => new Counts(cells),
        "Gamma" => new Positive(cells.RowCount, cells.LogResponseSum),
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
                // Of 0 and of 1 event it is 0.
                if (cells.Responses[cell] > 1)
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
    }

    private sealed class Positive(double rowCount, double logSum) : ScaleTerm
    {
        public override double At(in ResponseScales scales, out ResponseScales onScales)
        {
            var own = GammaRatio.PowerOverGamma(scales.Shape, out var derivative);
            onScales = new(0, rowCount * derivative + logSum);
            return rowCount * own + scales.Shape * logSum;
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
