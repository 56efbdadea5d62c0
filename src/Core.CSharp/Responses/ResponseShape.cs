using System.Diagnostics;

namespace TypedPooling.Responses;

/// <summary>The second positive parameter of a family.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Symbol">Its Greek letter.</param>
/// <param name="Limit">What the response becomes as the parameter grows without bound, for sentences: <c>Poisson</c>.</param>
/// <param name="Default">The prior that is meant where a model names none: see <c>docs/priors.md</c>.</param>
internal sealed record ResponseShape(ResponseShapeKind Kind, string Symbol, string Limit, IScalePrior Default)
{
    /// <summary>Why data may leave the parameter without an upper bound, so that its posterior mean rests on the prior's tail; null where the
    /// likelihood bounds it.</summary>
    public string? WhyUnbounded { get; init; }

    /// <summary>The parameter's name, for sentences.</summary>
    public string Name =>
        Kind == ResponseShapeKind.DegreesOfFreedom ? "degrees of freedom" : Kind == ResponseShapeKind.Precision ? "precision" : "shape";
}
