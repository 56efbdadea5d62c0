using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Uniform prior between two bounds, on a coefficient or, with a lower bound of zero or more, on a standard deviation.</summary>
public sealed record UniformPrior : IRealPrior, IScalePrior
{
    /// <summary>Creates the prior.</summary>
    /// <param name="lower">Lower bound.</param>
    /// <param name="upper">Upper bound, greater than the lower one.</param>
    /// <exception cref="ModelException">A bound is not finite, or the upper one is not above the lower one.</exception>
    public UniformPrior(double lower, double upper)
    {
        Lower = PriorArguments.Finite(lower, "Uniform");
        Upper = PriorArguments.Finite(upper, "Uniform");
        if (upper <= lower)
            throw PriorArguments.Refusal("Uniform", nameof(upper), upper, "must be greater than 'lower'");
    }

    /// <inheritdoc/>
    public double Lower { get; }

    /// <inheritdoc/>
    public double Upper { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("Uniform", Lower, Upper);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => 0.5 * (Lower + Upper);

    /// <inheritdoc/>
    public double Mean => Median;

    /// <inheritdoc/>
    public double Sd => (Upper - Lower) / Math.Sqrt(12);

    /// <inheritdoc/>
    public double RoughScale => Sd;

    /// <inheritdoc/>
    public double TailIndex => double.PositiveInfinity;

    /// <inheritdoc/>
    public NormalMixture? Mixture => null;

    /// <inheritdoc/>
    public InverseGammaVariance? Conjugate => null;

    /// <inheritdoc/>
    public bool HasFloor => Lower > 0;

    /// <inheritdoc/>
    public double LogDensity(double value) => value >= Lower && value <= Upper ? -Math.Log(Upper - Lower) : double.NegativeInfinity;

    /// <inheritdoc/>
    public double LogDensityDerivative(double value) => 0;

    /// <inheritdoc/>
    public double LogScaleDensity(double sd) => LogDensity(sd);

    /// <inheritdoc/>
    public double LogScaleDensityDerivative(double sd) => 0;

    /// <inheritdoc/>
    public double Quantile(double probability) => Lower + probability * (Upper - Lower);

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Lower + (Upper - Lower) * stream.NextDouble();
    }

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("lower", Lower), new("upper", Upper)],
        Stan = "{x} ~ uniform({lower}, {upper});",
        Jags = "{x} ~ dunif({lower}, {upper})",
        Brms = "uniform({lower}, {upper})",
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
