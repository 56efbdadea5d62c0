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

    /// <summary>The shape of a response: phi of a NegativeBinomial one, whose variance is mu + mu^2 / phi, or alpha of a Gamma one, mu^2 / alpha.</summary>
    Shape,

    /// <summary>The degrees of freedom of a StudentT response.</summary>
    DegreesOfFreedom,
}
