using System.Globalization;
using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Gamma prior on a standard deviation, a shape or degrees of freedom (not on a precision), by shape and rate, of all positive numbers or
/// those above a bound. Shape 2 with a small rate keeps point estimates off 0.</summary>
public sealed record GammaPrior : IScalePrior
{
    private readonly double logConstant;

    /// <summary>Creates the prior.</summary>
    /// <param name="shape">Shape; positive.</param>
    /// <param name="rate">Rate, per unit of the standard deviation; positive.</param>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public GammaPrior(double shape, double rate)
        : this(shape, rate, 0)
    {
    }

    private GammaPrior(double shape, double rate, double lower)
    {
        Shape = PriorArguments.Positive(shape, "Gamma");
        Rate = PriorArguments.Positive(rate, "Gamma");
        Lower = PriorArguments.NotNegative(lower, "Gamma");
        var above = lower > 0 ? SpecialFunctions.GammaUpperRegularized(shape, rate * lower) : 1;
        if (!(above > 0))
            throw PriorArguments.Refusal("Gamma", "lower", lower, "must leave a positive probability above it");
        logConstant = shape * Math.Log(rate) - SpecialFunctions.GammaLn(shape) - Math.Log(above);
    }

    /// <summary>Shape.</summary>
    public double Shape { get; }

    /// <summary>Rate, per unit of the standard deviation.</summary>
    public double Rate { get; }

    /// <inheritdoc/>
    public string Text =>
        Lower > 0
            ? $"{PriorArguments.Text("Gamma", Shape, Rate)} above {Lower.ToString("G6", CultureInfo.InvariantCulture)}"
            : PriorArguments.Text("Gamma", Shape, Rate);

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
    public double Lower { get; }

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public bool HasFloor => Lower > 0;

    /// <inheritdoc/>
    public double LogScaleDensity(double sd) => logConstant + (Shape - 1) * Math.Log(sd) - Rate * sd;

    /// <inheritdoc/>
    public double LogScaleDensityDerivative(double sd) => (Shape - 1) / sd - Rate;

    /// <inheritdoc/>
    public double Quantile(double probability)
    {
        var below = Lower > 0 ? Gamma.CDF(Shape, Rate, Lower) : 0;
        return Gamma.InvCDF(Shape, Rate, below + (1 - below) * probability);
    }

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (Lower == 0)
            return stream.NextGamma(Shape) / Rate;

        // By inversion: the distribution function is uniform on what lies above the bound.
        var below = SpecialFunctions.GammaLowerRegularized(Shape, Rate * Lower);
        return Math.Max(Lower, Gamma.InvCDF(Shape, Rate, below + (1 - below) * stream.NextDouble()));
    }

    /// <summary>The same density above a bound, normalised there.</summary>
    /// <param name="lower">The bound; zero or more.</param>
    /// <returns>A new prior.</returns>
    /// <exception cref="ModelException">The bound is negative or not finite, or the distribution does not reach above it.</exception>
    public GammaPrior Above(double lower) => new(Shape, Rate, lower);

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("shape", Shape), new("rate", Rate), new("lower", Lower)],
        Stan = "{x} ~ gamma({shape}, {rate});",
        Jags = Lower > 0 ? "{x} ~ dgamma({shape}, {rate})T({lower},)" : "{x} ~ dgamma({shape}, {rate})",
        Brms = "gamma({shape}, {rate})",
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
