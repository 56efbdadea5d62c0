namespace TypedPooling.Inference.InferNet;

/// <summary>The factor p(a | n, eta) of a graph, whose messages are in <see cref="BinomialFactorMessages"/>. For the code that Infer.NET generates;
/// users have no use for it.</summary>
public static class BinomialFactor
{
    /// <summary>States that a cell was observed with a linear predictor.</summary>
    /// <param name="eta">The linear predictor less the cell's offset.</param>
    /// <param name="cell">The cell.</param>
    /// <remarks>Nothing is computed: Infer.NET asks for a method by which to name a factor.</remarks>
    public static void Observe(double eta, BinomialCell cell)
    {
    }
}
