namespace TypedPooling.Inference.Gibbs;

/// <summary>The log density of one coordinate of the scales, sigma's or a factor's, with every coefficient integrated out and the other scales given.
/// Scratch of one chain.</summary>
/// <remarks>
/// log p(y | theta) as the Marginal engine has it, and the prior. Given effects sigma hardly moves where there is about a coefficient for every row,
/// nor do the sds of factors that the data hardly tell apart; this way they do. The coefficients are drawn right after, as [VanDykPark2008] asks.
/// </remarks>
/// <param name="chain">The chain, which draws all coefficients jointly.</param>
/// <param name="sigma">Its sigma.</param>
/// <param name="factor">The factor; null for sigma.</param>
/// <param name="coordinate">Index into the factor's theta; ignored for sigma.</param>
internal sealed class CollapsedScale(GibbsChain chain, SigmaState sigma, FactorState? factor, int coordinate) : IUnivariateDensity
{
    private readonly SliceWidth width = new();

    /// <inheritdoc/>
    public double LogDensity(double value)
    {
        double log;
        if (factor is null)
        {
            log = sigma.Move(value);
        }
        else
        {
            factor.Conditional.Theta[coordinate] = value;
            log = factor.Conditional.Constrain();
        }

        return double.IsFinite(log) ? log + chain.LogLikelihood() : double.NegativeInfinity;
    }

    /// <summary>Draws the coordinate; the coefficients must be drawn before anything conditions on them.</summary>
    /// <param name="stream">Randomness.</param>
    /// <param name="learns">True during warmup: the slice width adapts.</param>
    public void Draw(Randomness.PhiloxStream stream, bool learns)
    {
        var from = factor is null ? sigma.Coordinate : factor.Conditional.Theta[coordinate];
        var log = LogDensity(from);
        var to = SliceStep.Draw(this, from, ref log, width.Value, stream);
        if (learns)
            width.Learn(to - from);
    }
}
