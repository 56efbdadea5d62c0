using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Cauchy prior on a coefficient: most of it within a few scales, yet tails so heavy that it has neither mean nor variance.</summary>
/// <remarks>Density: 1 / (pi s (1 + z^2)) with z = (b - m) / s: a Student t with one degree of freedom. Half of it lies within m - s and m +
/// s.</remarks>
public sealed record CauchyPrior : IRealPrior
{
    private readonly double logConstant;

    /// <summary>Creates the prior.</summary>
    /// <param name="location">Location m, the prior median, in units of the coefficient.</param>
    /// <param name="scale">Scale s, half the distance of the quartiles, in units of the coefficient; positive.</param>
    /// <exception cref="ModelException">A parameter is out of range.</exception>
    public CauchyPrior(double location, double scale)
    {
        Location = PriorArguments.Finite(location, "Cauchy");
        Scale = PriorArguments.Positive(scale, "Cauchy");
        logConstant = -Math.Log(Math.PI * scale);
    }

    /// <summary>Location, the prior median.</summary>
    public double Location { get; }

    /// <summary>Scale, half the distance of the quartiles.</summary>
    public double Scale { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("Cauchy", Location, Scale);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => Location;

    /// <inheritdoc/>
    public double Mean => double.NaN;

    /// <inheritdoc/>
    public double Sd => double.PositiveInfinity;

    /// <inheritdoc/>
    public double RoughScale => Scale;

    /// <inheritdoc/>
    public double TailIndex => 1;

    /// <inheritdoc/>
    public NormalMixture? Mixture => NormalMixture.StudentT(1, Location, Scale);

    /// <inheritdoc/>
    public double Lower => double.NegativeInfinity;

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public double LogDensity(double value)
    {
        var z = (value - Location) / Scale;
        return logConstant - Math.Log(1 + z * z);
    }

    /// <inheritdoc/>
    public double LogDensityDerivative(double value)
    {
        var distance = value - Location;
        return -2 * distance / (Scale * Scale + distance * distance);
    }

    /// <inheritdoc/>
    public double Quantile(double probability) => Location + Scale * Math.Tan(Math.PI * (probability - 0.5));

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Location + Scale * stream.NextStudentT(1);
    }

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("location", Location), new("scale", Scale)],
        Stan = "{x} ~ cauchy({location}, {scale});",
        Jags = "{x} ~ dt({location}, pow({scale}, -2), 1)",
        Brms = "cauchy({location}, {scale})",
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
