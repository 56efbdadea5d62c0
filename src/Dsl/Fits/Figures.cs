using System.Globalization;

namespace TypedPooling;

/// <summary>Numbers as tables show them: as many decimals as the spread deserves, in the invariant culture.</summary>
internal static class Figures
{
    private const int SignificantDigitsOfSpread = 3;

    /// <summary>Decimals that show three significant digits of a spread; 0 for large ones.</summary>
    public static int Decimals(double spread)
    {
        if (!(spread > 0) || !double.IsFinite(spread))
            return 2;
        return Math.Clamp(SignificantDigitsOfSpread - 1 - (int)Math.Floor(Math.Log10(spread)), 0, 10);
    }

    public static string Fixed(double value, int decimals) =>
        double.IsNaN(value) ? "-" : value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    public static string Count(double value) => Fixed(value, 0);

    /// <summary>A number of things: <c>1 row</c>, <c>1,704 rows</c>.</summary>
    public static string Counted(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? string.Empty : "s")}");

    public static string Seconds(TimeSpan time) => time.TotalSeconds < 0.1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F1} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F2} s");
}
