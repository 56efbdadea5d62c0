namespace TypedPooling.Inference.GaussianSystem;

/// <summary>What the draws of a marginal posterior hold for regenerating effects. Arrays run draw after draw.</summary>
/// <param name="Count">Number of draws.</param>
/// <param name="Sigma">Residual sd.</param>
/// <param name="Lambda">Lambda, q x q by rows each.</param>
/// <param name="PivotedLambda">T Lambda, q x q by rows each.</param>
/// <param name="Population">beta~, n each: integrated effects, then joined ones.</param>
internal sealed record ScaleDraws(int Count, double[] Sigma, double[] Lambda, double[] PivotedLambda, double[] Population);
