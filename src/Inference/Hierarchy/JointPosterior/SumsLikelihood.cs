using System.Runtime.CompilerServices;
using TypedPooling.Data;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The likelihood of a Normal response from the moments of cells. Immutable.</summary>
/// <remarks>
/// log p = -S / (2 sigma^2) - N log sigma - (N / 2) log 2 pi + half the sum of log weights, with S the sum over cells of W (y - eta)^2 at the cell's
/// means + C_yy - 2 b'C_xy + b'C_xx b about them, b the sum of all coefficients of a column there: what lies within cells never meets the size of the
/// means. Where no slope varies b is the same in all cells, and their C are one sum.
/// </remarks>
internal sealed class SumsLikelihood : JointLikelihood
{
    private readonly JointTerms terms;
    private readonly double[] weights;
    private readonly double[] rest;               // means of y less what is known
    private readonly double constant;
    private readonly double rowCount;
    private readonly int width;                   // distinct columns, and the response
    private readonly int[] columnOfEffect;        // -1 for the column of ones
    private readonly int[][] columnOfTerm;
    private readonly bool slopesVary;
    private readonly int[] withinCells;
    private readonly double[] within;             // C of all cells together, or of each of withinCells; width x width by rows
    private readonly double[] fixedSlopes;        // by column: minus the fixed values, 1 for the response

    /// <summary>Reads the sums of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="terms">Its terms.</param>
    public SumsLikelihood(NormalBoundModel model, JointTerms terms)
    {
        this.terms = terms;
        var cells = model.Cells;
        var m = cells.ColumnCount;
        Design = new CellDesign(terms, cells.CellCount, (cell, c) => cells.Means(cell)[c], (cell, k) => model.CellLevels(k)[cell], _ => 0);
        weights = [.. Design.Order.Select(cells.Weight)];
        rest = [.. Design.Order.Select((cell, i) => cells.Means(cell)[m] - Design.Known[i])];
        rowCount = cells.RowCount;
        constant = 0.5 * cells.LogWeightSum - 0.5 * rowCount * Math.Log(2 * Math.PI) + model.LogJacobian;
        ReportsSigma = model.Spec.Response.HasSigma;

        var columns =
            terms.Spec.Population.Select(term => term.Column).Concat(terms.FactorColumns.SelectMany(c => c)).Where(c => c != ModelSpec.Ones)
                .Distinct().ToList();
        width = columns.Count + 1;
        columnOfEffect = [.. terms.Columns.Select(c => columns.IndexOf(c))];
        columnOfTerm = [.. terms.FactorColumns.Select(factor => factor.Select(c => columns.IndexOf(c)).ToArray())];
        slopesVary = columnOfTerm.Any(factor => factor.Any(c => c >= 0));
        fixedSlopes = new double[width];
        fixedSlopes[^1] = 1;
        foreach (var term in terms.Spec.Population)
        {
            if (term is { Prior.FixedValue: { } fixedAt } && term.Column != ModelSpec.Ones)
                fixedSlopes[columns.IndexOf(term.Column)] -= fixedAt;
        }

        int[] variables = [.. columns, m];
        withinCells = slopesVary
            ? [.. Enumerable.Range(0, Design.Count).Where(i => variables.Any(v => cells.CrossProducts(Design.Order[i])[v * (v + 1) / 2 + v] > 0))]
            : [0];
        within = new double[withinCells.Length * width * width];
        for (var i = 0; i < Design.Count; i++)
        {
            var at = slopesVary ? Array.BinarySearch(withinCells, i) : 0;
            if (at < 0)
                continue;
            var products = cells.CrossProducts(Design.Order[i]);
            for (var a = 0; a < width; a++)
            {
                for (var b = 0; b < width; b++)
                {
                    var (high, low) = variables[a] >= variables[b] ? (variables[a], variables[b]) : (variables[b], variables[a]);
                    within[(at * width + a) * width + b] += products[high * (high + 1) / 2 + low];
                }
            }
        }
    }

    /// <inheritdoc/>
    public override double RowCount => rowCount;

    /// <inheritdoc/>
    public override bool IsNormal => true;

    /// <inheritdoc/>
    public override bool CanSeparate => false;

    /// <inheritdoc/>
    public override CellDesign Design { get; }

    // False where errors are known by row: weights then are their precisions, and sigma is 1.
    private bool ReportsSigma { get; }

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
            return owner.constant - 0.5 * squares * precision - (owner.ReportsSigma ? owner.rowCount * Math.Log(sigma) : 0);
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

        public override void Information(Span<double> population, double[][] effects)
        {
            var (terms, width) = (owner.terms, owner.width);
            CellInformation.Sum(terms, owner.Design, [.. owner.weights.Select(w => w * precision)], population, effects);
            for (var i = 0; i < owner.withinCells.Length; i++)
            {
                var products = owner.within.AsSpan(i * width * width, width * width);
                Add(products, owner.columnOfEffect, population);
                for (var k = 0; owner.slopesVary && k < effects.Length; k++)
                {
                    var q = owner.columnOfTerm[k].Length;
                    Add(products, owner.columnOfTerm[k], effects[k].AsSpan(owner.Design.Starts(k)[owner.withinCells[i]] * q, q * q));
                }
            }

            void Add(ReadOnlySpan<double> products, int[] columns, Span<double> target)
            {
                var count = columns.Length;
                for (var a = 0; a < count; a++)
                {
                    for (var c = 0; c < count; c++)
                    {
                        if (columns[a] >= 0 && columns[c] >= 0)
                            target[a * count + c] += precision * products[columns[a] * width + columns[c]];
                    }
                }
            }
        }

        // Of what lies within cells; adds the derivatives where they are wanted.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private double Within(ReadOnlySpan<double> beta, ReadOnlySpan<double> effects, Span<double> onPopulation, Span<double> onEffects)
        {
            var width = owner.width;
            var (columnOfEffect, columnOfTerm) = (owner.columnOfEffect, owner.columnOfTerm);
            owner.fixedSlopes.CopyTo(shared, 0);
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
                    var at = owner.terms.FactorStarts[k] + owner.Design.Starts(k)[owner.withinCells[i]];
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
                    var at = owner.terms.FactorStarts[k] + owner.Design.Starts(k)[owner.withinCells[i]];
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
