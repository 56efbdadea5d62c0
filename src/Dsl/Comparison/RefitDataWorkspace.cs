using System.Collections.Immutable;
using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Standardizing;

namespace TypedPooling;

/// <summary>Collapses some of the rows of a fit, as its model sees them, to a bound model with the priors of the fit. Used by one thread.</summary>
/// <remarks>Columns are those of the fit, an indicator that no row here has among them. Levels without rows here are left out. Where the model is
/// standardised, columns and response are standardised as the rows of the fit were.</remarks>
internal abstract class RefitDataWorkspace
{
    private readonly int[][] numbers;             // by factor and level of the fit: number here, -1 while it has no row
    private readonly List<int>[] kept;
    private readonly int[] own;

    private RefitDataWorkspace(BoundModel model)
    {
        numbers = [.. model.Levels.Select(table => Enumerable.Repeat(-1, table.Count).ToArray())];
        kept = [.. model.Levels.Select(_ => new List<int>())];
        own = new int[numbers.Length];
    }

    /// <summary>Begins without rows.</summary>
    /// <param name="fit">The fit.</param>
    public static RefitDataWorkspace Of<TRow>(Fit<TRow> fit) => fit.Bound is CellBoundModel cells
        ? new OfCells(cells)
        : new OfSums((NormalBoundModel)fit.Bound, new NormalRowDensity(fit.Posterior, fit.Rows.WeightKind));

    /// <summary>Adds a row.</summary>
    /// <param name="design">Rows, every level known to the fit.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="replicates">Number of rows that it is to stand for; 0 adds nothing.</param>
    public void Add(RowDesign design, int row, long replicates)
    {
        if (replicates == 0)
            return;
        for (var k = 0; k < own.Length; k++)
        {
            var level = design.Levels[row * own.Length + k];
            if (numbers[k][level] < 0)
            {
                numbers[k][level] = kept[k].Count;
                kept[k].Add(level);
            }

            own[k] = numbers[k][level];
        }

        AddRow(design, row, replicates);
    }

    /// <summary>Adds the sums of all levels but one, of a Normal model of one factor without weights.</summary>
    /// <param name="without">Number of the level.</param>
    public abstract void AddSums(int without);

    /// <summary>Fits the model to the rows added.</summary>
    /// <param name="options">How to fit.</param>
    /// <param name="what">What was left out, for a refusal.</param>
    /// <returns>The posterior on the scale of the rows, and for each factor the number in it of each level of the fit, -1 where it has
    /// none.</returns>
    /// <exception cref="ModelException">No row was added, or the model cannot be fitted to those that were.</exception>
    public (Draws.Posterior Posterior, int[][] Numbers) Fit(RunOptions options, string what)
    {
        var model = Build();
        if (model is null)
            throw new ModelException(new Problem(ProblemCode.NoRows, $"No row is left without {what}.", "Use data with more rows or levels."));
        Refusals.ThrowIfAny([.. Problems(model).Select(problem => problem with { Sentence = $"Without {what}: {problem.Sentence}" })]);
        return (OriginalScale.Restore(model, EngineSelection.Run(model, options).Posterior), numbers);
    }

    /// <summary>Adds a row whose levels have the numbers given.</summary>
    protected abstract void AddRow(RowDesign design, int row, long replicates);

    /// <summary>The model of the rows so far; null without any.</summary>
    protected abstract BoundModel? Build();

    /// <summary>Why the posterior is improper with these rows.</summary>
    protected abstract IEnumerable<Problem> Problems(BoundModel model);

    private ImmutableArray<LevelTable> Levels(BoundModel model) => [.. model.Levels.Select((table, k) => table.Select([.. kept[k]]))];

    private sealed class OfSums(NormalBoundModel model, NormalRowDensity density) : RefitDataWorkspace(model)
    {
        private readonly CellIndexWorkspace cells = new(model.Levels.Length);
        private readonly CellMomentsBuilder moments = new(model.Cells.ColumnCount);
        private readonly double[] values = new double[model.Cells.ColumnCount + 1];

        public override void AddSums(int without)
        {
            int[] others = [.. Enumerable.Range(0, model.Cells.CellCount).Where(cell => model.CellLevels(0)[cell] != without)];
            if (others.Length == 0)
                return;
            foreach (var cell in others)
            {
                own[0] = kept[0].Count;
                numbers[0][model.CellLevels(0)[cell]] = own[0];
                kept[0].Add(model.CellLevels(0)[cell]);
                cells.GetOrAdd(own);
            }

            var left = Enumerable.Range(0, model.Cells.CellCount).First(cell => model.CellLevels(0)[cell] == without);
            moments.Merge(model.Cells.Without(left, 0, 0), [.. Enumerable.Range(0, others.Length)]);
        }

        protected override void AddRow(RowDesign design, int row, long replicates)
        {
            var width = values.Length - 1;
            design.Matrix.AsSpan(row * width, width).CopyTo(values);
            values[width] = design.Responses![row] - design.Offsets[row];
            var weight = density.WeightOf(design, row);
            if (model.Standardization is { } by)
            {
                for (var c = 0; c < width; c++)
                    values[c] = (values[c] - by.Origins[c]) / by.Scales[c];
                values[width] = (values[width] - by.ResponseOrigin) / by.ResponseScale;
                if (model.Spec.Response.KnownSd is not null)
                    weight *= by.ResponseScale * by.ResponseScale;
            }

            var cell = cells.GetOrAdd(own);
            if (weight is { } given)
                moments.Add(cell, values, given);
            else if (replicates == 1)
                moments.Add(cell, values);
            else
                moments.AddReplicates(cell, values, replicates);
        }

        protected override BoundModel? Build() => moments.CellCount == 0 ? null
            : new NormalBoundModel(model.Spec, Levels(model), moments.Build(), cells.Levels(), 0) { Standardization = model.Standardization };

        protected override IEnumerable<Problem> Problems(BoundModel bound) =>
        [
            .. Identification.Check(bound.Spec, ((NormalBoundModel)bound).Cells.Total()),
            .. FlatScales.Check(ColumnsByCell.Of((NormalBoundModel)bound)),
        ];
    }

    private sealed class OfCells(CellBoundModel model) : RefitDataWorkspace(model)
    {
        private readonly ResponseCellsBuilder builder = new(model.Cells.ColumnCount, model.Levels.Length, model.Family);

        public override void AddSums(int without) => throw new NotSupportedException("A model of cells has no sums.");

        protected override void AddRow(RowDesign design, int row, long replicates)
        {
            var (response, size, shift) = CellRowDensity.CellOf(model.Family, design, row);
            var width = model.Cells.ColumnCount;
            builder.Add(
                design.Matrix.AsSpan(row * width, width),
                design.Offsets[row] + shift,
                own,
                response,
                size,
                model.Family.LogConstant(response, size),
                model.Family.Saturated(response, size),
                replicates);
        }

        protected override BoundModel? Build()
        {
            if (builder.Count == 0)
                return null;
            var cells = builder.Build();
            return new CellBoundModel(model.Spec, Levels(model), model.Standardization?.Apply(cells) ?? cells, 0)
            {
                Standardization = model.Standardization,
                OriginalCells = cells,
            };
        }

        protected override IEnumerable<Problem> Problems(BoundModel bound)
        {
            var cells = (CellBoundModel)bound;
            return
            [
                .. Identification.Check(bound.Spec, CellsBinding.Total(cells.Cells)),
                .. Separation.Check(cells, hasPriors: true),
                .. FlatScales.Check(ColumnsByCell.Of(cells)),
            ];
        }
    }
}
