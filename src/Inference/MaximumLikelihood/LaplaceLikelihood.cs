using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Responses;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The log likelihood of a model of cells, varying effects integrated out by Laplace's approximation, with its analytic gradient.
/// Coordinates: beta~, the shape of the response where it is estimated, then those of each grouping factor.</summary>
/// <remarks>
/// <para>
/// In spherical effects u = Lambda v, with l_i the log likelihood of cell i at eta_i = known_i + x_i'beta~ + b_i'v, b_i = Lambda'z_i over all
/// factors: f(v) = sum l_i - |v|^2 / 2 of a block has its mode v^ (<see cref="EffectModes"/>), and A = I + sum w_i b_i b_i' with w = -l''. The
/// approximation is the sum over blocks of f(v^) - log |A| / 2.
/// </para>
/// <para>
/// With the leverage h_i = b_i'A^-1 b_i, c_i = w'_i h_i / 2 (what moving eta_i adds to log |A| / 2), t = A^-1 (sum c_i b_i - f') and r_i = b_i't, and
/// since v^ moves with the coordinates by A^-1 times what they do to f's gradient, the derivative is for beta~ sum x_i (l'_i - c_i + w_i r_i), and
/// for element (a, b) of a level's Lambda sum z_ia [v_b (l'_i - c_i + w_i r_i) - w_i (A^-1 b_i)_b - t_b l'_i], and for the shape sum [dl_i - h_i dw_i
/// / 2 - r_i dl'_i], d for the shape. At the mode f' is 0 but for rounding, which large weights magnify; with it the derivative is right to second
/// order in that. A^-1 is needed only at the effects of one cell: see <see cref="PenalizedLeastSquares"/>. Sources: [Bates2015], [PinheiroChao2006].
/// </para>
/// <para>
/// With <see cref="LevelQuadrature"/> the same formulas hold with averages over its nodes: of l'_i, v_b l'_i and dl_i, R for A^-1 in h_i and beside
/// w_i, and E[f'] for f' in t. They are the exact derivatives of the rule, its nodes moving with mode and curvature.
/// </para>
/// <para>How the coordinates give what v goes through: <see cref="TurnedFactors"/>.</para>
/// </remarks>
internal sealed partial class LaplaceLikelihood : LikelihoodFunction
{
    private readonly CellSystem system;
    private readonly CellPlan plan;
    private readonly ResponseCurve curve;
    private readonly LevelQuadrature? quadrature;
    private readonly EffectModes modes;
    private readonly PenalizedLeastSquares squares;
    private readonly SelectedInverse inverse;
    private readonly TurnedFactors turned;
    private readonly bool hasShape;
    private readonly ScaleTerm scaleTerm;
    private readonly int p;
    private readonly int factorCount;
    private readonly int width;                   // varying terms of all factors
    private readonly double[] moved;              // l' - c + w r by cell
    private readonly double[] pulls;              // c by cell, less l' where there are no nodes
    private readonly double[] onValues;           // derivatives for the shape of values, slopes and weights at the mode
    private readonly double[] onSlopes;
    private readonly double[] onWeights;
    private readonly double[] nodePredictors;     // scratch of a node of quadrature
    private readonly double[] nodeScratch;
    private readonly double[] movement;           // t
    private readonly double[] solved;             // A^-1 b_i at the effects of the cell
    private bool isInverted;
    private double onShape;

    /// <summary>Prepares a function.</summary>
    /// <param name="system">The cells.</param>
    /// <param name="coordinates">Of beta~, the shape and the grouping factors.</param>
    /// <param name="nodes">Nodes of adaptive quadrature a dimension, for one grouping factor; 1 is Laplace's approximation.</param>
    /// <param name="previous">A function of the same cells that is not used any more: its scratch is taken over, its modes are not; null for
    /// new scratch.</param>
    public LaplaceLikelihood(CellSystem system, LikelihoodCoordinates coordinates, int nodes = 1, LaplaceLikelihood? previous = null)
        : base(coordinates)
    {
        this.system = system;
        plan = system.Plan;
        turned = new TurnedFactors(system, Point);
        squares = previous?.squares ?? new PenalizedLeastSquares(system);
        inverse = previous?.inverse ?? new SelectedInverse(system, squares);
        modes = new EffectModes(system, squares);
        var family = system.Model.Family;
        curve = family.Curve;
        hasShape = family.HasShape;
        scaleTerm = family.NewScaleTerm(system.Model.Cells.View);
        p = system.PopulationCount;
        factorCount = system.FactorCount;
        width = system.TermCounts.Sum();
        var cellCount = system.Known.Length;
        moved = new double[cellCount];
        pulls = new double[cellCount];
        onValues = new double[hasShape ? cellCount : 0];
        onSlopes = new double[hasShape ? cellCount : 0];
        onWeights = new double[hasShape ? cellCount : 0];
        movement = new double[plan.BlockSize];
        solved = new double[width];
        nodePredictors = new double[nodes > 1 ? cellCount : 0];
        nodeScratch = new double[nodes > 1 ? 2 * cellCount : 0];
        Nodes = nodes;
        quadrature = nodes > 1 ? new LevelQuadrature(system, this, nodes) : null;
    }

    /// <summary>Nodes of quadrature a dimension; 1 is Laplace's approximation.</summary>
    public int Nodes { get; }

    /// <summary>Least squares at the modes of the last evaluation.</summary>
    public PenalizedLeastSquares Squares => squares;

    /// <summary>The modes of the last evaluation.</summary>
    public EffectModes Modes => modes;

    /// <summary>The root L of a factor's covariance matrix for the centred columns at the last evaluation, lower triangular: u = T^-1 L v.</summary>
    public ReadOnlySpan<double> Root(int factor) => turned.Roots[factor];

    /// <summary>The log likelihood of all cells at the modes of the last evaluation less that at their anchors: minus half the deviance of the
    /// cells.</summary>
    public double Conditional { get; private set; }

    /// <summary><see cref="ScaleTerm.Anchored"/> at the last evaluation.</summary>
    public double ScaleValue { get; private set; }

    /// <summary>b_i of an ordered cell at the last evaluation, factor after factor.</summary>
    public ReadOnlySpan<double> Spherical(int cell) => squares.Columns.AsSpan(cell * width, width);

    /// <summary>Minus A^-1 sum w_i b_i x_i': how the modes of the last evaluation move with beta~.</summary>
    /// <returns>New: for each population effect the effects of all blocks in turn. p x effects by rows.</returns>
    public double[] OnPopulation()
    {
        var total = plan.BlockCount * plan.BlockSize;
        var result = new double[p * total];
        var weighted = new double[moved.Length];
        for (var a = 0; a < p; a++)
        {
            for (var i = 0; i < weighted.Length; i++)
                weighted[i] = -modes.Weights[i] * system.Population[i * p + a];
            for (var block = 0; block < plan.BlockCount; block++)
            {
                var column = result.AsSpan(a * total + block * plan.BlockSize, plan.BlockSize);
                squares.AddTransposed(block, weighted, column);
                squares.Solve(block, column);
            }
        }

        return result;
    }

    /// <summary>The information of beta~ with the effects at their modes, (X + B D)'W (X + B D) + D'D with D of <see cref="OnPopulation"/>: the
    /// curvature at the last evaluation but for how A moves. It is X'W X - X'W B A^-1 B'W X without that difference of large numbers.</summary>
    /// <returns>New, p x p by rows, the lower triangle.</returns>
    public double[] Information()
    {
        var (information, moves, total) = (new double[p * p], OnPopulation(), plan.BlockCount * plan.BlockSize);
        var residuals = new double[p * moved.Length];
        var (column, into) = (new double[moved.Length], new double[moved.Length]);
        for (var a = 0; a < p; a++)
        {
            for (var i = 0; i < column.Length; i++)
                column[i] = system.Population[i * p + a];
            for (var block = 0; block < plan.BlockCount; block++)
                squares.Predict(block, moves.AsSpan(a * total + block * plan.BlockSize, plan.BlockSize), column, into);
            into.CopyTo(residuals, a * into.Length);
            for (var b = 0; b <= a; b++)
            {
                var sum = DenseRows.Dot(moves.AsSpan(a * total, total), moves.AsSpan(b * total, total));
                for (var i = 0; i < into.Length; i++)
                    sum += modes.Weights[i] * into[i] * residuals[b * into.Length + i];
                information[a * p + b] = sum;
            }
        }

        return information;
    }

    /// <summary>The covariance of a level's spherical effects given beta~ at the last evaluation: its block of A^-1.</summary>
    /// <param name="factor">Index of the factor.</param>
    /// <param name="level">The level.</param>
    /// <param name="result">Overwritten. q x q by rows.</param>
    public void ConditionalCovariance(int factor, int level, Span<double> result)
    {
        if (!isInverted)
        {
            for (var block = 0; block < plan.BlockCount; block++)
                inverse.Compute(block);
            isInverted = true;
        }

        inverse.Of(factor, level, result);
    }

    /// <summary>The last evaluation's scales for the columns as they are, not centred: Lambda lower triangular with a diagonal of 0 or
    /// more.</summary>
    public ScalePoint Reported()
    {
        var point = Coordinates.NewPoint();
        (point.Sigma, point.Shape) = (Point.Sigma, Point.Shape);
        for (var k = 0; k < factorCount; k++)
        {
            var q = system.TermCounts[k];
            var lambda = point.Factors[k].Lambda;
            Point.Factors[k].Lambda.CopyTo(lambda, 0);
            if (system.Bases[k].IsPlain || turned.IsTurned[k])
                continue;
            TurnedFactors.Multiply(system.Bases[k].Back, Point.Factors[k].Lambda, lambda, q);
            TriangularTurn.Turn(lambda, q, new double[q * q]);
        }

        return point;
    }

    protected override double Compute(ReadOnlySpan<double> x, Span<double> gradient)
    {
        isInverted = false;
        Coordinates.Set(x, Point);
        modes.Scales = new ResponseScales(1, Point.Shape);
        Prepare(x);
        modes.Cancellation = Progress?.Cancellation ?? default;
        var withGradient = !gradient.IsEmpty;
        if (withGradient)
        {
            foreach (var part in turned.OnRoots)
                Array.Clear(part);
        }

        ScaleValue = scaleTerm.Anchored(modes.Scales, out var onScales);
        onShape = onScales.Shape;
        var sum = 0.0;
        Conditional = 0;
        for (var block = 0; block < plan.BlockCount; block++)
        {
            var height = modes.Find(block, out var likelihood);
            if (!double.IsFinite(height))
            {
                modes.Clear();
                return double.NegativeInfinity;
            }

            Conditional += likelihood;
            sum += height - squares.HalfLogDeterminant;
            if (quadrature is not null)
                sum += quadrature.Integrate(block, squares.LeafCholesky(block), modes.Of(block), height, withGradient);
            if (withGradient)
                Differentiate(block);
        }

        sum += system.Constant + ScaleValue;
        if (!withGradient)
            return sum;
        turned.TurnBack(quadrature is not null);
        Coordinates.Backward(x, Point, 0, gradient, onShape);
        var own = gradient[..p];
        own.Clear();
        for (var i = 0; i < moved.Length; i++)
        {
            var slope = moved[i];
            for (var e = 0; e < own.Length; e++)
                own[e] += slope * system.Population[i * p + e];
        }

        foreach (var slope in gradient)
        {
            if (!double.IsFinite(slope))
                return double.NegativeInfinity;
        }

        return sum;
    }

    /// <summary>Puts the function where an evaluation without a gradient left it, from the modes that it found.</summary>
    /// <param name="x">The coordinates.</param>
    /// <param name="at">The modes, block after block.</param>
    /// <returns>False where a block has no mode there.</returns>
    public bool TryRestore(ReadOnlySpan<double> x, ReadOnlySpan<double> at)
    {
        isInverted = false;
        Coordinates.Set(x, Point);
        modes.Scales = new ResponseScales(1, Point.Shape);
        Prepare(x);
        ScaleValue = scaleTerm.Anchored(modes.Scales, out _);
        for (var block = 0; block < plan.BlockCount; block++)
        {
            if (!modes.TryTake(block, at.Slice(block * plan.BlockSize, plan.BlockSize)))
                return false;
        }

        return true;
    }

    /// <summary>The log likelihood of a block's cells at given spherical effects, from their anchors, at the last evaluation's coordinates.</summary>
    /// <param name="block">The block.</param>
    /// <param name="v">The effects.</param>
    /// <param name="slopesHere">Overwritten with the derivative for each predictor, by cell of the block.</param>
    /// <param name="onShapes">Overwritten with the derivative for the shape of each cell's value; empty where it is not wanted.</param>
    public double Conditionally(int block, ReadOnlySpan<double> v, Span<double> slopesHere, Span<double> onShapes)
    {
        var (first, last) = plan.CellsOf(block);
        squares.Predict(block, v, modes.Known, nodePredictors);
        var at = nodePredictors.AsSpan(first..last);
        var one = nodeScratch.AsSpan(0, at.Length);
        var two = nodeScratch.AsSpan(at.Length, at.Length);
        if (!onShapes.IsEmpty)
            OnShapes(first, at, onShapes, one, two);
        return curve.SumFromAnchors(
            system.Anchors.AsSpan(first..last),
            at,
            system.Responses.AsSpan(first..last),
            system.Sizes.AsSpan(first..last),
            modes.Scales,
            slopesHere,
            one,
            two);
    }

    // eta at v = 0, and Lambda'z.
    private void Prepare(ReadOnlySpan<double> x)
    {
        turned.Turn();
        system.Predict(x[..p], modes.Known);
        for (var k = 0; k < factorCount; k++)
            system.Turn(k, turned.Roots[k], squares.Columns);
    }
}
