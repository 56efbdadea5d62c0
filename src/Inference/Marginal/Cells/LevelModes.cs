using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>The modes of levels' spherical effects at given scales and population effects, near enough to centre a quadrature rule on, and the
/// Cholesky factor of the curvature there. Mutable scratch of one thread.</summary>
/// <remarks>
/// f, its gradient and A are those of <see cref="EffectModes"/>. Mostly one of Newton's steps from a start is enough: one that promises little, a
/// third of an sd. The curvature behind it is that with weights w + w' times the step's change of a predictor. A rule need not be centred on the mode
/// itself, and what it is worth is measured (<see cref="CellQuadrature.ErrorOver"/>). Where the start is further off, the search goes on until a step
/// is of that kind. No start depends on earlier evaluations, so that a value depends on its position alone.
/// </remarks>
internal sealed class LevelModes
{
    // Twice what a step promises, its square in sds: of the last step, and of one so long that it need not end nearer to the mode.
    private const double LastGain = 0.1;
    private const double FarGain = 4;

    private readonly CellLayout cells;
    private readonly PenalizedLeastSquares squares;
    private readonly EffectModes search;
    private readonly int[] leafCells;
    private readonly int q;
    private readonly double[] step;
    private readonly double[] moved;              // weights behind the step
    private double gain;                          // what the last step promised, twice

    public LevelModes(CellLayout cells)
    {
        this.cells = cells;
        squares = new PenalizedLeastSquares(cells);
        search = new EffectModes(cells, squares);
        leafCells = cells.Plan.LeafCells;
        q = cells.Plan.LeafTermCount;
        Columns = squares.Columns;
        Starts = new double[cells.Plan.LeafCount * q];
        Known = new double[cells.Count];
        Centre = new double[q];
        Factor = new double[q * q];
        step = new double[q];
        moved = new double[q == 1 ? 0 : cells.Count];
    }

    /// <summary>v where each level begins: written before <see cref="Set"/>. Length J q.</summary>
    public double[] Starts { get; }

    /// <summary>The predictors without varying effects. Length C.</summary>
    public double[] Known { get; }

    /// <summary>b_i of all cells, q each.</summary>
    public double[] Columns { get; }

    /// <summary>v near the mode that was found last. Length q.</summary>
    public double[] Centre { get; }

    /// <summary>Cholesky factor L of A at <see cref="Centre"/>, q x q by rows, 1 / diagonal on the diagonal.</summary>
    public double[] Factor { get; }

    /// <summary>Sets scales and population effects, and evaluates the curves at the starts.</summary>
    /// <param name="scales">Sigma and the shape of the response.</param>
    /// <param name="beta">beta~. Length p.</param>
    /// <param name="lambda">Lambda, q x q by rows; not read without a factor.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Set(in ResponseScales scales, ReadOnlySpan<double> beta, ReadOnlySpan<double> lambda)
    {
        search.Scales = scales;
        cells.Predict(beta, search.Known);
        ReadOnlySpan<double> distances = search.Known;
        ReadOnlySpan<double> anchors = cells.Anchors;
        var known = Known;
        for (var i = 0; i < known.Length; i++)
            known[i] = distances[i] + anchors[i];
        if (q == 0)
            return;
        cells.Turn(0, lambda, Columns);
        ReadOnlySpan<double> columns = Columns;
        var eta = search.Predictors;
        for (var (j, i) = (0, 0); j + 1 < leafCells.Length; j++)
        {
            var start = Starts.AsSpan(j * q, q);
            for (; i < leafCells[j + 1]; i++)
            {
                var sum = known[i];
                for (var a = 0; a < start.Length; a++)
                    sum += columns[i * q + a] * start[a];
                eta[i] = sum;
            }
        }

        cells.Family.Curve.Curvatures(
            eta, cells.Responses, cells.Sizes, scales, search.Slopes, search.Weights, search.WeightSlopes);
    }

    /// <summary>Finds the mode of a level, once after each <see cref="Set"/>.</summary>
    /// <param name="level">The level.</param>
    /// <returns>False where f or its curvature cannot be evaluated.</returns>
    public bool TryFind(int level)
    {
        var start = Starts.AsSpan(level * q, q);
        if (q == 1 ? TryOne(level, start[0], LastGain) : TrySeveral(level, start, LastGain))
            return true;

        // A step that promises no more than this ends nearer to the mode than it began.
        if (gain < FarGain)
            Centre.CopyTo(start);
        return search.TryApproach(level, start, LastGain) && TryLast(level, search.Of(level));
    }

    private bool TryLast(int level, ReadOnlySpan<double> v) =>
        q == 1 ? TryOne(level, v[0], double.PositiveInfinity) : TrySeveral(level, v, double.PositiveInfinity);

    // The last step, from where the curves were evaluated last, if it promises little enough.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryOne(int level, double v, double mostGain)
    {
        var first = leafCells[level];
        var count = leafCells[level + 1] - first;
        var own = Columns.AsSpan(first, count);
        var slopes = search.Slopes.AsSpan(first, count);
        var weights = search.Weights.AsSpan(first, count);
        var weightSlopes = search.WeightSlopes.AsSpan(first, count);
        var (gradient, square, cube) = (-v, 1.0, 0.0);
        for (var i = 0; i < own.Length; i++)
        {
            var b = own[i];
            gradient += b * slopes[i];
            square += b * b * weights[i];
            cube += b * b * b * weightSlopes[i];
        }

        var move = gradient / square;
        gain = move * gradient;
        Centre[0] = v + move;
        if (!(gain < mostGain))
            return false;
        Factor[0] = 1 / Math.Sqrt(Math.Clamp(square + cube * move, 0.5 * square, 2 * square));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TrySeveral(int level, ReadOnlySpan<double> v, double mostGain)
    {
        gain = double.NaN;
        if (!squares.TryFactorise(level, search.Weights))
            return false;
        gain = search.Step(level, v, step);
        for (var a = 0; a < q; a++)
            Centre[a] = v[a] + step[a];
        if (!(gain < mostGain))
            return false;
        var (first, last) = cells.Plan.CellsOf(level);
        for (var i = first; i < last; i++)
        {
            var weight = search.Weights[i];
            moved[i] = Math.Clamp(weight + search.WeightSlopes[i] * squares.Along(i, step), 0.5 * weight, 2 * weight);
        }

        if (!squares.TryFactorise(level, moved))
            return false;
        squares.LeafCholesky(level).CopyTo(Factor);
        return true;
    }
}
