namespace TypedPooling.Samples.Shards;

/// <summary>The model that every shard and the machine that merges agree on. It is code on all of them: a file of data knows its columns and keys and
/// is refused by a model of others.</summary>
public static class Radon
{
    /// <summary>The grouping factor.</summary>
    public static Group<Home, string> County { get; } = Group.By((Home h) => h.County);

    /// <summary>Log radon by floor and uranium; counties have intercepts and floor effects of their own.</summary>
    public static NormalModel<Home> Model { get; } = PooledModel.Of<Home>()
        .Normal(h => h.LogRadon)
        .Intercept()
        .Slope(h => h.Floor)
        .Slope(h => h.LogUranium)
        .Varying(County, g => g.Intercept().Slope(h => h.Floor));
}
