using MathNet.Numerics.Distributions;
using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Normal prior on a coefficient.</summary>
public sealed record NormalPrior : IRealPrior
{
    /// <summary>Creates the prior.</summary>
    /// <param name="mean">Prior mean, in units of the coefficient.</param>
    /// <param name="sd">Prior standard deviation (not a variance); positive.</param>
    /// <exception cref="ModelException">A parameter is out of range.</exception>
    public NormalPrior(double mean, double sd)
    {
        Mean = PriorArguments.Finite(mean, "Normal");
        Sd = PriorArguments.Positive(sd, "Normal");
    }

    /// <summary>Prior mean.</summary>
    public double Mean { get; }

    /// <summary>Prior standard deviation.</summary>
    public double Sd { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("Normal", Mean, Sd);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => Mean;

    /// <inheritdoc/>
    public double RoughScale => Sd;

    /// <inheritdoc/>
    public double TailIndex => double.PositiveInfinity;

    /// <inheritdoc/>
    public NormalMixture? Mixture => NormalMixture.Normal(Mean, Sd);

    /// <inheritdoc/>
    public double Lower => double.NegativeInfinity;

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public double LogDensity(double value)
    {
        var z = (value - Mean) / Sd;
        return -0.5 * z * z - Math.Log(Sd) - 0.5 * Math.Log(2 * Math.PI);
    }

    /// <inheritdoc/>
    public double LogDensityDerivative(double value) => (Mean - value) / (Sd * Sd);

    /// <inheritdoc/>
    public double Quantile(double probability) => Mean + Sd * Normal.InvCDF(0, 1, probability);

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Mean + Sd * stream.NextNormal();
    }

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("mean", Mean), new("sd", Sd)],
        Stan = "{x} ~ normal({mean}, {sd});",
        Jags = "{x} ~ dnorm({mean}, pow({sd}, -2))",
        Brms = "normal({mean}, {sd})",
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
