using System.Collections.Concurrent;
using System.Collections.Immutable;
using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>Where the variance of the response comes from, draw by draw: population effects, each grouping factor, what is left.</summary>
/// <remarks>
/// On the scale of the linear predictor: population, beta'Cov(X) beta, with n - 1; factor k, the mean over rows of z'Sigma_k z, which is tr(Sigma_k
/// E[zz']); error, as the response's family says. Rows count once each whatever their precision weights, and N times where they stand for N.
/// Standardised models are computed on their own scale: shares have no unit. Sources: [NakagawaSchielzeth2013], [Johnson2014].
/// </remarks>
internal abstract class VarianceShares
{
    private protected VarianceShares(ModelSpec spec, CellMoments total) => (Spec, Total) = (spec, total);

    /// <summary>The model.</summary>
    protected ModelSpec Spec { get; }

    /// <summary>Moments of the columns over all rows, as one cell.</summary>
    protected CellMoments Total { get; }

    /// <summary>The shares of a bound model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="scale">The scale that is asked for.</param>
    /// <exception cref="ModelException">The scale needs what the data of the model do not keep.</exception>
    public static VarianceShares Of(BoundModel model, VarianceScale scale) => model switch
    {
        NormalBoundModel normal => new NormalVarianceShares(normal, scale),
        CellBoundModel cells when scale == VarianceScale.Response => new ResponseVarianceShares(cells),
        CellBoundModel cells => new LatentVarianceShares(cells, scale),
        _ => throw new NotSupportedException(),
    };

    /// <summary>The parts of each draw.</summary>
    /// <param name="population">Draws of the population effects.</param>
    /// <param name="scales">Draws of the scales, aligned with those.</param>
    /// <returns>Variances, draw by draw.</returns>
    public VarianceParts Of(DrawBlock population, DrawBlock scales)
    {
        var count = population.ParameterCount > 0 ? population.DrawCount : scales.DrawCount;
        return Parts(
            [.. Enumerable.Range(0, population.ParameterCount).Select(t => Draws(population, t))], ScaleColumns.Of(Spec, scales, count), count);
    }

    private protected abstract VarianceParts Parts(double[][] beta, ScaleColumns scales, int count);

    /// <summary>Variance of X beta over the rows, draw by draw.</summary>
    private protected double[] OfPopulation(double[][] beta, int count)
    {
        var variance = new double[count];
        if (Total.RowCount < 2)
            return variance;
        for (var a = 0; a < beta.Length; a++)
        {
            for (var b = 0; b < beta.Length; b++)
            {
                if (Spec.Population[a].Column == ModelSpec.Ones || Spec.Population[b].Column == ModelSpec.Ones)
                    continue;
                var covariance = Product(Spec.Population[a].Column, Spec.Population[b].Column) / (Total.RowCount - 1);
                for (var s = 0; s < count; s++)
                    variance[s] += covariance * beta[a][s] * beta[b][s];
            }
        }

        // A sum of squares in exact arithmetic.
        for (var s = 0; s < count; s++)
            variance[s] = Math.Max(0, variance[s]);
        return variance;
    }

    /// <summary>Mean over the rows of the variance that a factor adds to the linear predictor, draw by draw.</summary>
    private protected double[] OfFactor(int k, ScaleColumns scales, int count)
    {
        var terms = Spec.Factors[k].Terms;
        var variance = new double[count];
        for (var a = 0; a < terms.Length; a++)
        {
            for (var b = 0; b < terms.Length; b++)
            {
                var moment = MeanProduct(terms[a].Column, terms[b].Column);
                for (var s = 0; s < count; s++)
                    variance[s] += moment * scales.Covariance(k, a, b, s);
            }
        }

        return variance;
    }

    /// <summary>Sum of the factors' variances, draw by draw.</summary>
    private protected static double[] Sum(double[][] factors, int count)
    {
        var sum = new double[count];
        foreach (var own in factors)
        {
            for (var s = 0; s < count; s++)
                sum[s] += own[s];
        }

        return sum;
    }

    private double MeanProduct(int a, int b)
    {
        var means = Total.Means(0);
        var product = (a == ModelSpec.Ones ? 1 : means[a]) * (b == ModelSpec.Ones ? 1 : means[b]);
        return a == ModelSpec.Ones || b == ModelSpec.Ones ? product : product + Product(a, b) / Total.Weight(0);
    }

    private double Product(int a, int b)
    {
        var (high, low) = a >= b ? (a, b) : (b, a);
        return Total.CrossProducts(0)[high * (high + 1) / 2 + low];
    }

    private static double[] Draws(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }
}

/// <summary>The parts of the variance in every draw of a fit, each made once however many shares are asked for. Immutable; thread-safe.</summary>
internal sealed class VarianceDraws
{
    private readonly Lazy<VarianceParts> ofDraws;
    private readonly Lazy<VarianceParts>? ofWeighted;
    private readonly Lazy<VarianceParts>? atPoint;

    public VarianceDraws(VarianceShares shares, Posterior posterior)
    {
        ofDraws = new(() => shares.Of(posterior.Population, posterior.Scales));
        if (posterior.Weighted is { } weighted)
            ofWeighted = new(() => shares.Of(weighted.Population, weighted.Scales));
        if (posterior.Point is { } point)
            atPoint = new(() => shares.Of(One(posterior.Population, point.Population), One(posterior.Scales, point.Scales)));
    }

    /// <summary>By draw of the posterior.</summary>
    public VarianceParts OfDraws => ofDraws.Value;

    /// <summary>By draw of the weighted sample; null where there is none.</summary>
    public Func<VarianceParts>? OfWeighted => ofWeighted is null ? null : () => ofWeighted.Value;

    /// <summary>At the estimates of a point fit; null where it is none.</summary>
    public VarianceParts? AtPoint => atPoint?.Value;

    private static StoredBlock One(DrawBlock block, ImmutableArray<double> values) =>
        new([.. Enumerable.Range(0, block.ParameterCount).Select(block.Parameter)], [.. values], 1);
}

/// <summary>Variances draw by draw.</summary>
/// <param name="Population">That of the population effects.</param>
/// <param name="Factors">That which rows of one level of a factor share, for each factor.</param>
/// <param name="Effects">That of all varying effects together: on the scale of the response more than the sum of the factors', as effects on a curve
/// also act together.</param>
/// <param name="Error">What is left: that of the response's distribution.</param>
internal sealed record VarianceParts(double[] Population, double[][] Factors, double[] Effects, double[] Error);

/// <summary>Shares of a response that is Normal, or whose log is, from sums. The error is the mean over rows of sigma^2 / w, or of the squares of
/// known errors.</summary>
internal sealed class NormalVarianceShares : VarianceShares
{
    private readonly double meanInverseWeight;

    public NormalVarianceShares(NormalBoundModel model, VarianceScale scale)
        : base(model.Spec, model.Unweighted ?? model.Cells.Total())
    {
        var family = model.Spec.Response.Family;
        if (family.TakesLog && scale == VarianceScale.Response)
        {
            throw new ModelException(new Problem(
                ProblemCode.NotForThisFamily,
                $"Shares of a {family.Name} response itself need the expectation of every row, which its sums do not keep.",
                "Use VarianceScale.Latent: shares of the log of the response."));
        }

        meanInverseWeight = model.Cells.InverseWeightSum / model.Cells.RowCount;
    }

    private protected override VarianceParts Parts(double[][] beta, ScaleColumns scales, int count)
    {
        double[][] factors = [.. Spec.Factors.Select((_, k) => OfFactor(k, scales, count))];
        var error = new double[count];
        for (var s = 0; s < count; s++)
            error[s] = scales.Sigma is { } sigma ? meanInverseWeight * sigma[s] * sigma[s] : meanInverseWeight;
        return new(OfPopulation(beta, count), factors, Sum(factors, count), error);
    }
}

/// <summary>Shares on the scale of the link of a response kept as cells. The error is what the family says of it: see
/// <see cref="Responses.CellsFamily.LatentVarianceAt"/>.</summary>
internal sealed class LatentVarianceShares(CellBoundModel model, VarianceScale scale) : VarianceShares(model.Spec, CellsBinding.Total(model.Cells))
{
    private readonly IntegralsByDraw integrals = new(model);

    private protected override VarianceParts Parts(double[][] beta, ScaleColumns scales, int count)
    {
        double[][] factors = [.. Spec.Factors.Select((_, k) => OfFactor(k, scales, count))];
        var error = new double[count];
        integrals.Each(count, (integral, s) =>
            error[s] = model.Family.LatentVarianceAt(() => integral.MeanAt(beta, scales, s), scales.OfResponse(s), scale));
        return new(OfPopulation(beta, count), factors, Sum(factors, count), error);
    }
}

/// <summary>Shares on the scale of the response of a model of cells, varying effects integrated out: see <see cref="ResponseIntegral"/>.</summary>
internal sealed class ResponseVarianceShares(CellBoundModel model) : VarianceShares(model.Spec, CellsBinding.Total(model.Cells))
{
    private readonly IntegralsByDraw integrals = new(model);

    private protected override VarianceParts Parts(double[][] beta, ScaleColumns scales, int count)
    {
        var parts = new VarianceParts(
            new double[count], [.. Spec.Factors.Select(_ => new double[count])], new double[count], new double[count]);
        integrals.Each(count, (integral, s) => integral.Write(beta, scales, s, parts));
        return parts;
    }
}

/// <summary>Computes integrals draw by draw, on several threads, each with scratch of its own. A draw knows of no other: the number of threads
/// changes no bit.</summary>
internal sealed class IntegralsByDraw(CellBoundModel model)
{
    private const int PartLength = 64;

    private readonly Lazy<DistinctPredictors> predictors = new(() => new DistinctPredictors(model));

    /// <summary>Does every draw once.</summary>
    /// <param name="count">Number of draws.</param>
    /// <param name="compute">Computes a draw.</param>
    public void Each(int count, Action<ResponseIntegral, int> compute)
    {
        var free = new ConcurrentBag<ResponseIntegral>();
        SharedWork.For(Environment.ProcessorCount, (count + PartLength - 1) / PartLength, part =>
        {
            var integral = free.TryTake(out var own) ? own : new ResponseIntegral(model, predictors.Value);
            for (var s = part * PartLength; s < Math.Min(count, (part + 1) * PartLength); s++)
                compute(integral, s);
            free.Add(integral);
        });
    }
}
