namespace TypedPooling.Samples.Gapminder;

/// <summary>One country in one year.</summary>
/// <param name="Country">Its name.</param>
/// <param name="Continent">Where it lies.</param>
/// <param name="Year">1952, 1957, ..., 2007.</param>
/// <param name="L">Life expectancy at birth, standardised over all countries and years.</param>
public sealed record CountryYear(string Country, string Continent, int Year, double L)
{
    /// <summary>Time in steps of five years, 0 in 1952.</summary>
    public double T => (Year - 1952) / 5.0;
}
