using System.Collections.Immutable;

namespace TypedPooling.Draws;

/// <summary>The point a likelihood engine found, and the likelihood there. Immutable.</summary>
/// <remarks>n is the number of rows, p that of estimated population effects. Source: [Bates2015].</remarks>
public sealed record PointEstimate
{
    /// <summary>What was maximised.</summary>
    public required LikelihoodCriterion Criterion { get; init; }

    /// <summary>Natural log of the criterion at its maximum, all constants included: of the restricted likelihood where that was maximised.</summary>
    public required double LogLikelihood { get; init; }

    /// <summary>-2 log of the likelihood (never the restricted one) at the estimates of the scales, sigma at the value that maximises it there. For
    /// responses that are not Normal the conditional deviance: twice what the rows' log likelihood, the varying effects at their modes, lacks to that
    /// of rows each expected to be what it is.</summary>
    public required double Deviance { get; init; }

    /// <summary>Log likelihood of rows each expected to be what it is, from which the conditional deviance of responses that are not Normal is
    /// measured; 0 for Normal ones, whose deviance is measured from nothing.</summary>
    public double SaturatedLogLikelihood { get; init; }

    /// <summary>Number of estimated parameters: population effects, sds, correlations and sigma.</summary>
    public required int ParameterCount { get; init; }

    /// <summary>The population effects, in the order of the model.</summary>
    public required ImmutableArray<double> Population { get; init; }

    /// <summary>Covariance matrix of the population effects at the estimated scales, by rows; zeros for fixed ones.</summary>
    public required ImmutableArray<double> PopulationCovariance { get; init; }

    /// <summary>The scale parameters, in the order of <see cref="Posterior.Scales"/>. The correlation of an effect whose sd is 0 is NaN.</summary>
    public required ImmutableArray<double> Scales { get; init; }

    /// <summary>The relative covariance factor Lambda / sigma of each factor (Lambda where sigma is known by row): the lower triangle by columns, or
    /// the diagonal where effects are uncorrelated, factor after factor. lme4's theta.</summary>
    public required ImmutableArray<double> Theta { get; init; }

    /// <summary>The scales that lie on the boundary of what is possible: sds of 0 and covariance matrices without full rank, one sentence each. Empty
    /// where the maximum is inside.</summary>
    public ImmutableArray<string> Boundary { get; init; } = [];

    /// <summary>Moments of the coefficients given the scales, at their estimates.</summary>
    public required ExactMoments Moments { get; init; }

    /// <summary>Number of evaluations of the criterion.</summary>
    public required int Evaluations { get; init; }

    /// <summary>What a further step of the search promises to add to the log criterion: the height that is still missing, to first order.</summary>
    public required double RemainingGain { get; init; }

    /// <summary>Whether <see cref="RemainingGain"/> is within 5e-9, which is 1e-4 standard errors, plus 1e-14 times the absolute log criterion, which
    /// is its rounding and counts for at most 5e-7 (1e-3 standard errors). False comes with the warning
    /// <see cref="FitWarningCode.NotConverged"/>.</summary>
    public required bool IsConverged { get; init; }
}
