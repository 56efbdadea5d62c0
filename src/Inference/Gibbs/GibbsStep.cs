namespace TypedPooling.Inference.Gibbs;

/// <summary>One step of a sweep of the Gibbs sampler.</summary>
/// <param name="Parameters">What it draws, for example <c>beta, u[Cafe]</c>.</param>
/// <param name="Update">How, for example <c>joint normal, 20 levels eliminated in 1 class</c>.</param>
/// <param name="Cost">Arithmetic operations, roughly.</param>
public sealed record GibbsStep(string Parameters, string Update, double Cost);
