namespace TypedPooling;

/// <summary>The function that turns what a response is distributed about into the linear predictor eta.</summary>
public enum Link
{
    /// <summary>eta is the expectation.</summary>
    Identity,

    /// <summary>eta is the log of the expectation (of the median where the response is LogNormal).</summary>
    Log,

    /// <summary>eta = log(pi / (1 - pi)).</summary>
    Logit,

    /// <summary>eta is the quantile of the standard normal distribution at pi.</summary>
    Probit,

    /// <summary>eta = log(-log(1 - pi)): pi is the probability of at least one event at rate exp(eta).</summary>
    ComplementaryLogLog,
}
