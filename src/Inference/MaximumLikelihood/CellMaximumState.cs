using TypedPooling.Files;
using TypedPooling.Inference.Posteriors;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Where a search in the likelihood of cells ended, from which its function is made again to the last bit. Immutable.</summary>
/// <param name="Nodes">Nodes of quadrature a dimension.</param>
/// <param name="CentredCentre">Centre of the coordinates of the population effects. Length p.</param>
/// <param name="CentredMap">Their map. p x p by rows.</param>
/// <param name="Best">The coordinates of the maximum.</param>
/// <param name="Covariance">Covariance of the first p. p x p by rows.</param>
/// <param name="Modes">v^, block after block.</param>
internal sealed record CellMaximumState(
    int Nodes, double[] CentredCentre, double[] CentredMap, double[] Best, double[] Covariance, double[] Modes)
{
    /// <summary>Reads a state.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="p">Number of estimated population effects.</param>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static CellMaximumState Read(FileReader reader, int p)
    {
        var nodes = reader.Count(LikelihoodSupport.MostNodes);
        FileDamage.Unless(nodes > 0, "there are no nodes");
        return new(
            nodes,
            reader.FiniteNumbers(p),
            reader.FiniteNumbers((long)p * p),
            reader.FiniteNumbers(reader.Room(reader.Count(), 1)),
            reader.FiniteNumbers((long)p * p),
            reader.FiniteNumbers(reader.Room(reader.Count(), 1)));
    }

    /// <summary>Writes the state.</summary>
    public void Write(FileWriter writer)
    {
        writer.Count(Nodes);
        writer.Numbers(CentredCentre);
        writer.Numbers(CentredMap);
        writer.Count(Best.Length);
        writer.Numbers(Best);
        writer.Numbers(Covariance);
        writer.Count(Modes.Length);
        writer.Numbers(Modes);
    }
}
