namespace TypedPooling;

/// <summary>A fit by maximum likelihood, of any family: what only such fits can be asked. <c>model.Fit(rows, Engine.MaximumLikelihood)</c> gives
/// one.</summary>
/// <remarks>
/// Where an engine is in a variable of a wider type, such as <see cref="Engines.INormalEngine"/>, the fit is a likelihood fit at run time:
/// <c>if (fit is ILikelihoodFit likely)</c>.
/// Thread-safe: any number of threads may ask one fit at once, and all get the same answers.
/// </remarks>
public interface ILikelihoodFit
{
    /// <summary>Log likelihood, information criteria and the covariance matrix of the population effects.</summary>
    /// <exception cref="ModelException">The engine, one of your own, returned no point estimate.</exception>
    LikelihoodSummary Likelihood { get; }

    /// <summary>The profile-likelihood interval of an sd, of sigma, of a shape or of a population effect: the values that a
    /// likelihood-ratio test does not reject, all other parameters at their best for each.</summary>
    /// <param name="quantity">A scale or a population effect of this fit, for example <c>fit.For(zip).InterceptSd</c>.</param>
    /// <param name="probability">Coverage, strictly between 0 and 1; null for <see cref="Engines.RunOptions.Probability"/> of the fit, 0.89 by
    /// default (<c>confint</c> in R has 0.95).</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>The interval. An sd's begins at exactly 0 where 0 is not rejected; an interval ends at infinity where no greater value is rejected,
    /// as that of a NegativeBinomial shape does for counts that may be Poisson.</returns>
    /// <exception cref="ModelException">The quantity is fixed, a correlation, or none of this fit; or a search with the quantity held did not
    /// converge, or found a higher likelihood than the fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not strictly between 0 and 1.</exception>
    /// <remarks>The criterion is the one of the fit, ML or REML (lme4 turns to ML). For responses that are not Normal it is the fit's own rule,
    /// Laplace's approximation or quadrature. Some 10 to 20 fits, each begun where the last one ended. Source: [Bates2015].</remarks>
    Interval ProfileInterval(Quantity quantity, double? probability = null, CancellationToken cancellation = default);
}
