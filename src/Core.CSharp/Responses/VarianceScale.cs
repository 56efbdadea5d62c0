namespace TypedPooling;

/// <summary>The scale on which shares of variance (ICC, R^2) are asked for. For a Normal response all are the same.</summary>
/// <remarks>See <c>docs/prediction.md</c>. Sources: [Nakagawa2017], [Goldstein2002].</remarks>
public enum VarianceScale
{
    /// <summary>The scale of the link, with the variance that the response's distribution adds to the linear predictor: pi^2 / 3 for the logit, 1 for
    /// the probit and pi^2 / 6 for the complementary log-log link; the trigamma function of 1 / c for a log link, c the squared coefficient of
    /// variation of a response; trigamma(mu phi) + trigamma((1 - mu) phi) for Beta; sigma^2 nu / (nu - 2) for StudentT; sigma^2 of the log of a
    /// LogNormal response.</summary>
    Latent,

    /// <summary>The same, with log(1 + c) for a log link: what a log-normal response of that coefficient of variation would add.</summary>
    LatentLogNormal,

    /// <summary>The same, with c itself for a log link: the delta method.</summary>
    LatentDelta,

    /// <summary>The scale of the response: of one trial of a proportion, and of a row of anything else. Varying effects are integrated out, by
    /// quadrature.</summary>
    Response,
}
