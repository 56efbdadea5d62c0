namespace TypedPooling;

/// <summary>A central interval of a posterior quantity.</summary>
/// <param name="Lower">Lower end, in the quantity's units.</param>
/// <param name="Upper">Upper end, in the quantity's units.</param>
/// <param name="Probability">Posterior probability between the ends.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public readonly record struct Interval(double Lower, double Upper, double Probability)
{
    /// <summary>The ends, rounded to three significant digits of the width, and the probability: <c>2.41 to 3.05 (89%)</c>.</summary>
    public override string ToString()
    {
        var decimals = Figures.Decimals(Upper - Lower);
        return $"{Figures.Fixed(Lower, decimals)} to {Figures.Fixed(Upper, decimals)} ({IntervalProbability.Percent(Probability)})";
    }
}
