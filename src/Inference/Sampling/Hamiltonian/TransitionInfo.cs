namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>What one transition reports of itself.</summary>
/// <param name="AcceptanceRate">Mean over the trajectory's new points of min(1, exp(start energy - energy)).</param>
/// <param name="IsDivergent">Whether the energy error passed the threshold.</param>
/// <param name="Depth">Number of completed doublings.</param>
/// <param name="Leapfrogs">Number of new points.</param>
/// <param name="Energy">Energy of the chosen point with its own momentum.</param>
internal readonly record struct TransitionInfo(double AcceptanceRate, bool IsDivergent, int Depth, int Leapfrogs, double Energy);
