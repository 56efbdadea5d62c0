using TypedPooling.Randomness;

namespace TypedPooling.Inference.Gibbs;

/// <summary>Prior precisions of the population effects, those of scale mixtures of normals drawn anew in each sweep. Scratch of one chain.</summary>
/// <remarks>
/// StudentT(nu, m, s): b | w ~ N(m, 1 / w), w = l / s^2, l ~ Gamma(nu / 2, rate nu / 2), so l | b ~ Gamma((nu + 1) / 2, rate (nu + z^2) / 2) with z = (b - m) / s; Cauchy has nu = 1.
/// Laplace(m, s): the variance 1 / w is exponential with mean 2 s^2, so w | b is inverse Gaussian with mean 1 / (s |b - m|) and shape 1 / s^2. Normal: w = 1 / sd^2. Flat: w = 0.
/// </remarks>
internal sealed class PriorMixture
{
    private readonly IRealPrior[] priors;

    public PriorMixture(IRealPrior[] priors)
    {
        this.priors = priors;
        Precision = new double[priors.Length];
        for (var k = 0; k < priors.Length; k++)
        {
            Precision[k] = priors[k] switch
            {
                NormalPrior normal => 1 / (normal.Sd * normal.Sd),
                StudentTPrior t => 1 / (t.Scale * t.Scale),
                CauchyPrior cauchy => 1 / (cauchy.Scale * cauchy.Scale),
                LaplacePrior laplace => 0.5 / (laplace.Scale * laplace.Scale),
                _ => 0,
            };
            IsNeeded |= priors[k] is StudentTPrior or CauchyPrior or LaplacePrior;
        }
    }

    /// <summary>w of each population effect. Length p.</summary>
    public double[] Precision { get; }

    /// <summary>True where a precision is drawn.</summary>
    public bool IsNeeded { get; }

    /// <summary>Whether a prior is Normal, flat, fixed or a mixture of normals.</summary>
    public static bool Supports(IRealPrior? prior) => prior is null or NormalPrior or FlatPrior or FixedPrior or StudentTPrior or CauchyPrior or LaplacePrior;

    /// <summary>Draws the precisions.</summary>
    /// <param name="coefficients">The population effects in the model's coordinates. Length p.</param>
    /// <param name="stream">Randomness.</param>
    public void Draw(ReadOnlySpan<double> coefficients, PhiloxStream stream)
    {
        for (var k = 0; k < priors.Length; k++)
        {
            switch (priors[k])
            {
                case StudentTPrior t:
                    Precision[k] = Student(t.DegreesOfFreedom, (coefficients[k] - t.Location) / t.Scale, t.Scale, stream);
                    break;
                case CauchyPrior cauchy:
                    Precision[k] = Student(1, (coefficients[k] - cauchy.Location) / cauchy.Scale, cauchy.Scale, stream);
                    break;
                case LaplacePrior laplace:
                    Precision[k] = InverseGaussian(Math.Abs(coefficients[k] - laplace.Location) / laplace.Scale, stream) / (laplace.Scale * laplace.Scale);
                    break;
            }
        }
    }

    private static double Student(double degrees, double z, double scale, PhiloxStream stream) =>
        2 * stream.NextGamma(0.5 * (degrees + 1)) / (degrees + z * z) / (scale * scale);

    // Mean 1 / z and shape 1: the smaller root x of (x - m)^2 / (m^2 x) = n^2, n normal, with probability m / (m + x), else the other, m^2 / x.
    private static double InverseGaussian(double z, PhiloxStream stream)
    {
        var mean = 1 / Math.Max(z, 1e-100);
        var normal = stream.NextNormal();
        var t = 0.5 * mean * normal * normal;
        var x = mean / (1 + t + Math.Sqrt(t * (t + 2)));
        return stream.NextDouble() * (mean + x) <= mean ? x : mean / x * mean;
    }
}
