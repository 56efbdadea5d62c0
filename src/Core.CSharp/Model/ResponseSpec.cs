using TypedPooling.Responses;

namespace TypedPooling.Model;

/// <summary>The response of a model.</summary>
/// <param name="Family">The distribution of the response given its linear predictor.</param>
/// <param name="Name">The response's name, for tables and printing.</param>
/// <param name="Formula">The response as an expression over the row, for printing.</param>
/// <param name="Sigma">Prior of the residual sd, of the log of the response where the family is LogNormal; null where the default is meant, where the
/// error is known, or where the family has no sigma.</param>
/// <param name="KnownSd">Name of the column that holds the known standard error of each row, in units of the response; null where sigma is
/// estimated.</param>
public sealed record ResponseSpec(Family Family, string Name, string Formula, IScalePrior? Sigma, string? KnownSd)
{
    /// <summary>True where the model has a residual scale, estimated or fixed: responses that are Normal, LogNormal or StudentT, and whose errors are
    /// not known by row.</summary>
    public bool HasSigma => Family.HasSigma && KnownSd is null;

    /// <summary>True where the model has a shape (NegativeBinomial, Gamma) or degrees of freedom (StudentT), estimated or fixed.</summary>
    public bool HasShape => Family.HasShape;

    /// <summary>Prior of the shape, or of the degrees of freedom where the family is StudentT; null where the default is meant, or where the family
    /// has none.</summary>
    public IScalePrior? Shape { get; init; }

    /// <summary>True where the shape or the degrees of freedom are estimated and their prior was left to the documented default.</summary>
    public bool HasDefaultShape { get; init; }

    /// <summary>True where sigma is estimated and its prior was left to the documented default.</summary>
    public bool HasDefaultPrior { get; init; }

    /// <summary>Name of the column w of precision weights, by which a row's residual sd is sigma / sqrt(w); null where rows have none.</summary>
    public string? PrecisionWeight { get; init; }

    /// <summary>Name of the column of counts: a row stands for that many rows that are alike; null where each row is one.</summary>
    public string? Count { get; init; }

    /// <summary>Name of the column of trials of a Binomial response; null for other families.</summary>
    public string? Trials { get; init; }

    /// <summary>Name of the column of exposures of a count of events, by which expected counts are multiplied; null where each row has an exposure of
    /// 1.</summary>
    public string? Exposure { get; init; }
}
