using MathNet.Numerics.Distributions;
using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Half-normal prior on a standard deviation: a normal with mean 0, cut at 0.</summary>
public sealed record HalfNormalPrior : IScalePrior
{
    private readonly double logConstant;

    /// <summary>Creates the prior.</summary>
    /// <param name="scale">Standard deviation of the normal that is cut at 0; positive.</param>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public HalfNormalPrior(double scale)
    {
        Scale = PriorArguments.Positive(scale, "HalfNormal");
        logConstant = 0.5 * Math.Log(2 / Math.PI) - Math.Log(scale);
    }

    /// <summary>Standard deviation of the normal that is cut at 0.</summary>
    public double Scale { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("HalfNormal", Scale);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => Quantile(0.5);

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
    public double LogScaleDensity(double sd) => logConstant - 0.5 * (sd / Scale) * (sd / Scale);

    /// <inheritdoc/>
    public double LogScaleDensityDerivative(double sd) => -sd / (Scale * Scale);

    /// <inheritdoc/>
    public double Quantile(double probability) => Scale * Normal.InvCDF(0, 1, 0.5 + 0.5 * probability);

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Scale * Math.Abs(stream.NextNormal());
    }

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("scale", Scale)],
        Stan = "{x} ~ normal(0, {scale});",
        Jags = "{x} ~ dnorm(0, pow({scale}, -2))T(0,)",
        Brms = "normal(0, {scale})",
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
