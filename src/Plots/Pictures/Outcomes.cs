namespace TypedPooling.Plots.Pictures;

/// <summary>What values the response of a fit can have. Immutable.</summary>
/// <param name="IsDiscrete">True where they are whole numbers.</param>
/// <param name="Lower">The least; negative infinity where there is none.</param>
/// <param name="Upper">The largest expectation, and of a continuous response the largest value; infinity where there is none.</param>
internal sealed record Outcomes(bool IsDiscrete, double Lower, double Upper)
{
    /// <summary>Of the response of a fit.</summary>
    public static Outcomes Of<TRow>(Fit<TRow> fit)
    {
        var family = fit.Spec.Response.Family;
        var isPositive = fit is LogNormalFit<TRow> || family.Link == Link.Log || family.IsCount || family.IsProportion;
        var isShare = family.Link is Link.Logit or Link.Probit or Link.ComplementaryLogLog && fit.Spec.Response.Trials is null;
        return new(
            family.IsCount || family.IsProportion,
            isPositive || isShare ? 0 : double.NegativeInfinity,
            isShare ? 1 : double.PositiveInfinity);
    }
}
