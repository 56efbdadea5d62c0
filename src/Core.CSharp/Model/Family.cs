namespace TypedPooling.Model;

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

    /// <summary>True for Normal and LogNormal: fitted from sums, with a sigma.</summary>
    public bool IsNormal => Name is "Normal" or "LogNormal";
}
