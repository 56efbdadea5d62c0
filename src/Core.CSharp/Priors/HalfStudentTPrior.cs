using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Half-Student-t prior on a standard deviation: a Student t with location 0, cut at 0.</summary>
public sealed record HalfStudentTPrior : IScalePrior
{
    private readonly double logConstant;

    /// <summary>Creates the prior.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom; positive.</param>
    /// <param name="scale">Scale of the Student t; positive.</param>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public HalfStudentTPrior(double degreesOfFreedom, double scale)
    {
        DegreesOfFreedom = PriorArguments.Positive(degreesOfFreedom, "HalfStudentT");
        Scale = PriorArguments.Positive(scale, "HalfStudentT");
        logConstant = Math.Log(2) + SpecialFunctions.GammaLn(0.5 * (degreesOfFreedom + 1)) - SpecialFunctions.GammaLn(0.5 * degreesOfFreedom)
            - 0.5 * Math.Log(degreesOfFreedom * Math.PI) - Math.Log(scale);
    }

    /// <summary>Degrees of freedom.</summary>
    public double DegreesOfFreedom { get; }

    /// <summary>Scale of the Student t.</summary>
    public double Scale { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("HalfStudentT", DegreesOfFreedom, Scale);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public double? FixedValue => null;

    /// <inheritdoc/>
    public double Median => Quantile(0.5);

    /// <inheritdoc/>
    public double TailIndex => DegreesOfFreedom;

    /// <inheritdoc/>
    public InverseGammaVariance? Conjugate => null;

    /// <inheritdoc/>
    public double Lower => 0;

    /// <inheritdoc/>
    public double Upper => double.PositiveInfinity;

    /// <inheritdoc/>
    public bool HasFloor => false;

    /// <inheritdoc/>
    public double LogScaleDensity(double sd)
    {
        var z = sd / Scale;
        return logConstant - 0.5 * (DegreesOfFreedom + 1) * Math.Log(1 + z * z / DegreesOfFreedom);
    }

    /// <inheritdoc/>
    public double LogScaleDensityDerivative(double sd) => -(DegreesOfFreedom + 1) * sd / (DegreesOfFreedom * Scale * Scale + sd * sd);

    /// <inheritdoc/>
    public double Quantile(double probability) => Scale * StudentT.InvCDF(0, 1, DegreesOfFreedom, 0.5 + 0.5 * probability);

    /// <inheritdoc/>
    public double Sample(PhiloxStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Scale * Math.Abs(stream.NextStudentT(DegreesOfFreedom));
    }

    /// <inheritdoc/>
    PriorForm IUnivariatePrior.Form => new()
    {
        Arguments = [new("df", DegreesOfFreedom), new("scale", Scale)],
        Stan = "{x} ~ student_t({df}, 0, {scale});",
        Jags = "{x} ~ dt(0, pow({scale}, -2), {df})T(0,)",
        Brms = "student_t({df}, 0, {scale})",
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}
