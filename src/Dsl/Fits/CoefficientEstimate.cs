namespace TypedPooling;

/// <summary>A coefficient in four numbers, in units of the response (of its log in a LogNormal model) per unit of its column.</summary>
/// <param name="Mean">Posterior mean.</param>
/// <param name="Sd">Posterior standard deviation.</param>
/// <param name="Interval">Central interval.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public readonly record struct CoefficientEstimate(double Mean, double Sd, Interval Interval)
{
    /// <summary>Mean, sd and interval, rounded to three significant digits of the sd.</summary>
    public override string ToString()
    {
        var decimals = Figures.Decimals(Sd);
        return $"{Figures.Fixed(Mean, decimals)} (sd {Figures.Fixed(Sd, decimals)}; {Interval})";
    }
}
