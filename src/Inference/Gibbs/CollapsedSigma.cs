namespace TypedPooling.Inference.Gibbs;

/// <summary>The log density of sigma with every coefficient integrated out, the scales of the factors given. Scratch of one chain.</summary>
/// <remarks>
/// At the conditional mean of all coefficients, log p(y | sigma, Lambda) = -N log sigma - |residuals|^2 / (2 sigma^2) - |v|^2 / 2 - (beta - m)'P(beta - m) / 2 - log |precision| / 2 up to a constant: sums of squares, so
/// that digits are kept. Given effects sigma hardly moves where there is about a coefficient for every row; this way it does. The coefficients are drawn right after, as [VanDykPark2008] asks.
/// Costs a joint draw an evaluation.
/// </remarks>
/// <param name="chain">The chain, whose coefficients are overwritten with their conditional mean.</param>
/// <param name="sigma">Its sigma.</param>
internal sealed class CollapsedSigma(GibbsChain chain, SigmaState sigma) : IUnivariateDensity
{
    /// <inheritdoc/>
    public double LogDensity(double value)
    {
        var log = sigma.Move(value);
        return log + chain.LogLikelihoodAtMean();
    }
}
