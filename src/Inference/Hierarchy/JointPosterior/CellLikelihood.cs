using System.Runtime.CompilerServices;
using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The likelihood of responses that are not Normal: a curve of the linear predictor of each cell. Immutable.</summary>
internal sealed class CellLikelihood : JointLikelihood
{
    private readonly ResponseCurve curve;
    private readonly double[] known;
    private readonly double[] responses;
    private readonly double[] sizes;
    private readonly ScaleTerm scaleTerm;
    private readonly double logConstant;

    /// <summary>Sorts the cells of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="columns">Its layout.</param>
    public CellLikelihood(CellBoundModel model, HierarchyColumns columns)
    {
        var cells = model.Cells;
        curve = model.Family.Curve;
        Design = new CellDesign(
            columns, cells.Count, (cell, f) => Value(cell, columns.Features[f].Column) - columns.Features[f].Origin,
            (cell, k) => cells.Levels[cell * cells.FactorCount + k]);
        known = [.. Design.Order.Select(KnownOf)];
        responses = [.. Design.Order.Select(cell => cells.Responses[cell])];
        sizes = [.. Design.Order.Select(cell => cells.Sizes[cell])];
        scaleTerm = model.Family.NewScaleTerm(cells.View);
        logConstant = cells.LogConstant;
        CanSeparate = model.Family.Outcomes is not null;
        RowCount = cells.RowCount;

        double Value(int cell, int column) => column == ModelSpec.Ones ? 1 : cells.Columns[cell * cells.ColumnCount + column];

        double KnownOf(int cell)
        {
            var sum = cells.Offsets[cell] + columns.Population.Response;
            foreach (var (column, value) in columns.Population.FixedColumns.Zip(columns.Population.FixedValues))
                sum += value * Value(cell, column);
            return sum;
        }
    }

    /// <inheritdoc/>
    public override double RowCount { get; }

    /// <inheritdoc/>
    public override bool IsNormal => false;

    /// <inheritdoc/>
    public override bool CanSeparate { get; }

    /// <inheritdoc/>
    public override CellDesign Design { get; }

    /// <summary>The known part of each cell's predictor: offsets, fixed effects and what is taken off the response. Length C.</summary>
    public ReadOnlySpan<double> Known => known;

    /// <summary>Means of the columns over rows.</summary>
    public static double[] Means(ResponseCells cells)
    {
        var m = cells.ColumnCount;
        var means = new double[m];
        var weight = 0.0;
        for (var cell = 0; cell < cells.Count; cell++)
        {
            weight += cells.Rows[cell];
            for (var c = 0; c < m; c++)
                means[c] += (cells.Columns[cell * m + c] - means[c]) * (cells.Rows[cell] / weight);
        }

        return means;
    }

    /// <inheritdoc/>
    public override LikelihoodWorkspace NewWorkspace() => new Workspace(this);

    private sealed class Workspace(CellLikelihood owner) : LikelihoodWorkspace
    {
        private readonly double[] eta = new double[owner.responses.Length];
        private readonly double[] slopes = new double[owner.responses.Length];
        private ResponseScales last = new(1, 1);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override double Evaluate(
            in ResponseScales scales,
            ReadOnlySpan<double> beta,
            ReadOnlySpan<double> effects,
            Span<double> onPopulation,
            Span<double> onEffects,
            out ResponseScales onScales)
        {
            last = scales;
            owner.known.CopyTo(eta, 0);
            owner.Design.Predict(beta, effects, eta);
            var sum = owner.curve.Sum(eta, owner.responses, owner.sizes, scales, slopes, out onScales);
            if (!double.IsFinite(sum))
                return double.NegativeInfinity;
            owner.Design.PullBack(slopes, onPopulation, onEffects);
            sum += owner.scaleTerm.At(scales, out var onTerm);
            onScales += onTerm;
            return sum + owner.logConstant;
        }

        public override double SumOfSquares => owner.curve.ResidualSquares(eta, owner.responses, owner.sizes, last);

        public override void Information(Span<double> population, double[][] effects)
        {
            var weights = new double[eta.Length];
            owner.curve.Information(eta, owner.responses, owner.sizes, last, weights);
            owner.Design.Information(weights, population, effects);
        }
    }
}
