using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>Where the variance of the response comes from, draw by draw, from sums: population effects, each grouping factor, error.</summary>
/// <remarks>
/// Population: beta'Cov(X) beta, with n - 1. Factor k: the mean over rows of z'Sigma_k z, which is tr(Sigma_k E[zz']). Error: the mean over rows of
/// sigma^2 / w, or of the squares of known errors. Rows count once each
/// whatever their precision weights, and N times where they stand for N. Standardised models are computed on their own scale: shares have no unit.
/// Sources: [NakagawaSchielzeth2013], [Johnson2014].
/// </remarks>
internal sealed class VarianceShares
{
    private readonly ModelSpec spec;
    private readonly CellMoments total;
    private readonly double meanInverseWeight;

    public VarianceShares(NormalBoundModel model)
    {
        spec = model.Spec;
        total = model.Unweighted ?? model.Cells.Total();
        meanInverseWeight = model.Cells.InverseWeightSum / model.Cells.RowCount;
    }

    /// <summary>The parts of each draw.</summary>
    /// <param name="population">Draws of the population effects.</param>
    /// <param name="scales">Draws of the scales, aligned with those.</param>
    /// <returns>Variances, draw by draw, of the population part, each factor and the error.</returns>
    public (double[] Population, double[][] Factors, double[] Error) Of(DrawBlock population, DrawBlock scales)
    {
        var count = population.ParameterCount > 0 ? population.DrawCount : scales.DrawCount;
        var error = new double[count];
        Array.Fill(error, meanInverseWeight);
        var sds = new Dictionary<(string Factor, string Term), double[]>();
        var correlations = new Dictionary<(string Factor, string Term, string Other), double[]>();
        for (var i = 0; i < scales.ParameterCount; i++)
        {
            var parameter = scales.Parameter(i);
            var draws = Draws(scales, i);
            switch (parameter.Kind)
            {
                case ParameterKind.Sigma:
                    for (var s = 0; s < count; s++)
                        error[s] *= draws[s] * draws[s];
                    break;
                case ParameterKind.VaryingSd:
                    sds.Add((parameter.Factor!, parameter.Term), draws);
                    break;
                default:
                    // Where an sd is 0 its correlations are NaN in some fits.
                    for (var s = 0; s < count; s++)
                        draws[s] = double.IsNaN(draws[s]) ? 0 : draws[s];
                    correlations.Add((parameter.Factor!, parameter.Term, parameter.OtherTerm!), draws);
                    correlations.Add((parameter.Factor!, parameter.OtherTerm!, parameter.Term), draws);
                    break;
            }
        }

        return (OfPopulation(population, count), [.. spec.Factors.Select(OfFactor)], error);

        double[] OfFactor(FactorSpec factor)
        {
            var variance = new double[count];
            foreach (var a in factor.Terms)
            {
                foreach (var b in factor.Terms)
                {
                    var moment = MeanProduct(a.Column, b.Column);
                    var (sdA, sdB) = (sds[(factor.Name, a.Name)], sds[(factor.Name, b.Name)]);
                    var correlation = a == b ? null : correlations.GetValueOrDefault((factor.Name, a.Name, b.Name));
                    if (a != b && correlation is null)
                        continue;
                    for (var s = 0; s < count; s++)
                        variance[s] += moment * sdA[s] * sdB[s] * (correlation is null ? 1 : correlation[s]);
                }
            }

            return variance;
        }
    }

    private double[] OfPopulation(DrawBlock population, int count)
    {
        var variance = new double[count];
        if (total.RowCount < 2)
            return variance;
        var beta = Enumerable.Range(0, population.ParameterCount).Select(t => Draws(population, t)).ToArray();
        for (var a = 0; a < beta.Length; a++)
        {
            for (var b = 0; b < beta.Length; b++)
            {
                if (spec.Population[a].Column == ModelSpec.Ones || spec.Population[b].Column == ModelSpec.Ones)
                    continue;
                var covariance = Product(spec.Population[a].Column, spec.Population[b].Column) / (total.RowCount - 1);
                for (var s = 0; s < count; s++)
                    variance[s] += covariance * beta[a][s] * beta[b][s];
            }
        }

        // A sum of squares in exact arithmetic.
        for (var s = 0; s < count; s++)
            variance[s] = Math.Max(0, variance[s]);
        return variance;
    }

    private double MeanProduct(int a, int b)
    {
        var means = total.Means(0);
        var product = (a == ModelSpec.Ones ? 1 : means[a]) * (b == ModelSpec.Ones ? 1 : means[b]);
        return a == ModelSpec.Ones || b == ModelSpec.Ones ? product : product + Product(a, b) / total.Weight(0);
    }

    private double Product(int a, int b)
    {
        var (high, low) = a >= b ? (a, b) : (b, a);
        return total.CrossProducts(0)[high * (high + 1) / 2 + low];
    }

    private static double[] Draws(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }
}
