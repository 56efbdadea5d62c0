using System.Globalization;

namespace TypedPooling.Inference.InferNet;

/// <summary>All of a graph that the compiled algorithm depends on: which nodes there are and the sizes of vectors. Data, numbers of levels and rows,
/// and priors are observed when it runs.</summary>
/// <param name="Algorithm">The message-passing algorithm.</param>
/// <param name="Noise">What rows are: <c>k</c> Normal with a known precision, <c>n</c> Normal with one to be inferred, <c>b</c> cells of successes.
/// The link is data.</param>
/// <param name="Rest">Size of beta; 0 where there is none.</param>
/// <param name="Blocks">Size, precision and mean of each block, as text: <c>W2m</c> for a Wishart of two terms with a mean.</param>
internal sealed record GraphShape(InferNetAlgorithm Algorithm, char Noise, int Rest, string Blocks)
{
    /// <summary>Normal rows whose precision is known.</summary>
    public const char KnownNoise = 'k';

    /// <summary>Normal rows whose precision is inferred.</summary>
    public const char EstimatedNoise = 'n';

    /// <summary>Cells of successes in trials.</summary>
    public const char Cells = 'b';

    /// <summary>The shape of a graph.</summary>
    public static GraphShape Of(FactorGraph graph, InferNetAlgorithm algorithm) => new(
        algorithm,
        graph.Rows is CellRows ? Cells : graph.Noise is null ? KnownNoise : EstimatedNoise,
        graph.Rest.Length,
        string.Join(
            ' ',
            graph.Blocks.Select(
                block => string.Create(CultureInfo.InvariantCulture, $"{block.Kind.ToString()[0]}{block.Size}{(block.IsCentred ? "m" : "")}"))));
}
