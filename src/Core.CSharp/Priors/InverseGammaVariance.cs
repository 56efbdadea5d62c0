namespace TypedPooling;

/// <summary>A prior of a standard deviation as an inverse gamma on the variance v = sd^2.</summary>
/// <remarks>
/// p(v) is proportional to v^-(shape + 1) exp(-scale / v). Given n normal values with this sd and mean 0, and their sum of squares S, the variance is
/// inverse gamma of shape + n / 2 and scale + S / 2.
/// </remarks>
/// <param name="Shape">The shape; above 0 for a proper prior, -1/2 for a flat sd.</param>
/// <param name="Scale">The scale, in squared units of the standard deviation; above 0 for a proper prior, 0 for a flat sd.</param>
public readonly record struct InverseGammaVariance(double Shape, double Scale);
