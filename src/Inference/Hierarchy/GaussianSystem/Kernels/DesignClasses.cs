namespace TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;

/// <summary>The distinct pseudo-designs of a system, each with what the likelihood needs of its levels' responses. Arrays run class after
/// class.</summary>
/// <param name="Count">Number of classes.</param>
/// <param name="LevelCounts">Number of levels J_c of a class.</param>
/// <param name="Varying">Z_c, q x q by rows, upper triangular.</param>
/// <param name="Population">X_c, q x p by rows.</param>
/// <param name="MeanResponse">Mean of y_j over the levels of the class. Length q each.</param>
/// <param name="Scatter">Sum over the levels of (y_j - mean)(y_j - mean)', q x q by rows.</param>
internal sealed record DesignClasses(int Count, double[] LevelCounts, double[] Varying, double[] Population, double[] MeanResponse, double[] Scatter);
