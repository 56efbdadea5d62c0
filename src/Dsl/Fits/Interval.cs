namespace TypedPooling;

/// <summary>A central interval of a posterior quantity.</summary>
/// <param name="Lower">Lower end, in the quantity's units.</param>
/// <param name="Upper">Upper end, in the quantity's units.</param>
/// <param name="Probability">Posterior probability between the ends.</param>
public readonly record struct Interval(double Lower, double Upper, double Probability);
