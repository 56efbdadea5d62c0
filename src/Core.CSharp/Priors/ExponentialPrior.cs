using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Exponential prior on a standard deviation: density rate * exp(-rate * sd), mean 1 / rate.</summary>
public sealed record ExponentialPrior : IScalePrior
{
    private readonly double logConstant;

    /// <summary>Creates the prior.</summary>
    /// <param name="rate">Rate, the inverse of the prior mean; positive.</param>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public ExponentialPrior(double rate)
    {
        Rate = PriorArguments.Positive(rate, "Exponential");
        logConstant = Math.Log(rate);
    }

    /// <summary>Rate, the inverse of the prior mean.</summary>
    public double Rate { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("Exponential", Rate);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => Math.Log(2) / Rate;

    /// <inheritdoc/>
    public double TailIndex => double.PositiveInfinity;

    /// <inheritdoc/>
    public InverseGammaVariance? Conjugate => null;

    /// <inheritdoc/>
    public double Lower => 0;

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public bool HasFloor => false;

    /// <inheritdoc/>
    public double LogScaleDensity(double sd) => logConstant - Rate * sd;

    /// <inheritdoc/>
    public double LogScaleDensityDerivative(double sd) => -Rate;

    /// <inheritdoc/>
    public double Quantile(double probability) => -Math.Log(1 - probability) / Rate;

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.NextExponential() / Rate;
    }

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("rate", Rate)],
        Stan = "{x} ~ exponential({rate});",
        Jags = "{x} ~ dexp({rate})",
        Brms = "exponential({rate})",
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
