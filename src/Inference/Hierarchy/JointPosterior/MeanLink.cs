namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>A population effect that is part of the mean of a factor's coefficients: in each level its multiple is in the sum that is a
/// coordinate.</summary>
/// <param name="Term">The varying term.</param>
/// <param name="Population">The population effect, among the estimated ones.</param>
/// <param name="Values">Its multiple by level: the value of its centred column; null where that is the term's own column.</param>
internal sealed record MeanLink(int Term, int Population, double[]? Values);
