namespace TypedPooling.Draws;

/// <summary>What an engine that integrates varying effects numerically reports of the error it makes. Immutable.</summary>
/// <param name="Points">Nodes of each dimension of the rule.</param>
/// <param name="LogDensityError">Standard deviation, over posterior draws, of the difference between the log density by the rule and by a much finer
/// one. To first order no posterior mean is off by more than this many of its posterior sds.</param>
public sealed record QuadratureStatistics(int Points, double LogDensityError);
