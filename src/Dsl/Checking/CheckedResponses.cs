namespace TypedPooling.Checking;

/// <summary>Responses that a statistic is computed of, those of the data or replicated ones.</summary>
/// <param name="Responses">The responses.</param>
/// <param name="Means">Their expectations given the parameters of a draw; empty where no statistic needs them.</param>
/// <param name="Variances">Their variances given the parameters of a draw; empty where no statistic needs them.</param>
internal readonly record struct CheckedResponses(ArraySegment<double> Responses, ArraySegment<double> Means, ArraySegment<double> Variances)
{
    /// <summary>The mean of (y - mu)^2 / V(mu). A response that cannot differ from its expectation counts as 0 where it does not.</summary>
    public double PearsonMean()
    {
        var sum = 0.0;
        ReadOnlySpan<double> responses = Responses;
        ReadOnlySpan<double> variances = Variances;
        ReadOnlySpan<double> means = Means;
        for (var i = 0; i < responses.Length; i++)
        {
            var rest = responses[i] - means[i];
            sum += rest == 0 ? 0 : rest * rest / variances[i];
        }

        return sum / Responses.Count;
    }
}
