using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Prior on a shape x by which 1 / sqrt(x) is Exponential: density rate / 2 x^(-3/2) exp(-rate / sqrt(x)).</summary>
/// <remarks>
/// 1 / sqrt(x) is the coefficient of variation of a Gamma response, and the sd of the factor by which the rates of NegativeBinomial counts vary
/// beyond chance: a scale, on which Exponential is weak and has its peak at the simpler model (for counts, Poisson). The median of x is (rate / log
/// 2)^2, its upper tail falls as x^(-3/2). Source: [Simpson2017].
/// </remarks>
public sealed record ExponentialOnInverseRootPrior : IScalePrior
{
    private readonly double logConstant;

    /// <summary>Creates the prior.</summary>
    /// <param name="rate">Rate, the inverse of the prior mean of 1 / sqrt(x); positive.</param>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public ExponentialOnInverseRootPrior(double rate)
    {
        Rate = PriorArguments.Positive(rate, "ExponentialOnInverseRoot");
        logConstant = Math.Log(0.5 * rate);
    }

    /// <summary>Rate, the inverse of the prior mean of 1 / sqrt(x).</summary>
    public double Rate { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("ExponentialOnInverseRoot", Rate);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => Quantile(0.5);

    /// <inheritdoc/>
    /// <remarks>x^(-1/2) has a positive density at 0, where x is infinite.</remarks>
    public double TailIndex => 0.5;

    /// <inheritdoc/>
    public InverseGammaVariance? Conjugate => null;

    /// <inheritdoc/>
    public double Lower => 0;

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public bool HasFloor => true;

    /// <inheritdoc/>
    public double LogScaleDensity(double sd) => logConstant - Rate / Math.Sqrt(sd) - 1.5 * Math.Log(sd);

    /// <inheritdoc/>
    public double LogScaleDensityDerivative(double sd) => (0.5 * Rate / Math.Sqrt(sd) - 1.5) / sd;

    /// <inheritdoc/>
    public double Quantile(double probability) => Math.Pow(Rate / Math.Log(probability), 2);

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var root = stream.NextExponential() / Rate;
        return 1 / (root * root);
    }

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("rate", Rate)],
        Stan = "target += exponential_lpdf(inv_sqrt({x}) | {rate}) - 1.5 * log({x});",
        Jags = "root_{x} ~ dexp({rate})\n{x} <- pow(root_{x}, -2)",
        Brms = null,
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
