namespace TypedPooling.Draws;

/// <summary>What a parameter of a posterior is.</summary>
public enum ParameterKind
{
    /// <summary>A population effect, an element of beta.</summary>
    PopulationEffect,

    /// <summary>The residual standard deviation.</summary>
    Sigma,

    /// <summary>The standard deviation of a varying effect over the levels of its factor.</summary>
    VaryingSd,

    /// <summary>The correlation of two varying effects of one factor.</summary>
    VaryingCorrelation,

    /// <summary>A varying effect of one level, an element of u: a deviation from the population effect.</summary>
    VaryingEffect,

    /// <summary>The shape of a response, which varies less the greater it is: a count of variance mu + mu^2 / shape, or a positive response of
    /// variance mu^2 / shape.</summary>
    Shape,

    /// <summary>The degrees of freedom of a response with heavy tails.</summary>
    DegreesOfFreedom,

    /// <summary>The precision phi of a response between 0 and 1 of mean mu, whose variance is mu (1 - mu) / (1 + phi).</summary>
    Precision,
}
