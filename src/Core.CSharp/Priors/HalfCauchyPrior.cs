using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Half-Cauchy prior on a standard deviation: a Cauchy with location 0, cut at 0. Its median is its scale.</summary>
public sealed record HalfCauchyPrior : IScalePrior
{
    private readonly double logConstant;

    /// <summary>Creates the prior.</summary>
    /// <param name="scale">Scale of the Cauchy, the prior median; positive.</param>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public HalfCauchyPrior(double scale)
    {
        Scale = PriorArguments.Positive(scale, "HalfCauchy");
        logConstant = Math.Log(2 / (Math.PI * scale));
    }

    /// <summary>Scale of the Cauchy, the prior median.</summary>
    public double Scale { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("HalfCauchy", Scale);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => Scale;

    /// <inheritdoc/>
    public double TailIndex => 1;

    /// <inheritdoc/>
    public InverseGammaVariance? Conjugate => null;

    /// <inheritdoc/>
    public double Lower => 0;

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public bool HasFloor => false;

    /// <inheritdoc/>
    public double LogScaleDensity(double sd)
    {
        var z = sd / Scale;
        return logConstant - Math.Log(1 + z * z);
    }

    /// <inheritdoc/>
    public double LogScaleDensityDerivative(double sd) => -2 * sd / (Scale * Scale + sd * sd);

    /// <inheritdoc/>
    public double Quantile(double probability) => Scale * Math.Tan(0.5 * Math.PI * probability);

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Scale * Math.Tan(0.5 * Math.PI * stream.NextDouble());
    }

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("scale", Scale)],
        Stan = "{x} ~ cauchy(0, {scale});",
        Jags = "{x} ~ dt(0, pow({scale}, -2), 1)T(0,)",
        Brms = "cauchy(0, {scale})",
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
