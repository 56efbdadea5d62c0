namespace TypedPooling.Model;

/// <summary>The families of conjugate priors on the covariance matrix of correlated varying effects.</summary>
public enum CovarianceFamily
{
    /// <summary><see cref="InverseWishartPrior"/>: conjugate as it is.</summary>
    InverseWishart,

    /// <summary><see cref="HuangWandPrior"/>: conjugate given one auxiliary variable for each effect.</summary>
    HuangWand,
}
