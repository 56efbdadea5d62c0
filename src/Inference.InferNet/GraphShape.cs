using System.Globalization;

namespace TypedPooling.Inference.InferNet;

/// <summary>All of a graph that the compiled algorithm depends on: which nodes there are and the sizes of vectors. Data, numbers of levels and rows, and priors are observed when it runs.</summary>
/// <param name="Algorithm">The message-passing algorithm.</param>
/// <param name="NoiseIsKnown">Whether the noise precision is known.</param>
/// <param name="Rest">Size of beta; 0 where there is none.</param>
/// <param name="Blocks">Size, precision and mean of each block, as text: <c>W2m</c> for a Wishart of two terms with a mean.</param>
internal sealed record GraphShape(InferNetAlgorithm Algorithm, bool NoiseIsKnown, int Rest, string Blocks)
{
    /// <summary>The shape of a graph.</summary>
    public static GraphShape Of(NormalGraph graph, InferNetAlgorithm algorithm) => new(
        algorithm,
        graph.Noise is null,
        graph.Rest.Length,
        string.Join(' ', graph.Blocks.Select(block => string.Create(CultureInfo.InvariantCulture, $"{block.Kind.ToString()[0]}{block.Size}{(block.IsCentred ? "m" : "")}"))));
}
