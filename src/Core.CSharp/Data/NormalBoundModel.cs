using System.Collections.Immutable;
using TypedPooling.Model;

namespace TypedPooling.Data;

/// <summary>A model whose response, or its log, is Normal, and its data as sums: all that the likelihood of a normal hierarchy needs.</summary>
/// <remarks>A model that is standardised is bound on the standardised scale: an engine fits the sums and the priors it finds here and knows nothing
/// of another scale.</remarks>
public sealed class NormalBoundModel : BoundModel
{
    private readonly int[][] cellLevels;

    /// <summary>Binds a model to its sums.</summary>
    /// <param name="spec">The model; every prior decided.</param>
    /// <param name="levels">The levels of each factor.</param>
    /// <param name="cells">Moments of columns and response, a cell for every combination of levels that has rows; one cell without factors.</param>
    /// <param name="cellLevels">For each factor the level of each cell. Length of each: number of cells.</param>
    /// <param name="droppedRowCount">Rows dropped on request because a value was missing.</param>
    /// <exception cref="ArgumentException">Shapes do not match, or a prior is undecided.</exception>
    internal NormalBoundModel(ModelSpec spec, ImmutableArray<LevelTable> levels, CellMoments cells, int[][] cellLevels, long droppedRowCount)
        : base(spec, levels, cells.RowCount, droppedRowCount)
    {
        if (levels.Length != spec.Factors.Length || cellLevels.Length != spec.Factors.Length)
            throw new ArgumentException("One level table and one list of cell levels are needed for each factor.", nameof(levels));
        if (cells.ColumnCount != spec.Columns.Length)
            throw new ArgumentException("The moments do not have the model's columns.", nameof(cells));
        if (spec.Population.Any(t => t.Prior is null) || spec.Factors.Any(f => f.Covariance is null && f.Terms.Any(t => t.Sd is null)))
            throw new ArgumentException("A prior is undecided.", nameof(spec));
        Cells = cells;
        this.cellLevels = cellLevels;
    }

    /// <summary>Moments of the columns and the response (its log where the family is LogNormal), less offsets, by cell; on the standardised scale
    /// where the model is standardised.</summary>
    public CellMoments Cells { get; }

    /// <summary>Log of the Jacobian that turns the density of the modelled response into that of the response itself: minus the sum of log y of all
    /// rows for LogNormal, 0 for Normal, and in both minus the number of rows times log s_y where the response is standardised by s_y.</summary>
    public double LogJacobian { get; init; }

    /// <summary>Moments of all rows as one cell, each row counting once whatever its precision weight, on the scale of <see cref="Cells"/>; null
    /// where rows have no precision weights or known errors, so that the total of the cells is that.</summary>
    internal CellMoments? Unweighted { get; init; }

    /// <summary>The same data under another model of the same columns, terms and factors: other priors.</summary>
    /// <param name="spec">The model; every prior decided.</param>
    /// <returns>A model that shares the sums.</returns>
    /// <exception cref="ArgumentException">Shapes do not match, or a prior is undecided.</exception>
    public NormalBoundModel With(ModelSpec spec) =>
        new(
            spec,
            Levels,
            Cells,
            cellLevels,
            DroppedRowCount)
        { LogJacobian = LogJacobian, Standardization = Standardization, Unweighted = Unweighted };

    /// <summary>The same model of other data in the same cells: simulated ones.</summary>
    /// <param name="cells">Moments of the same columns, cell for cell.</param>
    /// <returns>A model that shares the levels. <see cref="LogJacobian"/> stays that of the original response.</returns>
    /// <exception cref="ArgumentException">The numbers of columns or cells differ.</exception>
    internal NormalBoundModel With(CellMoments cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.CellCount != Cells.CellCount)
            throw new ArgumentException("The moments do not have the model's cells.", nameof(cells));
        return new(Spec, Levels, cells, cellLevels, DroppedRowCount) { LogJacobian = LogJacobian, Standardization = Standardization };
    }

    /// <summary>The level of each cell in one factor.</summary>
    /// <param name="factor">Index of the factor.</param>
    /// <returns>Level numbers. Length: number of cells.</returns>
    public ReadOnlySpan<int> CellLevels(int factor) => cellLevels[factor];

    /// <inheritdoc/>
    public override long[] RowsByLevel(int factor)
    {
        var rows = new long[Levels[factor].Count];
        for (var cell = 0; cell < Cells.CellCount; cell++)
            rows[cellLevels[factor][cell]] += Cells.Rows(cell);
        return rows;
    }
}
