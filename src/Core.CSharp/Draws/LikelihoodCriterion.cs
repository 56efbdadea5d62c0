namespace TypedPooling.Draws;

/// <summary>What is maximised.</summary>
public enum LikelihoodCriterion
{
    /// <summary>The likelihood of the response (ML).</summary>
    MaximumLikelihood,

    /// <summary>The restricted likelihood (REML): the population effects are integrated out over a flat prior, so that scales allow for their
    /// estimation. As lme4 defines it, without log |X'X|.</summary>
    RestrictedMaximumLikelihood,
}
