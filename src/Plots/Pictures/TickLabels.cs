using System.Globalization;
using System.Text;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace TypedPooling.Plots.Pictures;

/// <summary>Numbers beside axes.</summary>
internal static class TickLabels
{
    private const string Raised = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>Ticks at round numbers, not too many of them.</summary>
    /// <param name="fromZero">True where negative numbers mean nothing and have no label.</param>
    public static NumericAutomatic Automatic(bool fromZero = false) =>
        new()
        {
            LabelFormatter = fromZero ? value => value < 0 ? string.Empty : Text(value) : Text,
            TickDensity = 0.7,
            MinorTickGenerator = new None(),
        };

    /// <summary>A number as text: years have no separators, prices have, and tiny numbers are powers of ten.</summary>
    public static string Text(double value)
    {
        var size = Math.Abs(value);
        if (size < 1e-12)
            return "0";
        if (size is >= 1e-3 and < 1e9)
            return Sign(value.ToString(size >= 10_000 ? "#,0.###" : "0.#####", CultureInfo.InvariantCulture));
        var exponent = (int)Math.Floor(Math.Log10(size) + 1e-9);
        return Sign((value / Math.Pow(10, exponent)).ToString("0.##", CultureInfo.InvariantCulture)) + "·10" + Power(exponent);
    }

    // Ticks between those with labels would be invisible, and each an element of an SVG file.
    private sealed class None : IMinorTickGenerator
    {
        public IEnumerable<double> GetMinorTicks(double[] majorTicks, CoordinateRange visibleRange) => [];
    }

    private static string Power(int exponent)
    {
        StringBuilder text = new();
        if (exponent < 0)
            text.Append('⁻');
        foreach (var digit in Math.Abs(exponent).ToString(CultureInfo.InvariantCulture))
            text.Append(Raised[digit - '0']);
        return text.ToString();
    }

    private static string Sign(string number) => number.Replace('-', '−');
}
