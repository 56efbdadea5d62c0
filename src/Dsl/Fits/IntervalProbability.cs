using System.Globalization;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>The probability that an interval is to hold: checked, as two tails, as text. The one place that knows how levels are shown.</summary>
internal static class IntervalProbability
{
    // 0.5 (1 - 0.89) is 0.055 but for its last bit: so many decimals take it away.
    private const int Decimals = 15;

    /// <summary>The level of an interval: the one that is named, or that of the fit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not strictly between 0 and 1.</exception>
    public static double Of(double? probability, Posterior posterior) => probability is { } named ? Checked(named) : posterior.Probability;

    /// <summary>Probabilities of the quantiles between which a central interval lies.</summary>
    public static (double Lower, double Upper) Tails(double probability)
    {
        var (lower, upper) = (Math.Round(0.5 * (1 - probability), Decimals), Math.Round(0.5 * (1 + probability), Decimals));
        return lower > 0 && upper < 1 ? (lower, upper) : (0.5 * (1 - probability), 0.5 * (1 + probability));
    }

    /// <summary>A probability as tables show it: <c>89%</c>, <c>5.5%</c>.</summary>
    public static string Percent(double probability) => (100 * probability).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    /// <summary>Checks it.</summary>
    /// <param name="probability">Strictly between 0 and 1.</param>
    /// <returns>The probability.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is not strictly between 0 and 1; where it reads as a percentage, the message says what to
    /// write.</exception>
    public static double Checked(double probability)
    {
        if (probability is > 0 and < 1)
            return probability;
        var remedy = probability is > 1 and < 100
            ? string.Create(CultureInfo.InvariantCulture, $"For {probability} % write {probability / 100}.")
            : "Use 0.89 or 0.95, for instance.";
        throw new ArgumentOutOfRangeException(
            nameof(probability), probability, $"An interval needs a probability strictly between 0 and 1. {remedy}");
    }
}
