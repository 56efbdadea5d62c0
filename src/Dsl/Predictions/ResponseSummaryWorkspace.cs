using TypedPooling.Responses;

namespace TypedPooling.Predictions;

/// <summary>Mixes the distributions that a row's response has given each draw. Used once, by one thread.</summary>
/// <remarks>The variance of the mixture is the mean of the variances and the variance of the means.</remarks>
internal struct ResponseSummaryWorkspace(RowDistribution distribution, PredictedRow row, double response)
{
    // A whole number of events or successes: the response below is the one before.
    private readonly bool isDiscrete = distribution.Family.IsCount || distribution.Family.IsProportion;
    private double mean;
    private double squares;
    private double below;
    private double atMost;
    private double ofZero;
    private double total;

    /// <summary>Adds a draw.</summary>
    /// <param name="eta">Its linear predictor.</param>
    /// <param name="scales">Its sigma and shape.</param>
    /// <param name="weight">Its weight, 0 or more.</param>
    public void Add(double eta, in ResponseScales scales, double weight)
    {
        if (weight == 0)
            return;
        var own = distribution.Mean(eta, row.Weight, scales);

        // Means about the first, so that squares keep their digits: the updating formula of weighted variances.
        total += weight;
        var step = own - mean;
        mean += step * (weight / total);
        squares += weight * (distribution.Variance(eta, row.Weight, scales) + step * (own - mean));
        atMost += weight * distribution.Cdf(response, eta, row.Weight, scales);
        if (!isDiscrete)
            return;
        below += weight * distribution.Cdf(response - 1, eta, row.Weight, scales);
        ofZero += weight * distribution.Cdf(0, eta, row.Weight, scales);
    }

    /// <summary>The mixture.</summary>
    public readonly ResponseSummary Build() => new(
        mean, Math.Sqrt(squares / total), (isDiscrete ? below : atMost) / total, atMost / total, ofZero / total);
}
