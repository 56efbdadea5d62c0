using TypedPooling.Model;

namespace TypedPooling.Export;

/// <summary>A grouping factor of a program. Immutable.</summary>
/// <param name="Title">The factor's name in the model.</param>
/// <param name="Index">Data: the level of each row.</param>
/// <param name="Count">Data: the number of levels.</param>
/// <param name="Terms">The varying effects. Length q.</param>
internal sealed record ProgramFactor(string Title, string Index, string Count, IReadOnlyList<ProgramTerm> Terms)
{
    /// <summary>Concentration of the LKJ prior of the correlations; null where there are none, or where the covariance has a prior.</summary>
    public double? Concentration { get; init; }

    /// <summary>Prior of the covariance of two effects or more; null where sds have their own.</summary>
    public InverseWishartCovariance? Covariance { get; init; }

    /// <summary>Data: the point of the columns at which priors are stated; null where that is 0.</summary>
    public string? Origin { get; init; }

    /// <summary>True where effects are sampled on another scale than that of the rows.</summary>
    public required bool IsMoved { get; init; }

    /// <summary>Effects as they are reported: a vector for one effect, levels by effects for more.</summary>
    public required string Effects { get; init; }

    /// <summary>Effects as they are sampled.</summary>
    public required string Sampled { get; init; }

    /// <summary>Standard normal numbers behind the effects.</summary>
    public required string Free { get; init; }

    /// <summary>The Cholesky factor of the correlation matrix.</summary>
    public required string Cholesky { get; init; }

    /// <summary>The covariance matrix as it is reported.</summary>
    public required string CovarianceName { get; init; }

    /// <summary>The covariance matrix as it is sampled.</summary>
    public required string SampledCovariance { get; init; }

    /// <summary>The precision matrix in JAGS.</summary>
    public required string Precision { get; init; }

    /// <summary>Partial correlations in JAGS.</summary>
    public required string Partial { get; init; }

    /// <summary>What they are made of: numbers between 0 and 1.</summary>
    public required string Half { get; init; }

    /// <summary>The mixing variables of the prior of a covariance.</summary>
    public required string Mixing { get; init; }

    /// <summary>The scale matrix of the prior of a covariance.</summary>
    public required string ScaleMatrix { get; init; }

    /// <summary>The matrix A by which reported effects are A times sampled ones.</summary>
    public required string Map { get; init; }

    /// <summary>Names of the correlations as they are reported, for a below b. Indexed by a and b.</summary>
    public required string[,] Correlations { get; init; }

    /// <summary>Number of varying effects q.</summary>
    public int Size => Terms.Count;

    /// <summary>True where reported correlations may differ from 0.</summary>
    public bool HasCorrelations => Size > 1 && (Concentration is not null || Covariance is not null || IsMoved);

    /// <summary>True where an sd is known to be 0, so that effects cannot be sampled themselves.</summary>
    public bool HasVanishing => Terms.Any(term => term.Sd is { FixedValue: 0 });

    /// <summary>True where reported sds and correlations are those of a covariance matrix.</summary>
    public bool HasCovariance => Size > 1 && (Covariance is not null || IsMoved);
}

/// <summary>A varying effect of a program. Immutable.</summary>
/// <param name="Title">Its name in the model.</param>
/// <param name="Column">Its column; null for the intercept.</param>
/// <param name="Sd">Its sd; null where the covariance has a prior.</param>
/// <param name="SdName">The name of its sd as it is reported.</param>
internal sealed record ProgramTerm(string Title, ProgramColumn? Column, ProgramNumber? Sd, string SdName);

/// <summary>A column of a program. Immutable.</summary>
/// <param name="Title">Its name in the model.</param>
/// <param name="Name">Data: its values.</param>
/// <param name="Used">Its values as the linear predictor uses them: standardised where the model is.</param>
/// <param name="Count">Data: the number of indicators of a categorical predictor; null for a numeric column.</param>
/// <param name="Origin">Data: what is taken off, where the model is standardised.</param>
/// <param name="Scale">Data: what it is divided by, where the model is standardised.</param>
/// <param name="ColumnsIn">Its columns in a bound model.</param>
internal sealed record ProgramColumn(
    string Title, string Name, string Used, string? Count, string Origin, string Scale, Func<ProgramValues, int[]> ColumnsIn);
