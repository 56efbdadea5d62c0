namespace TypedPooling.Model;

/// <summary>A prior that was replaced by a conjugate one.</summary>
/// <param name="Parameter">What the prior is on, as tables name it: a population effect, <c>sigma</c>, <c>sd(Cafe: Intercept)</c> or
/// <c>covariance(Cafe)</c>.</param>
/// <param name="Original">The declared prior, as it is written in a model.</param>
/// <param name="Replacement">The prior in its place.</param>
/// <param name="Criterion">By what the two were matched.</param>
public sealed record ReplacedPrior(string Parameter, string Original, string Replacement, string Criterion)
{
    /// <summary>The replacement as a sentence.</summary>
    public override string ToString() => $"The prior {Original} of {Parameter} was replaced by {Replacement}: {Criterion}.";
}
