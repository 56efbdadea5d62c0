namespace TypedPooling;

/// <summary>A quantity of a point fit with all that was estimated (population effects, levels' effects, scales, shape) standing at its estimate.
/// Immutable; thread-safe.</summary>
/// <remarks>
/// A quantity is f(theta, e): theta is what was estimated, e what stays random however well theta is known, the effects of new groups and the noise
/// of new observations. At the estimates it is f(theta^, e): one number where no e takes part, otherwise a
/// random number, whose expectation E f(theta^, e) is the mean that a point fit reports. Its values, a draw of e each, are aligned with the draws of
/// the fit, so that a function of several quantities has the expectation of that function and not the
/// function of their expectations.
/// </remarks>
internal sealed class AtEstimates
{
    private readonly Lazy<double[]>? values;
    private readonly Lazy<(double Mean, double Mcse)> expectation;

    /// <summary>A quantity that is one number at the estimates.</summary>
    public AtEstimates(double value) => expectation = new((value, 0));

    /// <summary>A quantity that stays random at the estimates.</summary>
    /// <param name="expectation">Its expectation in closed form.</param>
    /// <param name="makeValues">Its values, one a draw.</param>
    public AtEstimates(double expectation, Func<double[]> makeValues)
    {
        this.expectation = new((expectation, 0));
        values = new(makeValues);
    }

    /// <summary>A quantity that stays random at the estimates and whose expectation is the average of its values.</summary>
    /// <param name="values">One a draw, independent.</param>
    public AtEstimates(double[] values)
    {
        this.values = new(values);
        expectation = new(() => (Draws.Diagnostics.Mean(values), Draws.Diagnostics.Sd(values) / Math.Sqrt(values.Length)));
    }

    /// <summary>False where the quantity is one number.</summary>
    public bool IsRandom => values is not null;

    /// <summary>The number, or the expectation.</summary>
    public double Mean => expectation.Value.Mean;

    /// <summary>Monte-Carlo standard error of <see cref="Mean"/>; 0 where that is in closed form.</summary>
    public double Mcse => expectation.Value.Mcse;

    /// <summary>The number, or the value that belongs to a draw.</summary>
    public double Of(int draw) => values is null ? expectation.Value.Mean : values.Value[draw];
}
