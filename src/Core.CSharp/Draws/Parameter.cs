using TypedPooling.Data;
using TypedPooling.Keys;

namespace TypedPooling.Draws;

/// <summary>A row of the parameter table: what one scalar of the posterior is.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Term">Name of the term; empty for sigma, a shape and degrees of freedom.</param>
public sealed record Parameter(ParameterKind Kind, string Term)
{
    /// <summary>Name of the grouping factor; null for population effects, sigma, a shape and degrees of freedom.</summary>
    public string? Factor { get; init; }

    /// <summary>Name of the second term of a correlation; null otherwise.</summary>
    public string? OtherTerm { get; init; }

    /// <summary>Number of the level of a varying effect; null otherwise.</summary>
    public int? Level { get; init; }

    /// <summary>The level of a varying effect as text; null otherwise.</summary>
    public string? LevelText { get; init; }

    /// <summary>The parameter's name in tables, for example <c>sd(Cafe: Intercept)</c>.</summary>
    public string Name => Kind switch
    {
        ParameterKind.PopulationEffect => Term,
        ParameterKind.Sigma => "sigma",
        ParameterKind.Shape => "shape",
        ParameterKind.DegreesOfFreedom => "degrees of freedom",
        ParameterKind.VaryingSd => $"sd({Factor}: {Term})",
        ParameterKind.VaryingCorrelation => $"cor({Factor}: {Term}, {OtherTerm})",
        _ => KeyText.Printed($"{Factor}[{LevelText}, {Term}]"),
    };

    /// <summary>The parameter's name.</summary>
    public override string ToString() => Name;
}
