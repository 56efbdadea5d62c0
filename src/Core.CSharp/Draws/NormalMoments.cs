namespace TypedPooling.Draws;

/// <summary>Mean and standard deviation of an exactly normal quantity.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Sd">The standard deviation, zero or more.</param>
public readonly record struct NormalMoments(double Mean, double Sd);
