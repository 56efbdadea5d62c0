using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Student-t prior on a coefficient: tails heavier than those of a Normal, the more so the fewer its degrees of freedom.</summary>
/// <remarks>Density: Gamma((nu + 1) / 2) / (Gamma(nu / 2) sqrt(nu pi) s) (1 + z^2 / nu)^(-(nu + 1) / 2) with z = (b - m) / s. Its sd is s sqrt(nu /
/// (nu - 2)) for nu above 2.</remarks>
public sealed record StudentTPrior : IRealPrior
{
    private readonly double logConstant;

    /// <summary>Creates the prior.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom nu; positive.</param>
    /// <param name="location">Location m, the prior median, in units of the coefficient.</param>
    /// <param name="scale">Scale s (not the sd), in units of the coefficient; positive.</param>
    /// <exception cref="ModelException">A parameter is out of range.</exception>
    public StudentTPrior(double degreesOfFreedom, double location, double scale)
    {
        DegreesOfFreedom = PriorArguments.Positive(degreesOfFreedom, "StudentT");
        Location = PriorArguments.Finite(location, "StudentT");
        Scale = PriorArguments.Positive(scale, "StudentT");
        logConstant = LogGammaRatio(0.5 * degreesOfFreedom) - 0.5 * Math.Log(degreesOfFreedom * Math.PI) - Math.Log(scale);
    }

    /// <summary>Degrees of freedom.</summary>
    public double DegreesOfFreedom { get; }

    /// <summary>Location, the prior median.</summary>
    public double Location { get; }

    /// <summary>Scale, not the standard deviation.</summary>
    public double Scale { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("StudentT", DegreesOfFreedom, Location, Scale);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => Location;

    /// <inheritdoc/>
    public double Mean => DegreesOfFreedom > 1 ? Location : double.NaN;

    /// <inheritdoc/>
    public double Sd => DegreesOfFreedom > 2 ? Scale * Math.Sqrt(DegreesOfFreedom / (DegreesOfFreedom - 2)) : double.PositiveInfinity;

    /// <inheritdoc/>
    public double RoughScale => Scale;

    /// <inheritdoc/>
    public double TailIndex => DegreesOfFreedom;

    /// <inheritdoc/>
    public NormalMixture? Mixture => NormalMixture.StudentT(DegreesOfFreedom, Location, Scale);

    /// <inheritdoc/>
    public double Lower => double.NegativeInfinity;

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public double LogDensity(double value)
    {
        var z = (value - Location) / Scale;
        var share = z * z / DegreesOfFreedom;
        return logConstant - 0.5 * (DegreesOfFreedom + 1) * LogOnePlus(share);
    }

    /// <inheritdoc/>
    public double LogDensityDerivative(double value)
    {
        var distance = value - Location;
        return -(DegreesOfFreedom + 1) * distance / (DegreesOfFreedom * Scale * Scale + distance * distance);
    }

    /// <inheritdoc/>
    public double Quantile(double probability) => Location + Scale * StudentT.InvCDF(0, 1, DegreesOfFreedom, probability);

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Location + Scale * stream.NextStudentT(DegreesOfFreedom);
    }

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("df", DegreesOfFreedom), new("location", Location), new("scale", Scale)],
        Stan = "{x} ~ student_t({df}, {location}, {scale});",
        Jags = "{x} ~ dt({location}, pow({scale}, -2), {df})",
        Brms = "student_t({df}, {location}, {scale})",
    };

    /// <inheritdoc/>
    public override string ToString() => Text;

    // Many degrees of freedom multiply the logarithm of nearly 1: Kahan's form keeps its digits.
    private static double LogOnePlus(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : double.IsPositiveInfinity(u) ? u : Math.Log(u) * x / (u - 1);
    }

    // log Gamma(a + 1/2) - log Gamma(a); for large a by Stirling's series, where the difference of two logs would lose its digits: the next term is
    // below 1e-13.
    private static double LogGammaRatio(double a)
    {
        if (a < 1000)
            return SpecialFunctions.GammaLn(a + 0.5) - SpecialFunctions.GammaLn(a);
        return 0.5 * Math.Log(a) - 1 / (8 * a) + 1 / (192 * a * a * a);
    }
}
