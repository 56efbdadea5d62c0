namespace TypedPooling;

/// <summary>A coefficient by least squares.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="StandardError">Its standard error, in the same units; NaN where the rows leave no degrees of freedom to estimate the residual sd.</param>
public readonly record struct LeastSquaresEstimate(double Value, double StandardError);
