using System.Collections.Concurrent;

namespace TypedPooling;

/// <content>Shares of variance.</content>
public abstract partial class Fit<TRow>
{
    private readonly ConcurrentDictionary<VarianceScale, VarianceDraws> variances = new();

    /// <summary>Marginal R^2: the share of the variance of the response that the population effects explain, in each draw, and at the estimates of a
    /// point fit. Of the log of the response in a LogNormal model; of families other than Normal on the scale of the link, see
    /// <see cref="VarianceScale.Latent"/>.</summary>
    /// <remarks>
    /// var(X beta) / (var(X beta) + sum of the factors' variances + error variance). A factor's variance is the mean over rows of z'Sigma z, which
    /// where only an intercept varies is its variance; the error variance is
    /// sigma^2, or the mean over rows of sigma^2 / w or of the squares of known errors. Offsets are no part of it: what is explained is the response
    /// less its offsets. Sources: [NakagawaSchielzeth2013], [Johnson2014], [Nakagawa2017].
    /// </remarks>
    public Quantity MarginalRSquared => MarginalRSquaredOn(VarianceScale.Latent);

    /// <summary>Conditional R^2: the share of the variance of the response that population effects and varying effects explain together, in each
    /// draw, and at the estimates of a point fit. Of the log of the response in a LogNormal model; of families other than Normal on the scale of the
    /// link, see <see cref="VarianceScale.Latent"/>.</summary>
    /// <remarks>One less the share of the error; parts as in <see cref="MarginalRSquared"/>. Sources: [NakagawaSchielzeth2013],
    /// [Johnson2014], [Nakagawa2017].</remarks>
    public Quantity ConditionalRSquared => ConditionalRSquaredOn(VarianceScale.Latent);

    /// <summary>Marginal R^2 on a scale: the share of the variance that the population effects explain.</summary>
    /// <param name="scale">The scale; for a Normal response all are the same.</param>
    /// <returns>A quantity of this fit's draws.</returns>
    /// <remarks>
    /// On a latent scale as <see cref="MarginalRSquared"/>, with the variance that the response's distribution adds to the linear predictor as error
    /// variance. On the scale of the response: the variance over rows of their expected responses, over the whole variance of a response; varying
    /// effects are integrated out, and offsets and exposures are part of the expectations. O(draws cells), once for all shares of one scale.
    /// Sources: [Nakagawa2017], [Goldstein2002].
    /// </remarks>
    /// <exception cref="ModelException">The scale is that of the response and the response LogNormal.</exception>
    public Quantity MarginalRSquaredOn(VarianceScale scale) =>
        Share(Named("R^2 (marginal)", scale), scale, (parts, s) => parts.Population[s] / (parts.Population[s] + parts.Effects[s] + parts.Error[s]));

    /// <summary>Conditional R^2 on a scale: the share of the variance that population effects and varying effects explain together.</summary>
    /// <param name="scale">The scale; for a Normal response all are the same.</param>
    /// <returns>A quantity of this fit's draws: one less the share of the error.</returns>
    /// <remarks>As <see cref="MarginalRSquaredOn"/>. Sources: [Nakagawa2017], [Goldstein2002].</remarks>
    /// <exception cref="ModelException">The scale is that of the response and the response LogNormal.</exception>
    public Quantity ConditionalRSquaredOn(VarianceScale scale) => Share(
        Named("R^2 (conditional)", scale),
        scale,
        (parts, s) =>
        {
            var explained = parts.Population[s] + parts.Effects[s];
            return explained / (explained + parts.Error[s]);
        });

    /// <summary>Intraclass correlation (ICC): the share of a grouping factor in the variance that population effects leave, in each draw, and at the
    /// estimates of a point fit. Of families other than Normal on the scale of the link, see <see cref="VarianceScale.Latent"/>.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The factor's handle; any handle of the same name and types will do.</param>
    /// <returns>Variance of the factor over that of all factors and the error. Where only intercepts vary it is the correlation of two rows of one
    /// level, other levels apart; where slopes vary, whose variance depends on the row, variances are means over the rows, of z'Sigma z.</returns>
    /// <exception cref="ModelException">The model has no such factor.</exception>
    /// <remarks>The error variance is sigma^2, or the mean over rows of sigma^2 / w or of the squares of known errors. Sources:
    /// [NakagawaSchielzeth2013], [Nakagawa2017].</remarks>
    public Quantity Icc<TKey>(Group<TRow, TKey> group) => Icc(group, VarianceScale.Latent);

    /// <summary>Intraclass correlation (ICC) on a scale: the share of a grouping factor in the variance that population effects leave.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The factor's handle; any handle of the same name and types will do.</param>
    /// <param name="scale">The scale; for a Normal response all are the same.</param>
    /// <returns>Variance of the factor over that of all factors and the error. On the scale of the response it is the mean covariance of two equal
    /// rows
    /// of one level, their other levels apart, over the mean variance of a row given its columns.</returns>
    /// <exception cref="ModelException">The model has no such factor; or the scale is that of the response and the response LogNormal.</exception>
    /// <remarks>As <see cref="MarginalRSquaredOn"/>. Sources: [Nakagawa2017], [Goldstein2002].</remarks>
    public Quantity Icc<TKey>(Group<TRow, TKey> group, VarianceScale scale) => IccOf(FactorOf(group), scale);

    /// <summary>Marginal and conditional R^2 and the intraclass correlation of each grouping factor, as one table.</summary>
    /// <returns>A row a share. Of families other than Normal on the scale of the link, see <see cref="VarianceScale.Latent"/>.</returns>
    public QuantityTable VarianceShares() => new([MarginalRSquared, ConditionalRSquared, .. Factors.Select(factor => factor.Icc)]);

    internal Quantity IccOf(int factor, VarianceScale scale) => Share(
        Named($"ICC({Spec.Factors[factor].Name})", scale),
        scale,
        (parts, s) => parts.Factors[factor][s] / (parts.Effects[s] + parts.Error[s]));

    private static string Named(string name, VarianceScale scale) => scale == VarianceScale.Latent ? name : $"{name}, {scale}";

    // Shares are the same on the scale of the data as they were fitted, where the model is standardised, and on that of the rows.
    private Quantity Share(string name, VarianceScale scale, Func<VarianceParts, int, double> ofParts)
    {
        var draws = variances.GetOrAdd(
            scale,
            own => new(
                TypedPooling.VarianceShares.Of(Bound, own),
                Bound.Standardization is null ? Posterior : Posterior.Standardized ?? Posterior));
        return new Quantity(
            name,
            Posterior,
            () => Shares(draws.OfDraws),
            null,
            draws.OfWeighted is { } weighted ? () => Shares(weighted()) : null)
        {
            Estimate = draws.AtPoint is { } point ? new(Shares(point)[0]) : null,
        };

        double[] Shares(VarianceParts parts) => [.. Enumerable.Range(0, parts.Error.Length).Select(s => ofParts(parts, s))];
    }
}
