using System.Collections.Immutable;

namespace TypedPooling;

/// <summary>Any quantities as a table: mean, sd and interval, a row a quantity. Immutable.</summary>
/// <remarks>Thread-safe: any number of threads may read it at once.</remarks>
public sealed class QuantityTable : ITabular
{
    private readonly string title;

    /// <summary>A table of quantities of one fit or of several.</summary>
    /// <param name="quantities">The quantities, in the order of the rows; at least one.</param>
    /// <param name="probability">Posterior probability of each interval, strictly between 0 and 1; null for
    /// <see cref="Engines.RunOptions.Probability"/> of the first quantity's fit.</param>
    /// <exception cref="ArgumentException">There is no quantity, or the probability is not strictly between 0 and 1.</exception>
    public QuantityTable(IEnumerable<Quantity> quantities, double? probability = null)
        : this(string.Empty, quantities, probability)
    {
    }

    internal QuantityTable(string title, IEnumerable<Quantity> quantities, double? probability = null)
    {
        ArgumentNullException.ThrowIfNull(quantities);
        this.title = title;
        Quantities = [.. quantities];
        if (Quantities.IsEmpty)
            throw new ArgumentException("A table must have a quantity.", nameof(quantities));
        Probability = IntervalProbability.Of(probability, Quantities[0].Posterior);
    }

    /// <summary>The quantities, in the order of the rows.</summary>
    public ImmutableArray<Quantity> Quantities { get; }

    /// <summary>Posterior probability of each interval.</summary>
    public double Probability { get; }

    /// <summary>The table; where a mean need not exist it has the median and no sd, and a note says so.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables()
    {
        var (lower, upper) = IntervalProbability.Tails(Probability);
        var table = new TableBuilder(string.Empty, "mean", "sd", IntervalProbability.Percent(lower), IntervalProbability.Percent(upper));
        foreach (var quantity in Quantities)
        {
            var (low, high) = (quantity.Quantile(lower), quantity.Quantile(upper));
            var isUnsure = quantity.HasUnsureMean;
            var decimals = isUnsure ? Figures.DecimalsOfInterval(low, high, Probability) : Figures.Decimals(quantity.Sd, quantity.Mean);
            table.Add(
                quantity.Name,
                Figures.Fixed(isUnsure ? quantity.Median : quantity.Mean, decimals),
                Figures.Fixed(isUnsure ? double.NaN : quantity.Sd, decimals),
                Figures.Fixed(low, decimals),
                Figures.Fixed(high, decimals));
        }

        string[] unsure = [.. Quantities.Where(quantity => quantity.HasUnsureMean).Select(quantity => quantity.Name)];
        return [unsure.Length == 0
            ? table.Build(title)
            : table.Build(title, $"The mean may not exist for {string.Join(", ", unsure)}; the table shows the median.")];
    }

    /// <summary>The table as text.</summary>
    public override string ToString() => ToTables()[0].ToString();
}
