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

    public static string Seconds(TimeSpan time) => time.TotalSeconds < 0.1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F1} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F2} s");
}
