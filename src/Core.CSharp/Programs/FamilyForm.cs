namespace TypedPooling.Programs;

/// <summary>How the programs of other tools write the distribution of a response. Immutable.</summary>
/// <remarks>
/// In a template <c>{eta}</c> stands for the linear predictor with offsets and the log of an exposure, <c>{sigma}</c> for the residual sd of a row,
/// <c>{shape}</c> for the second parameter, <c>{size}</c> for the trials and <c>{y}</c> for the response. Every member is required, so that a family
/// cannot forget a tool.
/// </remarks>
internal sealed record FamilyForm
{
    /// <summary>True where the response is declared as integers.</summary>
    public required bool IsInteger { get; init; }

    /// <summary>The bounds of the response in Stan, <c>&lt;lower=0&gt;</c>; empty where it has none.</summary>
    public required string Bounds { get; init; }

    /// <summary>The distribution in Stan, without <c>_lpdf</c> or <c>_lpmf</c>.</summary>
    public required string Stan { get; init; }

    /// <summary>Its arguments in Stan, which may be vectors.</summary>
    public required string StanArguments { get; init; }

    /// <summary>The distribution of a row's response in JAGS, arguments included.</summary>
    public required string Jags { get; init; }

    /// <summary>The call of lme4 that fits the family, and its <c>family</c> argument, empty where the call has none; null where lme4 has not the
    /// same likelihood.</summary>
    public required (string Call, string Family)? Lme4 { get; init; }

    /// <summary>What is modelled in a formula of lme4.</summary>
    public required string Lme4Response { get; init; }

    /// <summary>The <c>family</c> argument of brms.</summary>
    public required string Brms { get; init; }

    /// <summary>The class of the second parameter in brms, and its lower bound there; null where the family has none.</summary>
    public required (string Class, double Lower)? BrmsShape { get; init; }
}
