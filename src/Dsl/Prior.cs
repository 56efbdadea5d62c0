namespace TypedPooling;

/// <summary>Every prior by name, for <c>using static TypedPooling.Prior;</c> (C#) or <c>open type TypedPooling.Prior</c> (F#).</summary>
/// <remarks>What a prior may be used for is in its type: <see cref="IRealPrior"/> on a coefficient, <see cref="IScalePrior"/> on a standard
/// deviation, <see cref="ICorrelationPrior"/> on correlations, <see cref="ICovariancePrior"/> on a whole covariance matrix. Thread-safe: priors are
/// immutable, and any thread may make and share them.</remarks>
public static class Prior
{
    /// <summary>Flat: density 1 everywhere, so improper; on a coefficient or a standard deviation.</summary>
    public static FlatPrior Flat { get; } = new();

    /// <summary>The varying effects of a factor are not correlated.</summary>
    public static UncorrelatedPrior Uncorrelated { get; } = new();

    /// <summary>Normal prior on a coefficient.</summary>
    /// <param name="mean">Prior mean, in units of the coefficient.</param>
    /// <param name="sd">Prior standard deviation (not a variance); positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">A parameter is out of range.</exception>
    public static NormalPrior Normal(double mean, double sd) => new(mean, sd);

    /// <summary>Student-t prior on a coefficient.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom; positive.</param>
    /// <param name="location">Location, the prior median, in units of the coefficient.</param>
    /// <param name="scale">Scale (not the standard deviation); positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">A parameter is out of range.</exception>
    public static StudentTPrior StudentT(double degreesOfFreedom, double location, double scale) => new(degreesOfFreedom, location, scale);

    /// <summary>Cauchy prior on a coefficient.</summary>
    /// <param name="location">Location, the prior median, in units of the coefficient.</param>
    /// <param name="scale">Scale, half the distance of the quartiles; positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">A parameter is out of range.</exception>
    public static CauchyPrior Cauchy(double location, double scale) => new(location, scale);

    /// <summary>Laplace (double exponential) prior on a coefficient.</summary>
    /// <param name="location">Location, the prior mean, in units of the coefficient.</param>
    /// <param name="scale">Scale, the mean distance from the location; positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">A parameter is out of range.</exception>
    public static LaplacePrior Laplace(double location, double scale) => new(location, scale);

    /// <summary>A coefficient or a standard deviation that is known.</summary>
    /// <param name="value">The known value; on a standard deviation zero or more.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">The value is not finite.</exception>
    public static FixedPrior Fixed(double value) => new(value);

    /// <summary>Uniform prior on a coefficient or a standard deviation.</summary>
    /// <param name="lower">Lower bound; on a standard deviation zero or more.</param>
    /// <param name="upper">Upper bound, greater than the lower one.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">A bound is not finite, or the upper one is not above the lower one.</exception>
    public static UniformPrior Uniform(double lower, double upper) => new(lower, upper);

    /// <summary>Exponential prior on a standard deviation.</summary>
    /// <param name="rate">Rate, the inverse of the prior mean; positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">The rate is not positive and finite.</exception>
    public static ExponentialPrior Exponential(double rate) => new(rate);

    /// <summary>Half-normal prior on a standard deviation.</summary>
    /// <param name="scale">Standard deviation of the normal that is cut at 0; positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">The scale is not positive and finite.</exception>
    public static HalfNormalPrior HalfNormal(double scale) => new(scale);

    /// <summary>Half-Cauchy prior on a standard deviation.</summary>
    /// <param name="scale">Scale, the prior median; positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">The scale is not positive and finite.</exception>
    public static HalfCauchyPrior HalfCauchy(double scale) => new(scale);

    /// <summary>Half-Student-t prior on a standard deviation.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom; positive.</param>
    /// <param name="scale">Scale; positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public static HalfStudentTPrior HalfStudentT(double degreesOfFreedom, double scale) => new(degreesOfFreedom, scale);

    /// <summary>Prior on a shape x by which 1 / sqrt(x), a coefficient of variation, is Exponential.</summary>
    /// <param name="rate">Rate, the inverse of the prior mean of 1 / sqrt(x); positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">The rate is not positive and finite.</exception>
    public static ExponentialOnInverseRootPrior ExponentialOnInverseRoot(double rate) => new(rate);

    /// <summary>Gamma prior on a standard deviation, a shape or degrees of freedom; <c>.Above(1)</c> bounds it from below.</summary>
    /// <param name="shape">Shape; positive.</param>
    /// <param name="rate">Rate; positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public static GammaPrior Gamma(double shape, double rate) => new(shape, rate);

    /// <summary>Inverse-gamma prior on a variance, that is on the square of a standard deviation.</summary>
    /// <param name="shape">Shape; positive.</param>
    /// <param name="scale">Scale, in squared units of the response; positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public static InverseGammaOnVariancePrior InverseGammaOnVariance(double shape, double scale) => new(shape, scale);

    /// <summary>LKJ prior on a correlation matrix.</summary>
    /// <param name="eta">Concentration; positive. 1 is uniform over correlation matrices, more favours small correlations.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">The concentration is not positive and finite.</exception>
    public static LkjPrior Lkj(double eta) => new(eta);

    /// <summary>The prior of Huang and Wand on a whole covariance matrix: every sd is half-Student-t, and with 2 degrees of freedom every correlation
    /// is uniform.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom; positive.</param>
    /// <param name="scales">Scale of the sd of each varying effect, in their order, or one for all; positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">A parameter is not positive and finite, or there is no scale.</exception>
    public static HuangWandPrior HuangWand(double degreesOfFreedom, params double[] scales) => new(degreesOfFreedom, scales);

    /// <summary>Inverse-Wishart prior on a whole covariance matrix, its scale matrix a multiple of the identity.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom; more than the number of varying effects less one.</param>
    /// <param name="scale">The diagonal of the scale matrix; positive.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">A parameter is not positive and finite.</exception>
    public static InverseWishartPrior InverseWishart(double degreesOfFreedom, double scale) => new(degreesOfFreedom, scale);

    /// <summary>Inverse-Wishart prior on a whole covariance matrix.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom; more than the number of varying effects less one.</param>
    /// <param name="scaleMatrix">The scale matrix, symmetric and positive definite, in the order of the varying effects.</param>
    /// <returns>The prior.</returns>
    /// <exception cref="ModelException">The degrees of freedom are not positive and finite, or the matrix is not symmetric and positive
    /// definite.</exception>
    public static InverseWishartPrior InverseWishart(double degreesOfFreedom, double[,] scaleMatrix) => new(degreesOfFreedom, scaleMatrix);
}
