using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A row of the parameter table.</summary>
/// <param name="Parameter">What the parameter is.</param>
/// <param name="Mean">Posterior mean; the estimate, where the engine gives a point.</param>
/// <param name="Sd">Posterior standard deviation; the standard error of a point estimate, NaN for a scale.</param>
/// <param name="Lower">Lower end of the interval: the 5.5 % quantile at the default level.</param>
/// <param name="Upper">Upper end of the interval: the 94.5 % quantile at the default level.</param>
/// <param name="EssBulk">Bulk effective sample size; NaN for a point estimate.</param>
/// <param name="EssTail">Tail effective sample size; NaN for a point estimate.</param>
/// <param name="RHat">R-hat; NaN where draws are independent.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public sealed record SummaryRow(Parameter Parameter, double Mean, double Sd, double Lower, double Upper, double EssBulk, double EssTail, double RHat)
{
    /// <summary>Posterior probability of the interval from <see cref="Lower"/> to <see cref="Upper"/>.</summary>
    public double Probability { get; init; } = Posterior.DefaultProbability;

    /// <summary>Posterior median; the estimate, where the engine gives a point.</summary>
    public double Median { get; init; }

    /// <summary>True where the mean need not exist: the table then shows the median in its place, and no sd.</summary>
    public bool HasUnsureMean { get; init; }

    /// <summary>The row as one line, rounded as the table rounds it; without the diagnostics that it does not have.</summary>
    public override string ToString()
    {
        var text = Figures.Summary(Parameter.Name, HasUnsureMean, HasUnsureMean ? Median : Mean, Sd, Lower, Upper, Probability);
        if (double.IsFinite(EssBulk))
            text += $", ess_bulk {Figures.Count(EssBulk)}, ess_tail {Figures.Count(EssTail)}";
        return double.IsFinite(RHat) ? $"{text}, rhat {Figures.Fixed(RHat, 3)}" : text;
    }
}
