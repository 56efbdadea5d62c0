namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The likelihood of all coefficients, sigma and the shape. Immutable; shared by chains.</summary>
internal abstract class JointLikelihood
{
    /// <summary>Number of estimated coefficients' rows: what standard deviations are measured against.</summary>
    public abstract double RowCount { get; }

    /// <summary>True where the predictor's likelihood is normal, so that one Newton step is the fit.</summary>
    public abstract bool IsNormal { get; }

    /// <summary>True where the likelihood may rise for ever as coefficients grow: probabilities and counts.</summary>
    public abstract bool CanSeparate { get; }

    /// <summary>The cells.</summary>
    public abstract CellDesign Design { get; }

    /// <summary>Scratch of one chain.</summary>
    public abstract LikelihoodWorkspace NewWorkspace();
}
