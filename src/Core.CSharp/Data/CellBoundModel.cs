using System.Collections.Immutable;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Data;

/// <summary>A model whose response is not Normal, and its data as cells.</summary>
/// <remarks>A model that is standardised is bound on the standardised scale: an engine fits the cells and the priors it finds here and knows nothing
/// of another scale.</remarks>
public sealed class CellBoundModel : BoundModel
{
    private readonly ResponseCells? originalCells;

    /// <summary>Binds a model to its cells.</summary>
    /// <param name="spec">The model; every prior decided.</param>
    /// <param name="levels">The levels of each factor.</param>
    /// <param name="cells">The cells, with the model's columns and factors.</param>
    /// <param name="droppedRowCount">Rows dropped on request because a value was missing.</param>
    /// <exception cref="ArgumentException">Shapes do not match, or a prior is undecided.</exception>
    internal CellBoundModel(ModelSpec spec, ImmutableArray<LevelTable> levels, ResponseCells cells, long droppedRowCount)
        : base(spec, levels, cells.RowCount, droppedRowCount)
    {
        if (levels.Length != spec.Factors.Length || cells.FactorCount != spec.Factors.Length)
            throw new ArgumentException("One level table and one list of cell levels are needed for each factor.", nameof(levels));
        if (spec.Response.Family is not CellsFamily)
            throw new ArgumentException("The response of a model of cells is not normal.", nameof(spec));
        if (cells.ColumnCount != spec.Columns.Length)
            throw new ArgumentException("The cells do not have the model's columns.", nameof(cells));
        if (spec.Population.Any(t => t.Prior is null) || spec.Factors.Any(f => f.Covariance is null && f.Terms.Any(t => t.Sd is null))
            || (spec.Response.HasSigma && spec.Response.Sigma is null) || (spec.Response.HasShape && spec.Response.Shape is null))
            throw new ArgumentException("A prior is undecided.", nameof(spec));
        Cells = cells;
    }

    /// <summary>The distribution of the response.</summary>
    internal CellsFamily Family => (CellsFamily)Spec.Response.Family;

    /// <summary>The cells; on the standardised scale where the model is standardised.</summary>
    public ResponseCells Cells { get; }

    /// <summary>The cells as they were read; <see cref="Cells"/> where the model is not standardised.</summary>
    internal ResponseCells OriginalCells
    {
        get => originalCells ?? Cells;
        init => originalCells = value;
    }

    /// <summary>The same data under another model of the same columns, terms and factors: other priors.</summary>
    /// <param name="spec">The model; every prior decided.</param>
    /// <returns>A model that shares the cells.</returns>
    /// <exception cref="ArgumentException">Shapes do not match, or a prior is undecided.</exception>
    public CellBoundModel With(ModelSpec spec) =>
        new(spec, Levels, Cells, DroppedRowCount) { Standardization = Standardization, OriginalCells = OriginalCells };

    /// <inheritdoc/>
    public override long[] RowsByLevel(int factor)
    {
        var rows = new long[Levels[factor].Count];
        for (var cell = 0; cell < Cells.Count; cell++)
            rows[Cells.Levels[cell * Cells.FactorCount + factor]] += Cells.Rows[cell];
        return rows;
    }
}
