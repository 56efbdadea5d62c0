namespace TypedPooling.Draws;

/// <summary>The varying effects of one grouping factor: parameter index = level * q + term.</summary>
public abstract class EffectsBlock : DrawBlock
{
    /// <summary>Index of the factor in the model.</summary>
    public abstract int Factor { get; }

    /// <summary>Number of levels J.</summary>
    public abstract int LevelCount { get; }

    /// <summary>Number of varying terms q.</summary>
    public abstract int TermCount { get; }

    /// <inheritdoc/>
    public override int ParameterCount => checked(LevelCount * TermCount);

    /// <summary>Copies the joint draws of all effects of one level.</summary>
    /// <param name="level">Number of the level, from 0.</param>
    /// <param name="destination">Overwritten; term after term, each with all its draws: (term, draw) at term * DrawCount + draw. Length q *
    /// DrawCount.</param>
    public abstract void CopyLevel(int level, Span<double> destination);
}
