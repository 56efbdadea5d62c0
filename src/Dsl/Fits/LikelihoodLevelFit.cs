using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>The coefficients of one level of a grouping factor in a fit by maximum likelihood: <see cref="LevelFit{TRow}"/> with the conditional
/// variances of its effects.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
public sealed class LikelihoodLevelFit<TRow> : LevelFit<TRow>
{
    private readonly Posterior posterior;
    private readonly int factor;
    private readonly int level;

    internal LikelihoodLevelFit(Fit<TRow> fit, int factor, int level, string text)
        : base(fit, factor, level, text)
    {
        posterior = fit.Posterior;
        this.factor = factor;
        this.level = level;
    }

    /// <summary>The sd of a varying effect where the population effects stand at their estimates: the root of the conditional variance that
    /// <c>ranef</c> of lme4 gives. <c>Effect(term).Sd</c> allows for their errors too.</summary>
    /// <param name="term">Name of the term; <c>Intercept</c> for the intercept.</param>
    /// <returns>The sd, in units of the effect, at the estimated (or fixed) scales.</returns>
    /// <exception cref="ModelException">No such term varies by this factor.</exception>
    public double ConditionalSd(string term)
    {
        var weights = new double[Factor.Terms.Length];
        weights[TermLookup.Varying(Factor, term)] = 1;
        return Conditional(weights).Sd;
    }

    /// <summary>The covariance matrix of the varying effects where the population effects stand at their estimates: the conditional variance that
    /// <c>ranef</c> of lme4 gives.</summary>
    /// <returns>q x q by rows, in the order of the factor's terms.</returns>
    public double[] ConditionalCovariance()
    {
        var q = Factor.Terms.Length;
        var covariance = new double[q * q];
        var weights = new double[q];
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                Array.Clear(weights);
                weights[a] = weights[b] = 1;
                var variance = Math.Pow(Conditional(weights).Sd, 2);
                covariance[a * q + b] = variance;
            }
        }

        // var(u_a + u_b) = var u_a + var u_b + 2 cov
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < a; b++)
                covariance[a * q + b] = covariance[b * q + a] = 0.5 * (covariance[a * q + b] - covariance[a * q + a] - covariance[b * q + b]);
        }

        return covariance;
    }

    private NormalMoments Conditional(double[] weights)
    {
        if (posterior.Point?.Moments is { } moments)
            return moments.GivenPopulation(factor, level, weights);
        throw new ModelException(new Problem(
            ProblemCode.EngineRefuses,
            $"Engine {posterior.Engine} gave no point estimate, and a conditional variance needs one value of the scales.",
            "Set Posterior.Point in the engine, or use Effect(term).Sd."));
    }
}
