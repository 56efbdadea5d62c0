namespace TypedPooling;

/// <summary>Mean and standard deviation of a quantity's posterior.</summary>
/// <param name="Mean">The posterior mean.</param>
/// <param name="Sd">The posterior standard deviation, in the same units.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public readonly record struct MeanAndSd(double Mean, double Sd)
{
    /// <summary>Mean and sd, rounded to three significant digits of the latter.</summary>
    public override string ToString()
    {
        var decimals = Figures.Decimals(Sd);
        return $"{Figures.Fixed(Mean, decimals)} (sd {Figures.Fixed(Sd, decimals)})";
    }
}
