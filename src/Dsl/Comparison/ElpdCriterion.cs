namespace TypedPooling;

/// <summary>How an expected log predictive density was estimated.</summary>
public enum ElpdCriterion
{
    /// <summary>Leave one row out, by Pareto smoothed importance sampling (PSIS-LOO).</summary>
    LeaveOneOut,

    /// <summary>The widely applicable information criterion (WAIC), by rows.</summary>
    Waic,

    /// <summary>Leave one level of a grouping factor out, its effects integrated out.</summary>
    LeaveGroupOut,

    /// <summary>Leave a fold of rows out by fitting again (K-fold cross-validation), and predict each of its rows.</summary>
    KFold,
}
