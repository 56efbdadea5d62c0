using System.Collections.Immutable;
using TypedPooling.Model;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling.Declarations;

/// <summary>What a user declared, in the user's order, before it is lowered to a <see cref="ModelSpec"/>.</summary>
internal sealed record ModelDeclaration(ResponseDeclaration Response)
{
    public ImmutableList<PopulationDeclaration> Population { get; init; } = [];

    public ImmutableList<FactorDeclaration> Factors { get; init; } = [];

    /// <summary>Columns added to eta with coefficient 1.</summary>
    public ImmutableList<ColumnSelector> Offsets { get; init; } = [];

    public bool DropsMissing { get; init; }

    /// <summary>True where priors are those of the model on standardised columns, and response where its family has a scale.</summary>
    public bool IsStandardized { get; init; }
}

internal sealed record ResponseDeclaration(Family Family, ColumnSelector Column, IScalePrior? Sigma)
{
    /// <summary>Prior of the shape or the degrees of freedom; null for the default, and where the family has none.</summary>
    public IScalePrior? Shape { get; init; }

    public RowWeight WeightKind { get; init; }

    /// <summary>The column of what <see cref="WeightKind"/> says; null where that is nothing.</summary>
    public ColumnSelector? Weight { get; init; }

    /// <summary>The column of how many equal rows a row stands for; null where rows stand for themselves.</summary>
    public ColumnSelector? Count { get; init; }

    public bool HasKnownSd => WeightKind == RowWeight.KnownSd;
}

internal abstract record PopulationDeclaration(IRealPrior? Prior);

internal sealed record InterceptDeclaration(IRealPrior? Prior) : PopulationDeclaration(Prior);

/// <summary>A slope; <see cref="IsNamed"/> is true where the user gave the name.</summary>
internal sealed record SlopeDeclaration(ColumnSelector Column, bool IsNamed, IRealPrior? Prior) : PopulationDeclaration(Prior);

internal sealed record FactorDeclaration(KeySelector Key, ImmutableList<VaryingDeclaration> Terms, ICorrelationPrior? Correlation)
{
    /// <summary>Prior of the whole covariance matrix; then terms have no sd priors, and there is no prior of correlations.</summary>
    public ICovariancePrior? Covariance { get; init; }
}

/// <summary>A varying effect; the column is null for the intercept.</summary>
internal sealed record VaryingDeclaration(ColumnSelector? Column, bool IsNamed, IScalePrior? Sd)
{
    public ImmutableList<PredictorDeclaration> Predictors { get; init; } = [];
}

/// <summary>A group-level predictor of a varying effect.</summary>
internal sealed record PredictorDeclaration(ColumnSelector Column, bool IsNamed, IRealPrior? Prior);
