namespace TypedPooling.Draws;

/// <summary>The kinds of warning a posterior carries.</summary>
public enum FitWarningCode
{
    /// <summary>Some trajectories diverged.</summary>
    Divergences,

    /// <summary>Some trajectories were cut at the greatest tree depth.</summary>
    TreeDepth,

    /// <summary>A chain explores the energy badly (E-BFMI below 0.3).</summary>
    LowEnergyBfmi,

    /// <summary>R-hat of a parameter is above 1.01.</summary>
    RHat,

    /// <summary>The effective sample size of a parameter is below 100 a chain.</summary>
    LowEss,

    /// <summary>The run was cancelled and holds fewer draws than were asked for.</summary>
    Cancelled,

    /// <summary>A prior was replaced by a conjugate one, on request.</summary>
    PriorReplaced,

    /// <summary>An iteration or a search for a maximum ended before it had converged.</summary>
    NotConverged,

    /// <summary>The approximation behind the draws is known to be poor, or not yet well tried, for a part of the model.</summary>
    Approximation,

    /// <summary>The estimate of a scale lies on the boundary of what is possible: an sd of 0, a correlation of 1 or -1.</summary>
    Boundary,

    /// <summary>The posterior mean of a quantity need not exist; medians and quantiles do.</summary>
    MeanMayNotExist,

    /// <summary>Effects were integrated out numerically with an error that is not negligible beside that of the draws.</summary>
    Quadrature,

    /// <summary>Columns of population effects are linearly dependent, so that only priors tell their coefficients apart.</summary>
    DependentColumns,

    /// <summary>A prior named by the user holds at an intercept far outside the data.</summary>
    DistantOrigin,

    /// <summary>The estimate of a population effect without groups and priors lies far outside its prior.</summary>
    PriorConflict,

    /// <summary>A note: there are population slopes and no population intercept.</summary>
    NoIntercept,

    /// <summary>A note: the fit was saved by a version with other random numbers, so that what is drawn anew has the same distribution and other
    /// bits.</summary>
    OtherDrawScheme,
}
