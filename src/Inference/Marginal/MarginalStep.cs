namespace TypedPooling.Inference.Marginal;

/// <summary>One step of an evaluation of the marginal density.</summary>
/// <param name="Coefficients">What is integrated out, for example <c>u[Cafe]</c>.</param>
/// <param name="Method">How, for example <c>eliminated level by level, 20 levels in 1 class</c>.</param>
/// <param name="Cost">Arithmetic operations, roughly.</param>
public sealed record MarginalStep(string Coefficients, string Method, double Cost);
