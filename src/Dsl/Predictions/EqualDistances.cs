namespace TypedPooling.Predictions;

/// <summary>Some draws of many, at equal distances.</summary>
internal static class EqualDistances
{
    /// <summary>Numbers of draws, ascending.</summary>
    /// <param name="all">How many there are.</param>
    /// <param name="wanted">How many are wanted.</param>
    /// <exception cref="ModelException">OptionOutOfRange: none are wanted, or more than there are.</exception>
    public static int[] Of(int all, int wanted)
    {
        if (wanted < 1 || wanted > all)
        {
            throw new ModelException(new Problem(
                ProblemCode.OptionOutOfRange,
                FormattableString.Invariant($"The number of draws is {wanted}."),
                FormattableString.Invariant($"Use a number from 1 to {all}, the draws of the fit."))
            { Term = "draws" });
        }

        return [.. Enumerable.Range(0, wanted).Select(i => (int)((2L * i + 1) * all / (2L * wanted)))];
    }
}
