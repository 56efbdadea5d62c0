namespace TypedPooling.Model;

/// <summary>The distribution of a response given its linear predictor eta.</summary>
/// <param name="Name">Name of the family as it is printed.</param>
/// <param name="Link">Name of the link function that turns the expected response into eta.</param>
public sealed record Family(string Name, string Link)
{
    /// <summary>y ~ Normal(eta, sigma).</summary>
    public static Family Normal { get; } = new("Normal", "identity");

    /// <summary>y ~ LogNormal(eta, sigma): log y ~ Normal(eta, sigma), so eta is the log of the median of y.</summary>
    public static Family LogNormal { get; } = new("LogNormal", "log");
}
