using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>How the marginal distribution of one parameter differs between an engine and the reference.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="MeanDifference">Mean less the reference's mean, in posterior sds of the reference.</param>
/// <param name="SdRatio">Sd over the reference's sd.</param>
/// <param name="Distance">Wasserstein distance of the draws, in posterior sds of the reference: how far mass has to be moved on average. Two sets of
/// n independent draws of one distribution differ by some 1 / sqrt(n).</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public sealed record ParameterDifference(Parameter Parameter, double MeanDifference, double SdRatio, double Distance);
