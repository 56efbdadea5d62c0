namespace TypedPooling.Responses;

/// <summary>The distribution of a response given its linear predictor eta.</summary>
/// <param name="Name">Name of the family as it is printed.</param>
/// <param name="Link">What eta is of the response's distribution.</param>
public sealed record Family(string Name, Link Link)
{
    /// <summary>y ~ Normal(eta, sigma).</summary>
    public static Family Normal { get; } = new("Normal", Link.Identity);

    /// <summary>y ~ LogNormal(eta, sigma): log y ~ Normal(eta, sigma), so eta is the log of the median of y.</summary>
    public static Family LogNormal { get; } = new("LogNormal", Link.Log);

    /// <summary>y is 1 with probability p, else 0; logit p = eta. Other links by <c>with</c>.</summary>
    public static Family Bernoulli { get; } = new("Bernoulli", Link.Logit);

    /// <summary>y successes of n trials, each with probability p; logit p = eta. Other links by <c>with</c>.</summary>
    public static Family Binomial { get; } = new("Binomial", Link.Logit);

    /// <summary>y events, as many as n exp(eta) expected, n the exposure.</summary>
    public static Family Poisson { get; } = new("Poisson", Link.Log);

    /// <summary>y events, as many as mu = n exp(eta) expected, n the exposure, with a variance of mu + mu^2 / phi, phi the shape.</summary>
    public static Family NegativeBinomial { get; } = new("NegativeBinomial", Link.Log);

    /// <summary>y positive with expectation mu = exp(eta) and variance mu^2 / alpha, alpha the shape.</summary>
    public static Family Gamma { get; } = new("Gamma", Link.Log);

    /// <summary>(y - eta) / sigma has Student's t distribution of nu degrees of freedom.</summary>
    public static Family StudentT { get; } = new("StudentT", Link.Identity);

    /// <summary>True for Normal and LogNormal: fitted from sums, with a sigma.</summary>
    public bool IsNormal => Name is "Normal" or "LogNormal";

    /// <summary>True where the family has a residual scale sigma: Normal, LogNormal and StudentT.</summary>
    public bool HasSigma => IsNormal || Name == "StudentT";

    /// <summary>True where the family has a second positive parameter: the shape of NegativeBinomial and Gamma, the degrees of freedom of StudentT.</summary>
    public bool HasShape => Name is "NegativeBinomial" or "Gamma" or "StudentT";

    /// <summary>True where the response is a number of events: Poisson and NegativeBinomial.</summary>
    public bool IsCount => Name is "Poisson" or "NegativeBinomial";

    /// <summary>True where only rows of equal responses share a cell, since the sum of the responses does not say all of them: NegativeBinomial and StudentT.</summary>
    public bool KeepsResponses => Name is "NegativeBinomial" or "StudentT";
}
