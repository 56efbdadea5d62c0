using System.Globalization;
using MathNet.Numerics.Distributions;

namespace TypedPooling;

/// <summary>Numbers as tables show them: as many decimals as the spread deserves, in powers of ten where there are too many of them, in the invariant
/// culture.</summary>
internal static class Figures
{
    private const int SignificantDigitsOfSpread = 3;

    // A number with more decimals, or as large, is shown in powers of ten; a double has 15 digits.
    private const int MostDecimals = 10;
    private const double Large = 1e10;
    private const int MostDigits = 15;

    // Of the size of a number that is constant: the spread that rounding leaves.
    private const double Rounding = 1e-12;

    /// <summary>Decimals that show three significant digits of a spread; negative for large ones. 2 where there is no spread.</summary>
    public static int Decimals(double spread) =>
        spread > 0 && double.IsFinite(spread) ? SignificantDigitsOfSpread - 1 - (int)Math.Floor(Math.Log10(spread)) : 2;

    /// <summary>Decimals that show three significant digits of a spread; of the number itself where it is a constant that two decimals do not
    /// hold.</summary>
    public static int Decimals(double spread, double value)
    {
        if (spread > Rounding * Math.Abs(value))
            return Decimals(spread);
        return value == 0 || !double.IsFinite(value) || Math.Round(value, 2) == value ? 2 : Math.Max(2, Decimals(value < 0 ? -value : value));
    }

    /// <summary>Decimals of a Normal quantity of the same interval: one of 89 % is 3.2 sds wide.</summary>
    public static int DecimalsOfInterval(double lower, double upper, double probability) =>
        Decimals((upper - lower) / Math.Max(0.1, Math.Round(2 * Normal.InvCDF(0, 1, 0.5 * (1 + probability)), 1)));

    public static string Fixed(double value, int decimals)
    {
        if (double.IsNaN(value))
            return "-";
        if (!double.IsFinite(value) || (decimals <= MostDecimals && Math.Abs(value) < Large) || value == 0)
            return value.ToString("F" + Math.Clamp(decimals, 0, MostDecimals).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

        // The last digit stands where that of fixed decimals would.
        var digits = Math.Clamp((int)Math.Floor(Math.Log10(Math.Abs(value))) + decimals, SignificantDigitsOfSpread - 1, MostDigits);
        return value.ToString("0." + new string('0', digits) + "e+00", CultureInfo.InvariantCulture);
    }

    /// <summary>A quantity in one line: its mean, or its posterior median where the posterior mean need not exist, with sd and interval.</summary>
    public static string Summary(string name, bool isMedian, double centre, double sd, double lower, double upper, double probability)
    {
        var decimals = isMedian ? DecimalsOfInterval(lower, upper, probability) : Decimals(sd, centre);
        var interval = $"{IntervalProbability.Percent(probability)} {Fixed(lower, decimals)} to {Fixed(upper, decimals)}";
        return isMedian
            ? $"{name}: posterior median {Fixed(centre, decimals)} ({interval}; its posterior mean may not exist)"
            : $"{name}: {Fixed(centre, decimals)} (sd {Fixed(sd, decimals)}; {interval})";
    }

    public static string Count(double value) => Fixed(value, 0);

    /// <summary>A number of things: <c>1 row</c>, <c>1,704 rows</c>.</summary>
    public static string Counted(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? string.Empty : "s")}");

    public static string Seconds(TimeSpan time) => time.TotalSeconds < 0.1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F1} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F2} s");
}
