namespace TypedPooling.Draws;

/// <summary>A set of parameters and their joint draws, stored or regenerated on demand. Draws of all blocks of a posterior are aligned: draw s
/// belongs to draw s.</summary>
/// <remarks>Immutable and safe to read from several threads.</remarks>
public abstract class DrawBlock
{
    /// <summary>Number of parameters.</summary>
    public abstract int ParameterCount { get; }

    /// <summary>Number of draws over all chains.</summary>
    public abstract int DrawCount { get; }

    /// <summary>What one parameter is.</summary>
    /// <param name="index">Index in the block, from 0.</param>
    /// <returns>Its row of the parameter table.</returns>
    public abstract Parameter Parameter(int index);

    /// <summary>Copies the draws of one parameter.</summary>
    /// <param name="index">Index in the block, from 0.</param>
    /// <param name="destination">Overwritten; chain after chain, each in its own order. Length <see cref="DrawCount"/>.</param>
    public abstract void CopyDraws(int index, Span<double> destination);
}
