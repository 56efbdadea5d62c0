namespace TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;

/// <summary>What the second pass over classes adds to the density and to its derivative for sigma, in units of sigma^2.</summary>
/// <param name="Squares">sum_c (tr W_c S_c + J_c r_c' W_c r_c), W_c = V_c^-1.</param>
/// <param name="Trace">sum_c J_c tr(W_c X_c H^-1 X_c'); 0 where no derivative is wanted.</param>
internal readonly record struct ResidualSums(double Squares, double Trace);
