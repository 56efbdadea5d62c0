namespace TypedPooling.Inference.JointPosterior;

/// <summary>The likelihood of all coefficients and sigma. Immutable; shared by chains.</summary>
internal abstract class JointLikelihood
{
    /// <summary>Number of estimated coefficients' rows: what standard deviations are measured against.</summary>
    public abstract double RowCount { get; }

    /// <summary>True where the predictor's likelihood is normal, so that one Newton step is the fit.</summary>
    public abstract bool IsNormal { get; }

    /// <summary>The cells.</summary>
    public abstract CellDesign Design { get; }

    /// <summary>Scratch of one chain.</summary>
    public abstract LikelihoodWorkspace NewWorkspace();
}
