using MathNet.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>A prior of a coefficient b that is normal given its precision w: b | w ~ N(m, 1 / w). w is a number or has a distribution.</summary>
/// <remarks>
/// <para>Normal(m, sd): w = 1 / sd^2. Flat: w = 0. Both have no mixing variable.</para>
/// <para>
/// StudentT(nu, m, s): w = l / s^2, l ~ Gamma(nu / 2, rate nu / 2), so l | b ~ Gamma((nu + 1) / 2, rate (nu + z^2) / 2) with z = (b - m) / s.
/// A Cauchy has nu = 1.
/// </para>
/// <para>
/// Laplace(m, s): the variance 1 / w is exponential with mean 2 s^2, so w | b is inverse Gaussian with mean 1 / (s |b - m|) and shape 1 / s^2.
/// </para>
/// <para>Always E[w | b] = -(d log p / db) / (b - m). Immutable and thread-safe.</para>
/// </remarks>
public abstract class NormalMixture
{
    private NormalMixture(double location, double scale)
    {
        Location = location;
        Scale = scale;
    }

    /// <summary>The flat prior: a precision of 0.</summary>
    public static NormalMixture Flat { get; } = new Known(0, double.PositiveInfinity);

    /// <summary>m, in units of the coefficient; 0 where the prior is flat.</summary>
    public double Location { get; }

    /// <summary>s, in units of the coefficient: the sd of a normal prior, the scale of the others; positive infinity where it is flat.</summary>
    public double Scale { get; }

    /// <summary>True where the precision has a distribution, false where it is a number.</summary>
    public abstract bool IsMixed { get; }

    /// <summary>The precision where it is a number; else a typical one, to start from. Per squared unit of the coefficient.</summary>
    public abstract double Precision { get; }

    /// <summary>A normal prior.</summary>
    /// <param name="mean">Prior mean m.</param>
    /// <param name="sd">Prior sd, positive.</param>
    /// <returns>The mixture; it has no mixing variable.</returns>
    public static NormalMixture Normal(double mean, double sd) => new Known(mean, sd);

    /// <summary>A Student-t prior.</summary>
    /// <param name="degreesOfFreedom">nu, positive.</param>
    /// <param name="location">m.</param>
    /// <param name="scale">s, positive.</param>
    /// <returns>The mixture.</returns>
    public static NormalMixture StudentT(double degreesOfFreedom, double location, double scale) =>
        new GammaPrecision(degreesOfFreedom, location, scale);

    /// <summary>A Laplace prior.</summary>
    /// <param name="location">m.</param>
    /// <param name="scale">s, positive.</param>
    /// <returns>The mixture.</returns>
    public static NormalMixture Laplace(double location, double scale) => new ExponentialVariance(location, scale);

    /// <summary>Draws the precision given the coefficient.</summary>
    /// <param name="coefficient">b.</param>
    /// <param name="stream">Gives the random numbers; moved on where the precision has a distribution.</param>
    /// <returns>w, per squared unit of the coefficient.</returns>
    public abstract double DrawPrecision(double coefficient, PhiloxStream stream);

    /// <summary>Natural log of the density of the precision.</summary>
    /// <param name="precision">w, positive.</param>
    /// <returns>The log density over w, all constants included; NaN where the precision is a number.</returns>
    public abstract double LogPrecisionDensity(double precision);

    private sealed class Known(double location, double scale) : NormalMixture(location, scale)
    {
        public override bool IsMixed => false;

        public override double Precision => 1 / (Scale * Scale);

        public override double DrawPrecision(double coefficient, PhiloxStream stream) => Precision;

        public override double LogPrecisionDensity(double precision) => double.NaN;
    }

    private sealed class GammaPrecision(double degrees, double location, double scale) : NormalMixture(location, scale)
    {
        public override bool IsMixed => true;

        public override double Precision => 1 / (Scale * Scale);

        public override double DrawPrecision(double coefficient, PhiloxStream stream)
        {
            ArgumentNullException.ThrowIfNull(stream);
            var z = (coefficient - Location) / Scale;
            return 2 * stream.NextGamma(0.5 * (degrees + 1)) / (degrees + z * z) / (Scale * Scale);
        }

        public override double LogPrecisionDensity(double precision)
        {
            var half = 0.5 * degrees;
            var rate = half * Scale * Scale;
            return half * Math.Log(rate) - SpecialFunctions.GammaLn(half) + (half - 1) * Math.Log(precision) - rate * precision;
        }
    }

    private sealed class ExponentialVariance(double location, double scale) : NormalMixture(location, scale)
    {
        public override bool IsMixed => true;

        public override double Precision => 0.5 / (Scale * Scale);

        public override double DrawPrecision(double coefficient, PhiloxStream stream)
        {
            ArgumentNullException.ThrowIfNull(stream);
            return InverseGaussian(Math.Abs(coefficient - Location) / Scale, stream) / (Scale * Scale);
        }

        // The variance 1 / w has a rate of 1 / (2 s^2), and w^-2 is the Jacobian.
        public override double LogPrecisionDensity(double precision) =>
            -Math.Log(2 * Scale * Scale) - 0.5 / (Scale * Scale * precision) - 2 * Math.Log(precision);

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
}
