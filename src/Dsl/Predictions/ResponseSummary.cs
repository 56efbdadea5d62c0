namespace TypedPooling.Predictions;

/// <summary>The predictive distribution of a row at its response, over draws.</summary>
/// <param name="Mean">Its mean.</param>
/// <param name="Sd">Its standard deviation.</param>
/// <param name="Below">The probability of a response below.</param>
/// <param name="AtMost">The probability of a response below or equal: <paramref name="Below"/> where the response is continuous.</param>
/// <param name="OfZero">The probability of a response of 0; 0 where the response is continuous.</param>
internal readonly record struct ResponseSummary(double Mean, double Sd, double Below, double AtMost, double OfZero);
