using System.Collections.Immutable;
using TypedPooling.Model;

namespace TypedPooling.Data;

/// <summary>A model whose data have been read and whose priors are all decided: all that an engine sees.</summary>
public abstract class BoundModel
{
    private protected BoundModel(ModelSpec spec, ImmutableArray<LevelTable> levels, long rowCount, long droppedRowCount)
    {
        Spec = spec;
        Levels = levels;
        RowCount = rowCount;
        DroppedRowCount = droppedRowCount;
    }

    /// <summary>The model; no prior is left to a default.</summary>
    public ModelSpec Spec { get; }

    /// <summary>The levels of each grouping factor, in the order of the model's factors.</summary>
    public ImmutableArray<LevelTable> Levels { get; }

    /// <summary>Number of rows used.</summary>
    public long RowCount { get; }

    /// <summary>Number of rows dropped on request because a value was missing.</summary>
    public long DroppedRowCount { get; }

    /// <summary>By what columns and response were standardised; null where they are as they were read.</summary>
    internal Standardization? Standardization { get; init; }

    /// <summary>Number of rows of each level of a factor; a row that stands for several counts as so many.</summary>
    /// <param name="factor">Index of the factor.</param>
    /// <returns>A new array. Length: number of levels.</returns>
    public abstract long[] RowsByLevel(int factor);
}
