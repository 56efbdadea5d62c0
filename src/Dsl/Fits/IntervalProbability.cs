using System.Globalization;

namespace TypedPooling;

/// <summary>The probability that an interval is to hold.</summary>
internal static class IntervalProbability
{
    /// <summary>Checks it.</summary>
    /// <param name="probability">Strictly between 0 and 1.</param>
    /// <returns>The probability.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is not strictly between 0 and 1; where it reads as a percentage, the message says what to write.</exception>
    public static double Checked(double probability)
    {
        if (probability is > 0 and < 1)
            return probability;
        var remedy = probability is > 1 and < 100
            ? string.Create(CultureInfo.InvariantCulture, $"For {probability} % write {probability / 100}.")
            : "Use 0.89 or 0.95, for instance.";
        throw new ArgumentOutOfRangeException(nameof(probability), probability, $"An interval needs a probability strictly between 0 and 1. {remedy}");
    }
}
