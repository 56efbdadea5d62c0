namespace TypedPooling.Responses;

/// <summary>A sum whose rounding does not grow with the number of terms. Mutable. Source: [Neumaier1974].</summary>
internal struct CompensatedSum
{
    private double sum;
    private double compensation;

    /// <summary>Begins with a value.</summary>
    /// <param name="start">The first term.</param>
    public CompensatedSum(double start) => sum = start;

    /// <summary>The sum so far.</summary>
    public readonly double Value => sum + compensation;

    /// <summary>Adds a term.</summary>
    /// <param name="value">The term.</param>
    public void Add(double value)
    {
        var next = sum + value;
        compensation += Math.Abs(sum) >= Math.Abs(value) ? sum - next + value : value - next + sum;
        sum = next;
    }
}
