using TypedPooling.Checking;

namespace TypedPooling;

/// <summary>A number that sums up responses, for <see cref="Fit{TRow}.Check(IEnumerable{TRow}, Statistic[])"/>: ready-made, or any function of your
/// own. Immutable.</summary>
/// <remarks>Thread-safe: any number of threads may use it at once, if a function of your own may run at once.</remarks>
public sealed class Statistic
{
    private readonly Func<CheckedResponses, double> compute;

    private Statistic(string name, Func<CheckedResponses, double> compute, bool needsMoments = false, string? above = null, string? below = null)
    {
        (Name, this.compute, NeedsMoments) = (name, compute, needsMoments);
        Above = above ?? $"The {name} of the data is larger than the model gives.";
        Below = below ?? $"The {name} of the data is smaller than the model gives.";
    }

    /// <summary>The mean of the responses.</summary>
    public static Statistic Mean { get; } = new("mean", y => Moments(y.Responses).Mean);

    /// <summary>The standard deviation of the responses, with n - 1; NaN for one response.</summary>
    public static Statistic Sd { get; } = new(
        "sd",
        y => Math.Sqrt(Moments(y.Responses).Variance),
        above: "The data vary more than the model gives: a predictor, a grouping factor or another family may be missing.",
        below: "The data vary less than the model gives.");

    /// <summary>The smallest response.</summary>
    public static Statistic Minimum { get; } = new("minimum", y => Extreme(y.Responses, Math.Min));

    /// <summary>The largest response.</summary>
    public static Statistic Maximum { get; } = new("maximum", y => Extreme(y.Responses, Math.Max));

    /// <summary>The proportion of responses that are exactly 0.</summary>
    public static Statistic Zeros { get; } = new(
        "proportion of zeros",
        y => (double)y.Responses.AsSpan().Count(0.0) / y.Responses.Count,
        above: "The data have more zeros than the model gives: counts may be overdispersed, or some rows can only be zero.",
        below: "The data have fewer zeros than the model gives.");

    /// <summary>The variance of the responses over their mean: about 1 for counts of one Poisson distribution. NaN for one response, and where the
    /// mean is 0.</summary>
    public static Statistic VarianceOverMean { get; } = new(
        "variance / mean",
        y =>
        {
            var (mean, variance) = Moments(y.Responses);
            return mean == 0 ? double.NaN : variance / mean;
        },
        above: "The data vary more than the model gives: a predictor, a grouping factor or another family may be missing.",
        below: "The data vary less than the model gives.");

    /// <summary>Pearson's dispersion: the mean of (y - mu)^2 / V(mu), mu and V(mu) being the expectation and the variance of each response given the
    /// parameters of a draw. Its expectation is 1.</summary>
    /// <remarks>It depends on the parameters, so the data have a value of their own in each draw; the one that is shown is their mean.</remarks>
    public static Statistic Dispersion { get; } = new(
        "Pearson dispersion",
        y => y.PearsonMean(),
        needsMoments: true,
        above: "The data are overdispersed: they vary about their expectations more than the family gives.",
        below: "The data are underdispersed: they vary about their expectations less than the family gives.");

    /// <summary>The statistic's name, as tables show it.</summary>
    public string Name { get; }

    internal bool NeedsMoments { get; }

    /// <summary>What it means that the data have more, or less, than their replicates.</summary>
    internal string Above { get; }

    internal string Below { get; }

    /// <summary>A statistic of your own.</summary>
    /// <param name="name">Its name, for tables and sentences: <c>range</c>.</param>
    /// <param name="compute">The statistic of some responses, in the order of the rows and in units of the response. Called for the
    /// data once, and once a draw, by one thread; it must not depend on anything else.</param>
    /// <returns>The statistic.</returns>
    public static Statistic Of(string name, Func<IReadOnlyList<double>, double> compute)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(compute);
        return new(name, y => compute(y.Responses));
    }

    /// <summary>The statistic's name.</summary>
    public override string ToString() => Name;

    internal double ComputeFor(in CheckedResponses responses) => compute(responses);

    private static double Extreme(ReadOnlySpan<double> values, Func<double, double, double> of)
    {
        var extreme = values[0];
        foreach (var value in values)
            extreme = of(extreme, value);
        return extreme;
    }

    // With n - 1.
    private static (double Mean, double Variance) Moments(ArraySegment<double> values)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var value in values.AsSpan())
            sum += value;
        var mean = sum / values.Count;
        foreach (var value in values.AsSpan())
            squares += (value - mean) * (value - mean);
        return (mean, values.Count > 1 ? squares / (values.Count - 1) : double.NaN);
    }
}
