using MathNet.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Variational;

/// <summary>One variance: inverse gamma under an inverse gamma prior, and under a half-t prior together with the gamma precision that makes it a mixture of inverse gammas.</summary>
/// <remarks>
/// HalfStudentT(nu, A) is sd^2 | w ~ InverseGamma(nu / 2, nu w), w ~ Gamma(1/2, rate 1 / A^2). With q(sd^2) = InverseGamma(a, b) and q(w) = Gamma(c, rate d): a = (nu + n) / 2, b = nu E w + S / 2,
/// c = (nu + 1) / 2, d = nu a / b + 1 / A^2. Sources: [WandOrmerod2011], [Huang2013].
/// </remarks>
internal sealed class VarianceScale : ScaleApproximation
{
    // Updates of b and d in turn; they alone converge within a few.
    private const int Passes = 3;

    private readonly double priorShape;
    private readonly double priorRate;      // of an inverse gamma prior
    private readonly double degrees;        // nu of a half-t prior; 0 otherwise
    private readonly double mixingRate;     // 1 / A^2
    private double shape;
    private double rate;
    private GammaMoments mixing;

    private VarianceScale(double priorShape, double priorRate, double degrees, double scale)
    {
        this.priorShape = priorShape;
        this.priorRate = priorRate;
        this.degrees = degrees;
        mixingRate = 1 / (scale * scale);
        mixing = new GammaMoments(1, Math.Max(double.Epsilon, mixingRate));
    }

    /// <summary>The approximation under a prior; null where there is none.</summary>
    public static VarianceScale? For(IScalePrior? prior) => prior switch
    {
        InverseGammaOnVariancePrior gamma => new VarianceScale(gamma.Shape, gamma.Scale, 0, 1),
        HalfStudentTPrior t => new VarianceScale(t.DegreesOfFreedom / 2, 0, t.DegreesOfFreedom, t.Scale),
        HalfCauchyPrior cauchy => new VarianceScale(0.5, 0, 1, cauchy.Scale),
        _ => null,
    };

    public override void Update(double count, ReadOnlySpan<double> squares)
    {
        shape = priorShape + count / 2;
        rate = priorRate + squares[0] / 2;
        for (var pass = 0; pass < Passes && degrees > 0; pass++)
        {
            rate = degrees * mixing.Mean + squares[0] / 2;
            mixing = new GammaMoments((degrees + 1) / 2, degrees * shape / rate + mixingRate);
        }
    }

    public override void Effective(Span<double> factor) => factor[0] = Math.Sqrt(rate / shape);

    public override double Bound(double count)
    {
        var precision = new GammaMoments(shape, rate);
        var log = -0.5 * count * (Math.Log(shape) - SpecialFunctions.DiGamma(shape)) + precision.Entropy;
        if (degrees == 0)
            return log + priorShape * Math.Log(priorRate) - SpecialFunctions.GammaLn(priorShape) + (priorShape - 1) * precision.MeanLog - priorRate * precision.Mean;
        return log + priorShape * (Math.Log(degrees) + mixing.MeanLog) - SpecialFunctions.GammaLn(priorShape) + (priorShape - 1) * precision.MeanLog - degrees * mixing.Mean * precision.Mean
            + mixing.Entropy + 0.5 * Math.Log(mixingRate) - SpecialFunctions.GammaLn(0.5) - 0.5 * mixing.MeanLog - mixingRate * mixing.Mean;
    }

    public override void Sample(PhiloxStream stream, Span<double> factor) => factor[0] = Math.Sqrt(rate / stream.NextGamma(shape));
}
