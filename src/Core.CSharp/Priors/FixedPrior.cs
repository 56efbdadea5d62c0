using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>A value known without error: a coefficient or a standard deviation that is not estimated.</summary>
public sealed record FixedPrior : IRealPrior, IScalePrior
{
    /// <summary>Creates the prior.</summary>
    /// <param name="value">The known value, in units of the coefficient or the standard deviation.</param>
    /// <exception cref="ModelException">The value is not finite.</exception>
    public FixedPrior(double value) => Value = PriorArguments.Finite(value, "Fixed");

    /// <summary>The known value.</summary>
    public double Value { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("Fixed", Value);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => Value;

    /// <inheritdoc/>
    public double Median => Value;

    /// <inheritdoc/>
    public double Mean => Value;

    /// <inheritdoc/>
    public double Sd => 0;

    /// <inheritdoc/>
    public double RoughScale => 0;

    /// <inheritdoc/>
    public double TailIndex => double.PositiveInfinity;

    /// <inheritdoc/>
    public NormalMixture? Mixture => null;

    /// <inheritdoc/>
    public InverseGammaVariance? Conjugate => null;

    /// <inheritdoc/>
    public double Lower => Value;

    /// <inheritdoc/>
    public double Upper => Value;

    /// <inheritdoc/>
    public bool HasFloor => Value > 0;

    /// <summary>A point mass has no density: 0 at the value, so that it adds nothing to a sum of log densities, and negative infinity
    /// elsewhere.</summary>
    /// <param name="value">The coefficient.</param>
    /// <returns>0 or negative infinity.</returns>
    public double LogDensity(double value) => value == Value ? 0 : double.NegativeInfinity;

    /// <summary>A point mass has no density: 0 at the value, so that it adds nothing to a sum of log densities, and negative infinity
    /// elsewhere.</summary>
    /// <param name="sd">The standard deviation.</param>
    /// <returns>0 or negative infinity.</returns>
    public double LogScaleDensity(double sd) => sd == Value ? 0 : double.NegativeInfinity;

    /// <inheritdoc/>
    public double LogDensityDerivative(double value) => 0;

    /// <inheritdoc/>
    public double LogScaleDensityDerivative(double sd) => 0;

    /// <inheritdoc/>
    public double Quantile(double probability) => Value;

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream) => Value;

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("value", Value)],
        Stan = string.Empty,
        Jags = "{x} <- {value}",
        Brms = "constant({value})",
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
