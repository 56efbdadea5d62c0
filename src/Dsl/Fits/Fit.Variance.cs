using System.Collections.Immutable;
using TypedPooling.Draws;

namespace TypedPooling;

/// <content>Shares of variance.</content>
public abstract partial class Fit<TRow>
{
    /// <summary>Marginal R^2: the share of the variance of the response that the population effects explain, in each draw, and at the estimates of a
    /// point fit. Of the log of the response in a LogNormal model.</summary>
    /// <remarks>
    /// var(X beta) / (var(X beta) + sum of the factors' variances + error variance). A factor's variance is the mean over rows of z'Sigma z, which
    /// where only an intercept varies is its variance; the error variance is
    /// sigma^2, or the mean over rows of sigma^2 / w or of the squares of known errors. Offsets are no part of it: what is explained is the response
    /// less its offsets. Computed from the sums. Sources: [NakagawaSchielzeth2013], [Johnson2014].
    /// </remarks>
    /// <exception cref="ModelException">The response is neither Normal nor LogNormal: shares of other responses are not computed yet.</exception>
    public Quantity MarginalRSquared => Share("R^2 (marginal)", (population, factors, error) => population / (population + factors.Sum() + error));

    /// <summary>Conditional R^2: the share of the variance of the response that population effects and varying effects explain together, in each
    /// draw, and at the estimates of a point fit. Of the log of the response in a LogNormal model.</summary>
    /// <remarks>One less the share of the error; parts as in <see cref="MarginalRSquared"/>. Sources: [NakagawaSchielzeth2013],
    /// [Johnson2014].</remarks>
    /// <exception cref="ModelException">The response is neither Normal nor LogNormal: shares of other responses are not computed yet.</exception>
    public Quantity ConditionalRSquared =>
        Share("R^2 (conditional)", (population, factors, error) => (population + factors.Sum()) / (population + factors.Sum() + error));

    /// <summary>Intraclass correlation (ICC): the share of a grouping factor in the variance that population effects leave, in each draw, and at the
    /// estimates of a point fit.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The factor's handle; any handle of the same name and types will do.</param>
    /// <returns>Variance of the factor over that of all factors and the error. Where only intercepts vary it is the correlation of two rows of one
    /// level, other levels apart; where slopes vary, whose variance depends on the row, variances are means over the rows, of z'Sigma z.</returns>
    /// <exception cref="ModelException">The model has no such factor; or the response is neither Normal nor LogNormal.</exception>
    /// <remarks>The error variance is sigma^2, or the mean over rows of sigma^2 / w or of the squares of known errors. Computed from the sums.
    /// Source: [NakagawaSchielzeth2013].</remarks>
    public Quantity Icc<TKey>(Group<TRow, TKey> group)
    {
        var factor = FactorOf(group);
        return Share($"ICC({group.Name})", (_, factors, error) => factors[factor] / (factors.Sum() + error));
    }

    private Quantity Share(string name, Func<double, double[], double, double> ofParts)
    {
        var model = NormalModel("shares of variance", "Read the sds of the factors by For(group).Sd(term); they are on the scale of the link.");

        // Shares are the same on the scale of the sums, where the model is standardised, and on that of the rows.
        var posterior = model.Standardization is null ? Posterior : Posterior.Standardized ?? Posterior;
        return new Quantity(
            name,
            Posterior,
            () => Shares(posterior.Population, posterior.Scales),
            null,
            posterior.Weighted is { } weighted ? () => Shares(weighted.Population, weighted.Scales) : null)
        {
            Estimate = posterior.Point is { } point
                ? new(Shares(One(posterior.Population, point.Population), One(posterior.Scales, point.Scales))[0])
                : null,
        };

        static StoredBlock One(DrawBlock block, ImmutableArray<double> values) =>
            new([.. Enumerable.Range(0, block.ParameterCount).Select(block.Parameter)], [.. values], 1);

        double[] Shares(DrawBlock population, DrawBlock scales)
        {
            var (fixedPart, factors, error) = new VarianceShares(model).Of(population, scales);
            var parts = new double[factors.Length];
            var shares = new double[fixedPart.Length];
            for (var s = 0; s < shares.Length; s++)
            {
                for (var k = 0; k < parts.Length; k++)
                    parts[k] = factors[k][s];
                shares[s] = ofParts(fixedPart[s], parts, error[s]);
            }

            return shares;
        }
    }
}
