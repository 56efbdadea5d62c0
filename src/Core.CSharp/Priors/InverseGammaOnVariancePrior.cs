using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Inverse-gamma prior on the variance sd^2, by shape and scale; the density is given for the standard deviation, so it holds the Jacobian 2
/// sd.</summary>
public sealed record InverseGammaOnVariancePrior : IScalePrior
{
    private readonly double logConstant;

    /// <summary>Creates the prior.</summary>
    /// <param name="shape">Shape of the inverse gamma on the variance; positive.</param>
    /// <param name="scale">Scale of the inverse gamma on the variance, in squared units of the response; positive.</param>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public InverseGammaOnVariancePrior(double shape, double scale)
    {
        Shape = PriorArguments.Positive(shape, "InverseGammaOnVariance");
        Scale = PriorArguments.Positive(scale, "InverseGammaOnVariance");
        logConstant = Math.Log(2) + shape * Math.Log(scale) - SpecialFunctions.GammaLn(shape);
    }

    /// <summary>Shape of the inverse gamma on the variance.</summary>
    public double Shape { get; }

    /// <summary>Scale of the inverse gamma on the variance, in squared units of the response.</summary>
    public double Scale { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("InverseGammaOnVariance", Shape, Scale);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => Quantile(0.5);

    /// <inheritdoc/>
    public double TailIndex => 2 * Shape;

    /// <inheritdoc/>
    public InverseGammaVariance? Conjugate => new(Shape, Scale);

    /// <inheritdoc/>
    public double Lower => 0;

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public bool HasFloor => true;

    /// <inheritdoc/>
    public double LogScaleDensity(double sd) => logConstant - (2 * Shape + 1) * Math.Log(sd) - Scale / (sd * sd);

    /// <inheritdoc/>
    public double LogScaleDensityDerivative(double sd) => (-(2 * Shape + 1) + 2 * Scale / (sd * sd)) / sd;

    /// <inheritdoc/>
    public double Quantile(double probability) => Math.Sqrt(Scale / Gamma.InvCDF(Shape, 1, 1 - probability));

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Math.Sqrt(Scale / stream.NextGamma(Shape));
    }

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("shape", Shape), new("scale", Scale)],
        Stan = "target += inv_gamma_lpdf(square({x}) | {shape}, {scale}) + log({x});",
        Jags = "precision_{x} ~ dgamma({shape}, {scale})\n{x} <- pow(precision_{x}, -0.5)",
        Brms = null,
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
