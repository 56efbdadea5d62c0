namespace TypedPooling.Storage;

/// <summary>How the model that an engine fitted differs from the one that was bound. The numbers are part of the format.</summary>
internal enum SpecVariant
{
    /// <summary>Not at all.</summary>
    Bound = 0,

    /// <summary>Factors are sampled where their priors are stated.</summary>
    OwnOrigins = 1,

    /// <summary>Priors are left out.</summary>
    Likelihood = 2,

    /// <summary>Priors are replaced by conjugate ones, covariances by inverse Wishart ones.</summary>
    InverseWishart = 3,

    /// <summary>Priors are replaced by conjugate ones, covariances by those of Huang and Wand.</summary>
    HuangWand = 4,
}
