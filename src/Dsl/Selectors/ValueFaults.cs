namespace TypedPooling.Selectors;

/// <summary>Tells a missing value, NaN and infinities apart.</summary>
internal static class ValueFaults
{
    // A quiet NaN whose payload, 1954, R uses for NA: arithmetic and data files make the payload 0.
    private const long MissingBits = 0x7FF8_0000_0000_07A2;

    /// <summary>The number that stands for a null: a NaN with a payload of its own. Never compare with it; ask <see cref="Of"/>.</summary>
    public static double Missing => BitConverter.Int64BitsToDouble(MissingBits);

    /// <summary>What is wrong with a number.</summary>
    /// <param name="value">The number as <see cref="ReadRow{TRow}"/> left it.</param>
    /// <returns>The fault, or <see cref="ValueFault.None"/> for a finite number.</returns>
    public static ValueFault Of(double value) =>
        double.IsFinite(value) ? ValueFault.None
        : double.IsInfinity(value) ? ValueFault.Infinite
        : BitConverter.DoubleToInt64Bits(value) == MissingBits ? ValueFault.Missing
        : ValueFault.NotANumber;
}
