namespace TypedPooling.Inference.InferNet;

/// <summary>What the rows of a graph have in common, whatever their response. Immutable once made.</summary>
internal abstract class GraphRows
{
    /// <summary>Z: d numbers a row.</summary>
    public abstract IReadOnlyList<double[]> Varying { get; }

    /// <summary>X: p numbers a row.</summary>
    public abstract IReadOnlyList<double[]> Population { get; }

    /// <summary>Level of each row in a factor.</summary>
    /// <param name="factor">Index of the factor.</param>
    /// <returns>A new array. Length: number of rows.</returns>
    public abstract int[] Levels(int factor);
}
