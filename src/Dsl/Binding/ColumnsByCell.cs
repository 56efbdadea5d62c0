using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>The columns of a bound model seen cell by cell, whatever its response: what checks of columns against groups look at.</summary>
internal abstract class ColumnsByCell(BoundModel model)
{
    public ModelSpec Spec => model.Spec;

    /// <summary>Number of rows.</summary>
    public long RowCount => model.RowCount;

    /// <summary>Number of cells.</summary>
    public abstract int Count { get; }

    public LevelTable Levels(int factor) => model.Levels[factor];

    /// <summary>The level of a cell in a factor.</summary>
    public abstract int Level(int factor, int cell);

    /// <summary>The value of a column in the rows of a cell; their mean where it varies.</summary>
    public abstract double Value(int cell, int column);

    /// <summary>Whether a column has different values in the rows of a cell.</summary>
    public abstract bool Varies(int cell, int column);

    /// <summary>Number of levels of a factor in which no intercept, however large, fits the rows better than a finite one; only they keep a flat sd
    /// from being infinite.</summary>
    public abstract int BoundedLevels(int factor);

    public static ColumnsByCell Of(NormalBoundModel model) => new Moments(model);

    public static ColumnsByCell Of(CellBoundModel model) => new Values(model);

    // A cell's first row is its pivot, so that a column that does not vary has a sum of squares of exactly 0.
    private sealed class Moments(NormalBoundModel model) : ColumnsByCell(model)
    {
        private readonly NormalBoundModel model = model;

        public override int Count => model.Cells.CellCount;

        public override int Level(int factor, int cell) => model.CellLevels(factor)[cell];

        public override double Value(int cell, int column) => model.Cells.Means(cell)[column];

        public override bool Varies(int cell, int column) => model.Cells.CrossProducts(cell)[column * (column + 1) / 2 + column] > 0;

        public override int BoundedLevels(int factor) => model.Levels[factor].Count;
    }

    private sealed class Values(CellBoundModel model) : ColumnsByCell(model)
    {
        private readonly CellBoundModel model = model;

        public override int Count => model.Cells.Count;

        public override int Level(int factor, int cell) => model.Cells.Levels[cell * model.Cells.FactorCount + factor];

        public override double Value(int cell, int column) => model.Cells.Columns[cell * model.Cells.ColumnCount + column];

        public override bool Varies(int cell, int column) => false;

        public override int BoundedLevels(int factor)
        {
            var below = new bool[model.Levels[factor].Count];
            var above = new bool[below.Length];
            for (var cell = 0; cell < Count; cell++)
            {
                var level = Level(factor, cell);
                var (fromBelow, fromAbove) = model.Family.Bounds(model.Cells.Responses[cell], model.Cells.Sizes[cell]);
                below[level] |= fromBelow;
                above[level] |= fromAbove;
            }

            return below.Where((has, level) => has && above[level]).Count();
        }
    }
}
