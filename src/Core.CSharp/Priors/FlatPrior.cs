using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Flat prior: density 1 everywhere, so improper. On a coefficient it covers the real line, on a scale the positive half-line.</summary>
public sealed record FlatPrior : IRealPrior, IScalePrior
{
    /// <inheritdoc/>
    public string Text => "Flat";

    /// <inheritdoc/>
    public bool IsProper => false;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => double.NaN;

    /// <inheritdoc/>
    public double Mean => double.NaN;

    /// <inheritdoc/>
    public double Sd => double.PositiveInfinity;

    /// <inheritdoc/>
    public double RoughScale => double.PositiveInfinity;

    /// <inheritdoc/>
    public double TailIndex => -1;

    /// <inheritdoc/>
    public NormalMixture? Mixture => NormalMixture.Flat;

    /// <inheritdoc/>
    /// <remarks>p(sd) = 1 is v^(-1/2) / 2 on the variance v.</remarks>
    public InverseGammaVariance? Conjugate => new(-0.5, 0);

    /// <inheritdoc/>
    double IRealPrior.Lower => double.NegativeInfinity;

    /// <inheritdoc/>
    double IRealPrior.Upper => double.PositiveInfinity;

    /// <summary>Least standard deviation, 0. On a coefficient the prior has no bounds.</summary>
    public double Lower => 0;

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public bool HasFloor => false;

    /// <inheritdoc/>
    public double LogDensity(double value) => 0;

    /// <inheritdoc/>
    public double LogDensityDerivative(double value) => 0;

    /// <inheritdoc/>
    public double LogScaleDensity(double sd) => 0;

    /// <inheritdoc/>
    public double LogScaleDensityDerivative(double sd) => 0;

    /// <inheritdoc/>
    public double Quantile(double probability) => double.NaN;

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream) => throw new InvalidOperationException("A flat prior is improper, so it has no draws.");

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [],
        Stan = string.Empty,
        Jags = null,
        Brms = string.Empty,
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
