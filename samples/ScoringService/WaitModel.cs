using static TypedPooling.Prior;

namespace TypedPooling.Samples.ScoringService;

/// <summary>The model is code; data and fits are files.</summary>
public static class WaitModel
{
    public static Group<Visit, string> Cafe { get; } = Group.By((Visit v) => v.Cafe);

    public static NormalModel<Visit> Model { get; } = PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: Exponential(1))
        .Intercept(Normal(5, 2))
        .Slope(v => v.Afternoon, Normal(-1, 0.5))
        .Varying(Cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));
}
