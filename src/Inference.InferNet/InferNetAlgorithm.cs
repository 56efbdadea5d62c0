namespace TypedPooling.Inference.InferNet;

/// <summary>The message-passing algorithm by which Infer.NET approximates a posterior.</summary>
public enum InferNetAlgorithm
{
    /// <summary>Variational message passing: the closest product of independent parts. Means are good, sds too small. Source:
    /// [WinnBishop2005].</summary>
    VariationalMessagePassing,

    /// <summary>Expectation propagation: parts that agree in their moments with the posterior. Sds are better, convergence is not guaranteed. Source:
    /// [Minka2001].</summary>
    ExpectationPropagation,
}
