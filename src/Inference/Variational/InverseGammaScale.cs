using MathNet.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Variational;

/// <summary>One variance under an inverse gamma prior: inverse gamma.</summary>
/// <remarks>q(sd^2) = InverseGamma(a, b), a = a_0 + n / 2, b = b_0 + S / 2.</remarks>
internal sealed class InverseGammaScale(InverseGammaVariance prior) : ScaleApproximation
{
    private double shape;
    private double rate;

    public override void Update(double count, ReadOnlySpan<double> squares) =>
        (shape, rate) = (prior.Shape + count / 2, prior.Scale + squares[0] / 2);

    public override void Effective(Span<double> lambda) => lambda[0] = Math.Sqrt(rate / shape);

    public override double Bound(double count)
    {
        var precision = new GammaMoments(shape, rate);
        return -0.5 * count * (Math.Log(shape) - SpecialFunctions.DiGamma(shape)) + precision.Entropy
            + prior.Shape * Math.Log(prior.Scale) - SpecialFunctions.GammaLn(prior.Shape) + (prior.Shape - 1) * precision.MeanLog
                - prior.Scale * precision.Mean;
    }

    public override void Sample(PhiloxStream stream, Span<double> lambda) => lambda[0] = Math.Sqrt(rate / stream.NextGamma(shape));
}
