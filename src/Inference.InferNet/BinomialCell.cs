namespace TypedPooling.Inference.InferNet;

/// <summary>What one cell of a Bernoulli or Binomial response says of its linear predictor. For the code that Infer.NET generates; users have no use
/// for it.</summary>
/// <param name="Successes">Number of successes a, 0 to n.</param>
/// <param name="Trials">Number of trials n, positive.</param>
/// <param name="Offset">Known part of the linear predictor.</param>
/// <param name="Link">Logit or probit.</param>
public readonly record struct BinomialCell(double Successes, double Trials, double Offset, Link Link);
