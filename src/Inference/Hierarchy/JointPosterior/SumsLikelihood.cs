using System.Runtime.CompilerServices;
using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The likelihood of a Normal response from the moments of cells. Immutable.</summary>
/// <remarks>
/// log p = -S / (2 sigma^2) - N log sigma - (N / 2) log 2 pi + half the sum of log weights, with S the sum over cells of W (y - eta)^2 at the cell's
/// means + C_yy - 2 b'C_xy + b'C_xx b about them, b the sum of all coefficients of a column there: what lies within cells never meets the size of the
/// means. Where no slope varies b is the same in all cells, and their C are one sum. The response is less the effects whose value is fixed.
/// </remarks>
internal sealed class SumsLikelihood : JointLikelihood
{
    private readonly HierarchyColumns columns;
    private readonly MomentTable cells;
    private readonly double[] weights;
    private readonly double[] rest;               // means of the response
    private readonly double constant;
    private readonly double rowCount;
    private readonly bool reportsSigma;           // false where errors are known by row: weights are their precisions, and sigma is 1
    private readonly int width;                   // distinct columns, and the response
    private readonly int[] columnOfEffect;        // -1 for the column of ones
    private readonly int[][] columnOfTerm;
    private readonly bool slopesVary;
    private readonly int[] withinCells;
    private readonly double[] within;             // C of all cells together, or of each of withinCells; width x width by rows

    /// <summary>Reads the moments of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="columns">Its layout.</param>
    /// <param name="cells">Moments of the features of the layout by cell.</param>
    public SumsLikelihood(NormalBoundModel model, HierarchyColumns columns, MomentTable cells)
    {
        this.columns = columns;
        this.cells = cells;
        Design = new CellDesign(columns, cells.Count, (cell, f) => cells.Mean[cell * cells.Width + f], (cell, k) => model.CellLevels(k)[cell]);
        weights = [.. Design.Order.Select(cell => cells.Weight[cell])];
        rest = [.. Design.Order.Select(cell => cells.Mean[(cell + 1) * cells.Width - 1])];
        rowCount = model.Cells.RowCount;
        constant = 0.5 * model.Cells.LogWeightSum - 0.5 * rowCount * Math.Log(2 * Math.PI) + model.LogJacobian;
        reportsSigma = model.Spec.Response.HasSigma;

        int[] variables = [.. cells.ColumnFeatures, cells.Width - 1];
        width = variables.Length;
        columnOfEffect = ColumnsOf(columns.PopulationFeatures);
        columnOfTerm = [.. columns.FactorFeatures.Select(ColumnsOf)];
        slopesVary = columnOfTerm.Any(factor => factor.Any(c => c >= 0));
        withinCells = slopesVary
            ? [.. Enumerable.Range(0, Design.Count).Where(i => variables.Any(v => cells.Centred(Design.Order[i], v, v) > 0))]
            : [0];
        within = new double[withinCells.Length * width * width];
        for (var i = 0; i < Design.Count; i++)
        {
            var at = slopesVary ? Array.BinarySearch(withinCells, i) : 0;
            for (var a = 0; a < width && at >= 0; a++)
            {
                for (var b = 0; b < width; b++)
                    within[(at * width + a) * width + b] += cells.Centred(Design.Order[i], variables[a], variables[b]);
            }
        }

        int[] ColumnsOf(int[] features) => [.. features.Select(f => cells.ColumnOfFeature[f])];
    }

    /// <inheritdoc/>
    public override double RowCount => rowCount;

    /// <inheritdoc/>
    public override bool IsNormal => true;

    /// <inheritdoc/>
    public override bool CanSeparate => false;

    /// <inheritdoc/>
    public override CellDesign Design { get; }

    /// <inheritdoc/>
    public override LikelihoodWorkspace NewWorkspace() => new Workspace(this);

    /// <summary>Scratch of one chain that wants residual sums of squares only.</summary>
    public Workspace NewResiduals() => new(this);

    /// <summary>Scratch of one chain.</summary>
    internal sealed class Workspace(SumsLikelihood owner) : LikelihoodWorkspace
    {
        private const int BlockLength = 512;

        private readonly double[] eta = new double[owner.weights.Length];
        private readonly double[] slopes = new double[owner.weights.Length];
        private readonly double[] shared = new double[owner.width];
        private readonly double[] b = new double[owner.width];
        private double precision;
        private double sumOfSquares;

        public override double SumOfSquares => sumOfSquares;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override double Evaluate(
            in ResponseScales scales,
            ReadOnlySpan<double> beta,
            ReadOnlySpan<double> effects,
            Span<double> onPopulation,
            Span<double> onEffects,
            out ResponseScales onScales)
        {
            var sigma = scales.Sigma;
            precision = 1 / (sigma * sigma);
            var design = owner.Design;
            Array.Clear(eta);
            design.Predict(beta, effects, eta);
            var squares = 0.0;
            for (var i = 0; i < eta.Length; i++)
            {
                var residual = owner.rest[i] - eta[i];
                var weighted = owner.weights[i] * residual;
                squares += weighted * residual;
                slopes[i] = precision * weighted;
            }

            design.PullBack(slopes, onPopulation, onEffects);
            squares += Within(beta, effects, onPopulation, onEffects);
            sumOfSquares = squares;
            onScales = new((squares * precision - owner.rowCount) / sigma, 0);
            return owner.constant - 0.5 * squares * precision - (owner.reportsSigma ? owner.rowCount * Math.Log(sigma) : 0);
        }

        /// <summary>S, the weighted sum of squared residuals.</summary>
        /// <param name="beta">beta~. Length p.</param>
        /// <param name="effects">u~, factor after factor.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public double ResidualSquares(ReadOnlySpan<double> beta, ReadOnlySpan<double> effects)
        {
            // Blocks stay in the first cache; four sums, so that one addition does not wait for the other.
            var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0);
            for (var first = 0; first < eta.Length; first += BlockLength)
            {
                var count = Math.Min(BlockLength, eta.Length - first);
                var block = eta.AsSpan(0, count);
                block.Clear();
                owner.Design.Predict(beta, effects, block, first);
                ReadOnlySpan<double> rest = owner.rest.AsSpan(first, count);
                ReadOnlySpan<double> weights = owner.weights.AsSpan(first, count);
                var i = 0;
                for (; i + 4 <= block.Length && i + 4 <= rest.Length && i + 4 <= weights.Length; i += 4)
                {
                    var (d0, d1, d2, d3) = (rest[i] - block[i], rest[i + 1] - block[i + 1], rest[i + 2] - block[i + 2], rest[i + 3] - block[i + 3]);
                    s0 += weights[i] * d0 * d0;
                    s1 += weights[i + 1] * d1 * d1;
                    s2 += weights[i + 2] * d2 * d2;
                    s3 += weights[i + 3] * d3 * d3;
                }

                for (; i < block.Length; i++)
                    s0 += weights[i] * (rest[i] - block[i]) * (rest[i] - block[i]);
            }

            return s0 + s1 + (s2 + s3) + Within(beta, effects, [], []);
        }

        // Products of features over the rows of a cell, which hold what lies within it.
        public override void Information(Span<double> population, double[][] effects)
        {
            population.Clear();
            Array.ForEach(effects, Array.Clear);
            for (var i = 0; i < owner.Design.Count; i++)
            {
                Add(owner.Design.Order[i], owner.columns.PopulationFeatures, population);
                for (var k = 0; k < effects.Length; k++)
                {
                    var q = owner.columns.TermCount(k);
                    Add(owner.Design.Order[i], owner.columns.FactorFeatures[k], effects[k].AsSpan(owner.Design.Starts(k)[i] * q, q * q));
                }
            }

            void Add(int cell, int[] features, Span<double> target)
            {
                for (var a = 0; a < features.Length; a++)
                {
                    for (var c = 0; c < features.Length; c++)
                        target[a * features.Length + c] += precision * owner.cells.Product(cell, features[a], features[c]);
                }
            }
        }

        // Of what lies within cells; adds the derivatives where they are wanted.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private double Within(ReadOnlySpan<double> beta, ReadOnlySpan<double> effects, Span<double> onPopulation, Span<double> onEffects)
        {
            var width = owner.width;
            var (columnOfEffect, columnOfTerm) = (owner.columnOfEffect, owner.columnOfTerm);
            Array.Clear(shared);
            shared[^1] = 1;
            for (var e = 0; e < columnOfEffect.Length; e++)
            {
                if (columnOfEffect[e] >= 0)
                    shared[columnOfEffect[e]] -= beta[e];
            }

            // Residual = (column values)'(-b, 1)
            var sum = 0.0;
            Span<double> onColumns = width <= 64 ? stackalloc double[width] : new double[width];
            for (var i = 0; i < owner.withinCells.Length; i++)
            {
                shared.CopyTo(b, 0);
                for (var k = 0; owner.slopesVary && k < columnOfTerm.Length; k++)
                {
                    var at = owner.columns.EffectStarts[k] + owner.Design.Starts(k)[owner.withinCells[i]];
                    for (var a = 0; a < columnOfTerm[k].Length; a++)
                    {
                        if (columnOfTerm[k][a] >= 0)
                            b[columnOfTerm[k][a]] -= effects[at + a];
                    }
                }

                var products = owner.within.AsSpan(i * width * width, width * width);
                for (var a = 0; a < width; a++)
                {
                    var row = 0.0;
                    for (var c = 0; c < width; c++)
                        row += products[a * width + c] * b[c];
                    sum += row * b[a];
                    onColumns[a] = precision * row;
                }

                for (var e = 0; e < onPopulation.Length; e++)
                {
                    if (columnOfEffect[e] >= 0)
                        onPopulation[e] += onColumns[columnOfEffect[e]];
                }

                for (var k = 0; owner.slopesVary && !onEffects.IsEmpty && k < columnOfTerm.Length; k++)
                {
                    var at = owner.columns.EffectStarts[k] + owner.Design.Starts(k)[owner.withinCells[i]];
                    for (var a = 0; a < columnOfTerm[k].Length; a++)
                    {
                        if (columnOfTerm[k][a] >= 0)
                            onEffects[at + a] += onColumns[columnOfTerm[k][a]];
                    }
                }
            }

            return sum;
        }
    }
}
