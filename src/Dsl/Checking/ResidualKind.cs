namespace TypedPooling;

/// <summary>What a response is compared with in a residual.</summary>
public enum ResidualKind
{
    /// <summary>Its distribution given all other responses: the fit has not seen it.</summary>
    LeaveOneOut,

    /// <summary>Its distribution given all responses, itself among them: residuals are too small, the more so the more effects there are.</summary>
    InSample,

    /// <summary>Its distribution in a new group: effects of every level are drawn from MVN(0, Sigma). Residuals of a level go up and down
    /// together.</summary>
    NewGroups,
}
