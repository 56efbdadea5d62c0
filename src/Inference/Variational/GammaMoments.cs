using MathNet.Numerics;

namespace TypedPooling.Inference.Variational;

/// <summary>A gamma distribution by shape and rate, with the expectations a bound needs.</summary>
internal readonly record struct GammaMoments(double Shape, double Rate)
{
    /// <summary>Mean.</summary>
    public double Mean => Shape / Rate;

    /// <summary>Mean of the log.</summary>
    public double MeanLog => SpecialFunctions.DiGamma(Shape) - Math.Log(Rate);

    /// <summary>Minus the mean of the log density.</summary>
    public double Entropy => Shape - Math.Log(Rate) + SpecialFunctions.GammaLn(Shape) + (1 - Shape) * SpecialFunctions.DiGamma(Shape);
}
