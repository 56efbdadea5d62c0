using MathNet.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Gamma prior on a standard deviation (not on a precision), by shape and rate. Shape 2 with a small rate keeps point estimates off 0.</summary>
public sealed record GammaPrior : IScalePrior
{
    private readonly double logConstant;

    /// <summary>Creates the prior.</summary>
    /// <param name="shape">Shape; positive.</param>
    /// <param name="rate">Rate, per unit of the standard deviation; positive.</param>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public GammaPrior(double shape, double rate)
    {
        Shape = PriorArguments.Positive(shape, "Gamma");
        Rate = PriorArguments.Positive(rate, "Gamma");
        logConstant = shape * Math.Log(rate) - SpecialFunctions.GammaLn(shape);
    }

    /// <summary>Shape.</summary>
    public double Shape { get; }

    /// <summary>Rate, per unit of the standard deviation.</summary>
    public double Rate { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("Gamma", Shape, Rate);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double Lower => 0;

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public bool HasFloor => false;

    /// <inheritdoc/>
    public double LogScaleDensity(double sd) => logConstant + (Shape - 1) * Math.Log(sd) - Rate * sd;

    /// <inheritdoc/>
    public double LogScaleDensityDerivative(double sd) => (Shape - 1) / sd - Rate;

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.NextGamma(Shape) / Rate;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
