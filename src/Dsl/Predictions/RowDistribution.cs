using TypedPooling.Declarations;
using TypedPooling.Randomness;
using TypedPooling.Responses;

namespace TypedPooling.Predictions;

/// <summary>The distribution of the response of a row, given its linear predictor, sigma, the shape and what the weight of the row says.
/// Immutable.</summary>
/// <param name="Family">The response.</param>
/// <param name="WeightKind">What the weights of rows say.</param>
/// <remarks>A count says how many such responses there are, and nothing of any one of them.</remarks>
internal sealed record RowDistribution(Family Family, RowWeight WeightKind)
{
    /// <summary>Draws a response.</summary>
    /// <param name="eta">The linear predictor.</param>
    /// <param name="weight">The row's weight; null where rows have none.</param>
    /// <param name="scales">Sigma of a row of weight 1, and the shape.</param>
    /// <param name="stream">Where randomness comes from.</param>
    public double Draw(double eta, double? weight, in ResponseScales scales, PhiloxStream stream)
    {
        if (!Family.IsNormal)
            return Family.Draw(LocationOf(eta), SizeOf(weight), ScalesOf(weight, scales), stream);

        // On the scale of eta, since the median of a LogNormal response may round.
        var y = eta + ScalesOf(weight, scales).Sigma * stream.NextNormal();
        return Family.TakesLog ? Math.Exp(y) : y;
    }

    /// <summary>Draws a response of a family that is not Normal, and gives its expectation and variance.</summary>
    /// <param name="eta">The linear predictor.</param>
    /// <param name="weight">The row's weight; null where rows have none.</param>
    /// <param name="scales">Sigma of a row of weight 1, and the shape.</param>
    /// <param name="stream">Where randomness comes from.</param>
    /// <param name="withMoments">Whether expectation and variance are wanted; 0 where not.</param>
    public (double Response, double Mean, double Variance) DrawWithMoments(
        double eta, double? weight, in ResponseScales scales, PhiloxStream stream, bool withMoments)
    {
        var (location, size, own) = (LocationOf(eta), SizeOf(weight), ScalesOf(weight, scales));
        return withMoments
            ? (Family.Draw(location, size, own, stream), Family.Mean(location, size, own), Family.Variance(location, size, own))
            : (Family.Draw(location, size, own, stream), 0, 0);
    }

    /// <summary>The expected response.</summary>
    public double Mean(double eta, double? weight, in ResponseScales scales) =>
        Family.Mean(LocationOf(eta), SizeOf(weight), ScalesOf(weight, scales));

    /// <summary>The variance of the response.</summary>
    public double Variance(double eta, double? weight, in ResponseScales scales) =>
        Family.Variance(LocationOf(eta), SizeOf(weight), ScalesOf(weight, scales));

    /// <summary>The probability of a response of y or less.</summary>
    public double Cdf(double y, double eta, double? weight, in ResponseScales scales) =>
        Family.Cdf(y, LocationOf(eta), SizeOf(weight), ScalesOf(weight, scales));

    private double LocationOf(double eta) => InverseLink.Of(Family.Link, eta);

    private double SizeOf(double? weight) => WeightKind is RowWeight.Trials or RowWeight.Exposure ? weight!.Value : 1;

    private ResponseScales ScalesOf(double? weight, in ResponseScales scales) => WeightKind switch
    {
        RowWeight.KnownSd => scales with { Sigma = weight!.Value },
        RowWeight.Precision => scales with { Sigma = scales.Sigma / Math.Sqrt(weight!.Value) },
        _ => scales,
    };
}
