using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Laplace (double exponential) prior on a coefficient: it pulls small effects towards its location harder than a Normal of the same sd,
/// large ones less.</summary>
/// <remarks>Density: exp(-|b - m| / s) / (2 s). Its sd is s sqrt(2). The density has a kink at m; the posterior mode, not its mean, is the
/// lasso.</remarks>
public sealed record LaplacePrior : IRealPrior
{
    private readonly double logConstant;

    /// <summary>Creates the prior.</summary>
    /// <param name="location">Location m, the prior mean and median, in units of the coefficient.</param>
    /// <param name="scale">Scale s, the mean distance from the location, in units of the coefficient; positive.</param>
    /// <exception cref="ModelException">A parameter is out of range.</exception>
    public LaplacePrior(double location, double scale)
    {
        Location = PriorArguments.Finite(location, "Laplace");
        Scale = PriorArguments.Positive(scale, "Laplace");
        logConstant = -Math.Log(2 * scale);
    }

    /// <summary>Location, the prior mean and median.</summary>
    public double Location { get; }

    /// <summary>Scale, the mean distance from the location.</summary>
    public double Scale { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("Laplace", Location, Scale);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => Location;

    /// <inheritdoc/>
    public double Mean => Location;

    /// <inheritdoc/>
    public double Sd => Math.Sqrt(2) * Scale;

    /// <inheritdoc/>
    public double RoughScale => Sd;

    /// <inheritdoc/>
    public double TailIndex => double.PositiveInfinity;

    /// <inheritdoc/>
    public NormalMixture? Mixture => NormalMixture.Laplace(Location, Scale);

    /// <inheritdoc/>
    public double Lower => double.NegativeInfinity;

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public double LogDensity(double value) => logConstant - Math.Abs(value - Location) / Scale;

    /// <inheritdoc/>
    public double LogDensityDerivative(double value) => value > Location ? -1 / Scale : value < Location ? 1 / Scale : 0;

    /// <inheritdoc/>
    public double Quantile(double probability) =>
        probability < 0.5 ? Location + Scale * Math.Log(2 * probability) : Location - Scale * Math.Log(2 * (1 - probability));

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        // An exponential with a random sign.
        var size = stream.NextExponential();
        return Location + Scale * (stream.NextDouble() < 0.5 ? -size : size);
    }

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("location", Location), new("scale", Scale)],
        Stan = "{x} ~ double_exponential({location}, {scale});",
        Jags = "{x} ~ ddexp({location}, 1 / {scale})",
        Brms = "double_exponential({location}, {scale})",
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
