using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Responses;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The log likelihood of a model of cells, varying effects integrated out by Laplace's approximation, with its analytic gradient.
/// Coordinates: beta~, the shape of the response where it is estimated, then those of each grouping factor.</summary>
/// <remarks>
/// <para>
/// In spherical effects u = Lambda v, with l_i the log likelihood of cell i at eta_i = known_i + x_i'beta~ + z_i'Lambda v: f(v) = sum l_i - |v|^2 / 2
/// of a block is concave, its mode found by Newton's method, and A = I + sum w_i Lambda'z_i z_i'Lambda with w = -l''. The approximation is sum over
/// blocks of f(v^) - log |A| / 2.
/// </para>
/// <para>
/// With h_i = (Lambda'z_i)'A^-1 (Lambda'z_i), c_i = w'_i h_i / 2 (what moving eta_i adds to log |A| / 2), s = sum c_i Lambda'z_i, t = A^-1 s and r_i
/// = (Lambda'z_i)'t, and since v^ moves with the coordinates by A^-1 times what they do to f's gradient, the derivative is for beta~ sum x_i (l'_i -
/// c_i + w_i r_i), and for element (a, b) of a level's Lambda sum z_ia [v_b (l'_i - c_i + w_i r_i) - w_i (A^-1 Lambda'z_i)_b - t_b l'_i], and for the
/// shape sum [dl_i - h_i dw_i / 2 - r_i dl'_i], d for the shape. Sources: [Bates2015], [PinheiroChao2006].
/// </para>
/// <para>
/// With <see cref="LevelQuadrature"/> the same formulas hold with averages over its nodes: of l'_i, v_b l'_i and dl_i, R for A^-1 in h_i and beside
/// w_i, and t = A^-1 (s - E[f']). They are the exact derivatives of the rule, its nodes moving with mode and curvature.
/// </para>
/// <para>How the coordinates give what v goes through: <see cref="TurnedFactors"/>.</para>
/// </remarks>
internal sealed class LaplaceLikelihood : LikelihoodFunction
{
    private const int MostSteps = 100;

    private readonly CellSystem system;
    private readonly CellsFamily family;
    private readonly ResponseCurve curve;
    private readonly LevelQuadrature? quadrature;
    private readonly bool hasShape;
    private readonly ScaleTerm scaleTerm;
    private readonly int p;
    private readonly int factorCount;
    private readonly int width;                   // varying terms of all factors
    private readonly double[] modes;              // v^ of every block, where the next search begins
    private readonly int[] modeStarts;
    private readonly double[] known;              // eta at v = 0, by cell
    private readonly double[] predictors;         // eta at the mode, by cell
    private readonly double[] spherical;          // Lambda'z_i, as the varying columns
    private readonly double[] slopes;
    private readonly double[] weights;
    private readonly double[] weightSlopes;
    private readonly double[] moved;              // l' - c + w r by cell
    private readonly double[] onValues;           // derivatives for the shape of values, slopes and weights at the mode
    private readonly double[] onSlopes;
    private readonly double[] onWeights;
    private readonly double[] nodePredictors;     // scratch of a node of quadrature
    private readonly double[] nodeScratch;
    private readonly double[] trial;
    private readonly double[] step;
    private readonly double[] cholesky;           // A, then its Cholesky factor
    private readonly double[] solved;             // A^-1 Lambda'z_i, Q
    private readonly TurnedFactors turned;
    private ResponseScales scales;
    private double onShape;

    /// <summary>Prepares a function.</summary>
    /// <param name="system">The cells.</param>
    /// <param name="coordinates">Of beta~, the shape and the grouping factors.</param>
    /// <param name="nodes">Nodes of adaptive quadrature a dimension, for one grouping factor; 1 is Laplace's approximation.</param>
    public LaplaceLikelihood(CellSystem system, LikelihoodCoordinates coordinates, int nodes = 1)
        : base(coordinates)
    {
        this.system = system;
        turned = new TurnedFactors(system, Point);
        family = system.Model.Family;
        curve = family.Curve;
        hasShape = family.HasShape;
        scaleTerm = family.NewScaleTerm(system.Model.Cells.View);
        p = system.PopulationCount;
        factorCount = system.FactorCount;
        width = system.TermCounts.Sum();
        modeStarts = new int[system.BlockCount + 1];
        for (var block = 0; block < system.BlockCount; block++)
            modeStarts[block + 1] = modeStarts[block] + system.Sizes[block];
        modes = new double[modeStarts[^1]];
        var cellCount = system.Known.Length;
        known = new double[cellCount];
        predictors = new double[cellCount];
        spherical = new double[cellCount * width];
        slopes = new double[cellCount];
        weights = new double[cellCount];
        weightSlopes = new double[cellCount];
        moved = new double[cellCount];
        onValues = new double[hasShape ? cellCount : 0];
        onSlopes = new double[hasShape ? cellCount : 0];
        onWeights = new double[hasShape ? cellCount : 0];
        var most = system.Sizes.Length == 0 ? 0 : system.Sizes.Max();
        trial = new double[most];
        step = new double[most];
        solved = new double[most];
        cholesky = new double[most * most];
        nodePredictors = new double[nodes > 1 ? cellCount : 0];
        nodeScratch = new double[nodes > 1 ? 2 * cellCount : 0];
        Nodes = nodes;
        quadrature = nodes > 1 ? new LevelQuadrature(system, this, nodes) : null;
    }

    /// <summary>Nodes of quadrature a dimension; 1 is Laplace's approximation.</summary>
    public int Nodes { get; }

    /// <summary>The root L of a factor's covariance matrix for the centred columns at the last evaluation, lower triangular: u = T^-1 L v.</summary>
    public ReadOnlySpan<double> Root(int factor) => turned.Roots[factor];

    /// <summary>The mode of a block's spherical effects at the last evaluation.</summary>
    public ReadOnlySpan<double> Mode(int block) => modes.AsSpan(modeStarts[block], system.Sizes[block]);

    /// <summary>The log likelihood of all cells at the modes of the last evaluation less that at their anchors: minus half the deviance of the
    /// cells.</summary>
    public double Conditional { get; private set; }

    /// <summary><see cref="ScaleTerm.Anchored"/> at the last evaluation.</summary>
    public double ScaleValue { get; private set; }

    /// <summary>The Cholesky factor of A of a block at the last evaluation.</summary>
    /// <returns>Q x Q by rows, 1 / diagonal on the diagonal; overwritten by the next call.</returns>
    public ReadOnlySpan<double> Cholesky(int block)
    {
        var size = system.Sizes[block];
        FillStep(block, Mode(block), weights);
        SmallCholesky.TryFactorise(cholesky.AsSpan(0, size * size), size);
        return cholesky.AsSpan(0, size * size);
    }

    /// <summary>The information of beta~ with the effects at their modes, X'W X - X'W B A^-1 B'W X with B = Z Lambda: the curvature at the last
    /// evaluation but for how A moves.</summary>
    /// <returns>New, p x p by rows, the lower triangle.</returns>
    public double[] Information()
    {
        var information = new double[p * p];
        for (var block = 0; block < system.BlockCount; block++)
        {
            var size = system.Sizes[block];
            var root = Cholesky(block);
            var cross = new double[p * size];
            for (var i = system.Starts[block]; i < system.Starts[block + 1]; i++)
            {
                for (var a = 0; a < p; a++)
                {
                    var x = system.Population[i * p + a];
                    AddCell(i, weights[i] * x, cross.AsSpan(a * size, size));
                    for (var b = 0; b <= a; b++)
                        information[a * p + b] += weights[i] * x * system.Population[i * p + b];
                }
            }

            for (var a = 0; a < p; a++)
            {
                SmallCholesky.SolveLower(root, cross.AsSpan(a * size, size), size);
                for (var b = 0; b <= a; b++)
                {
                    for (var j = 0; j < size; j++)
                        information[a * p + b] -= cross[a * size + j] * cross[b * size + j];
                }
            }
        }

        return information;
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

    /// <summary>Lambda'z_i of a sorted cell at the last evaluation, factor after factor.</summary>
    public ReadOnlySpan<double> Spherical(int cell) => spherical.AsSpan(cell * width, width);

    /// <summary>w_i of a sorted cell where its block was solved last.</summary>
    public double Weight(int cell) => weights[cell];

    public override double Evaluate(ReadOnlySpan<double> x, Span<double> gradient)
    {
        Evaluations++;
        Coordinates.Set(x, Point);
        scales = new ResponseScales(1, Point.Shape);
        Prepare(x);
        var withGradient = !gradient.IsEmpty;
        if (withGradient)
        {
            foreach (var part in turned.OnRoots)
                Array.Clear(part);
        }

        ScaleValue = scaleTerm.Anchored(scales, out var onScales);
        onShape = onScales.Shape;
        var sum = 0.0;
        Conditional = 0;
        for (var block = 0; block < system.BlockCount; block++)
        {
            var height = FindMode(block, out var likelihood);
            if (!double.IsFinite(height))
            {
                // A mode that was lost on the way must not spoil the next evaluation.
                Array.Clear(modes);
                return double.NegativeInfinity;
            }

            Conditional += likelihood;
            sum += height - SmallCholesky.HalfLogDeterminant(cholesky, system.Sizes[block]);
            if (quadrature is not null)
                sum += quadrature.Integrate(block, cholesky, Mode(block), height, withGradient);
            if (withGradient)
                Differentiate(block);
        }

        sum += system.Constant + ScaleValue;
        if (!withGradient)
            return sum;
        turned.TurnBack(quadrature is not null);
        Coordinates.Backward(x, Point, 0, gradient, onShape);
        for (var e = 0; e < p; e++)
        {
            var slope = 0.0;
            for (var i = 0; i < moved.Length; i++)
                slope += moved[i] * system.Population[i * p + e];
            gradient[e] = slope;
        }

        foreach (var slope in gradient)
        {
            if (!double.IsFinite(slope))
                return double.NegativeInfinity;
        }

        return sum;
    }

    /// <summary>The log likelihood of a block's cells at given spherical effects, from their anchors, at the last evaluation's coordinates.</summary>
    /// <param name="block">The block.</param>
    /// <param name="v">The effects.</param>
    /// <param name="slopesHere">Overwritten with the derivative for each predictor, by cell of the block.</param>
    /// <param name="onShapes">Overwritten with the derivative for the shape of each cell's value; empty where it is not wanted.</param>
    public double Conditionally(int block, ReadOnlySpan<double> v, Span<double> slopesHere, Span<double> onShapes)
    {
        var (first, count) = (system.Starts[block], system.Starts[block + 1] - system.Starts[block]);
        var at = nodePredictors.AsSpan(0, count);
        for (var i = 0; i < count; i++)
            at[i] = Predictor(first + i, v);
        var one = nodeScratch.AsSpan(0, count);
        var two = nodeScratch.AsSpan(count, count);
        if (!onShapes.IsEmpty)
            OnShapes(first, at, onShapes, one, two);
        return Values(first, at, slopesHere, one, two);
    }

    // eta at v = 0, and Lambda'z.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Prepare(ReadOnlySpan<double> x)
    {
        turned.Turn();
        for (var i = 0; i < known.Length; i++)
        {
            var eta = system.Known[i];
            for (var e = 0; e < p; e++)
                eta += system.Population[i * p + e] * x[e];
            known[i] = eta;
            var at = i * width;
            for (var k = 0; k < factorCount; k++)
            {
                var q = system.TermCounts[k];
                var lambda = turned.Roots[k];
                for (var b = 0; b < q; b++)
                {
                    var sum = 0.0;
                    for (var a = b; a < q; a++)
                        sum += system.Varying[at + a] * lambda[a * q + b];
                    spherical[at + b] = sum;
                }

                at += q;
            }
        }
    }

    // The Cholesky factor of A with expected weights, which are positive, where a curve that is not concave leaves A with those at hand indefinite;
    // the step is still one of ascent. The determinant at the mode is never of these.
    private bool TryExpected(int block, ReadOnlySpan<double> v)
    {
        if (curve.IsConcave)
            return false;
        var (first, count, size) = (system.Starts[block], system.Starts[block + 1] - system.Starts[block], system.Sizes[block]);
        var expected = new double[weights.Length];
        var eta = new double[count];
        for (var i = 0; i < count; i++)
            eta[i] = system.Anchors[first + i] + Predictor(first + i, v);
        curve.Information(eta, system.Responses.AsSpan(first, count), system.Trials.AsSpan(first, count), scales, expected.AsSpan(first, count));
        FillStep(block, v, expected);
        return SmallCholesky.TryFactorise(cholesky.AsSpan(0, size * size), size);
    }

    private double Values(int first, ReadOnlySpan<double> at, Span<double> slope, Span<double> weight, Span<double> weightSlope) =>
        curve.SumFromAnchors(
        system.Anchors.AsSpan(first, at.Length), at, system.Responses.AsSpan(
            first, at.Length), system.Trials.AsSpan(first, at.Length), scales, slope, weight, weightSlope);

    private void OnShapes(int first, ReadOnlySpan<double> at, Span<double> value, Span<double> slope, Span<double> weight) =>
        curve.OnShapeFromAnchors(
        system.Anchors.AsSpan(
            first, at.Length), at, system.Responses.AsSpan(first, at.Length), system.Trials.AsSpan(first, at.Length), scales, value, slope, weight);

    private double Predictor(int i, ReadOnlySpan<double> v)
    {
        var eta = known[i];
        var at = i * width;
        for (var k = 0; k < factorCount; k++)
        {
            var place = system.Places[i * factorCount + k];
            for (var b = 0; b < system.TermCounts[k]; b++)
                eta += spherical[at++] * v[place + b];
        }

        return eta;
    }

    // From the last mode; where that is too far, so that expectations or their weights overflow, from the least squares of the cells' own predictors,
    // which are near for responses of any size.
    private double FindMode(int block, out double likelihood)
    {
        var height = Ascend(block, out likelihood);
        if (double.IsFinite(height))
            return height;
        PlaceMode(block);
        return Ascend(block, out likelihood);
    }

    // v = A^-1 sum w_i Lambda'z_i (own_i - known_i) with A and w at the cells' own predictors.
    private void PlaceMode(int block)
    {
        var size = system.Sizes[block];
        var v = modes.AsSpan(modeStarts[block], size);
        v.Clear();
        for (var i = system.Starts[block]; i < system.Starts[block + 1]; i++)
        {
            var own = CompleteFit.OwnPredictor(family, system.Responses[i], system.Trials[i], scales, out weights[i]);
            slopes[i] = weights[i] * (own - system.Anchors[i] - known[i]);
        }

        FillStep(block, v, weights);
        if (!SmallCholesky.TryFactorise(cholesky.AsSpan(0, size * size), size))
            return;
        step.AsSpan(0, size).CopyTo(v);
        SmallCholesky.Solve(cholesky.AsSpan(0, size * size), v, size);
    }

    // Newton's method with halved steps (expected information where A is not positive definite on the way); leaves slopes, weights and the
    // Cholesky factor of A at the mode. One step more than it takes to be within rounding of the height.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Ascend(int block, out double likelihood)
    {
        var size = system.Sizes[block];
        var v = modes.AsSpan(modeStarts[block], size);
        var height = Curves(block, v, out likelihood);
        var isLast = false;
        for (var iteration = 0; iteration < MostSteps; iteration++)
        {
            FillStep(block, v, weights);
            if (!double.IsFinite(height))
                return double.NegativeInfinity;
            if (!SmallCholesky.TryFactorise(cholesky.AsSpan(0, size * size), size) && (isLast || !TryExpected(block, v)))
                return double.NegativeInfinity;
            if (isLast || size == 0)
                return height;
            var gradient = step.AsSpan(0, size);
            gradient.CopyTo(solved);
            SmallCholesky.Solve(cholesky.AsSpan(0, size * size), gradient, size);
            var gain = 0.0;
            for (var a = 0; a < size; a++)
                gain += gradient[a] * solved[a];
            isLast = gain < 1e-11;

            // So near the mode, within a thousandth of a conditional sd, whole steps converge, and heights are compared below their rounding.
            var isClose = gain < 1e-6;
            var length = 1.0;
            for (; ; length *= 0.5)
            {
                if (length < 1e-12)
                {
                    // Rounding alone is left; back to the best point.
                    height = Curves(block, v, out likelihood);
                    isLast = true;
                    break;
                }

                var next = trial.AsSpan(0, size);
                for (var a = 0; a < size; a++)
                    next[a] = v[a] + length * gradient[a];
                var nextHeight = Curves(block, next, out var nextLikelihood);
                if (!(nextHeight >= height - 1e-13 * (1 + Math.Abs(height))) && !(isClose && double.IsFinite(nextHeight)))
                    continue;
                (height, likelihood) = (nextHeight, nextLikelihood);
                next.CopyTo(v);
                break;
            }
        }

        return double.NegativeInfinity;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Curves(int block, ReadOnlySpan<double> v, out double likelihood)
    {
        var (first, last) = (system.Starts[block], system.Starts[block + 1]);
        for (var i = first; i < last; i++)
            predictors[i] = Predictor(i, v);
        likelihood = Values(first, predictors.AsSpan(first, last - first), slopes.AsSpan(first), weights.AsSpan(first), weightSlopes.AsSpan(first));
        var squares = 0.0;
        foreach (var value in v)
            squares += value * value;
        return likelihood - 0.5 * squares;
    }

    // A, and the gradient of f in step.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillStep(int block, ReadOnlySpan<double> v, double[] curvatures)
    {
        var size = system.Sizes[block];
        Array.Clear(cholesky, 0, size * size);
        for (var a = 0; a < size; a++)
        {
            step[a] = -v[a];
            cholesky[a * size + a] = 1;
        }

        for (var i = system.Starts[block]; i < system.Starts[block + 1]; i++)
        {
            var at = i * width;
            for (var k = 0; k < factorCount; k++)
            {
                var place = system.Places[i * factorCount + k];
                for (var b = 0; b < system.TermCounts[k]; b++)
                {
                    var own = spherical[at + b];
                    step[place + b] += slopes[i] * own;
                    AddRow(i, k, place + b, b, curvatures[i] * own, size);
                }

                at += system.TermCounts[k];
            }
        }
    }

    // Row place of A from one cell: the elements of the grouping factors before k, and of k up to b.
    private void AddRow(int i, int k, int row, int b, double value, int size)
    {
        var at = i * width;
        for (var other = 0; other <= k; other++)
        {
            var place = system.Places[i * factorCount + other];
            var last = other == k ? b : system.TermCounts[other] - 1;
            for (var d = 0; d <= last; d++)
                cholesky[row * size + place + d] += value * spherical[at + d];
            at += system.TermCounts[other];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(int block)
    {
        var size = system.Sizes[block];
        var v = Mode(block);
        var (first, last) = (system.Starts[block], system.Starts[block + 1]);

        if (hasShape)
            OnShapes(first, predictors.AsSpan(first, last - first), onValues.AsSpan(first), onSlopes.AsSpan(first), onWeights.AsSpan(first));

        // t = A^-1 (sum c_i Lambda'z_i - E[f']); the solved vectors of each cell are made twice rather than kept.
        var t = step.AsSpan(0, size);
        t.Clear();
        for (var a = 0; a < size && quadrature is not null; a++)
            t[a] = -quadrature.Gradient[a];
        for (var i = first; i < last; i++)
        {
            if (quadrature is null)
                SolveCell(i, size);
            else
                quadrature.Apply(Spherical(i), solved);
            var h = DotCell(i, solved);
            var c = 0.5 * weightSlopes[i] * h;
            moved[i] = (quadrature is null ? slopes[i] : quadrature.Slopes[i]) - c;
            AddCell(i, c, t);
            if (hasShape)
                onShape += (quadrature is null ? onValues[i] : quadrature.OnShape[i]) - 0.5 * h * onWeights[i];

            // - w_i z_ia (A^-1 Lambda'z_i)_b
            for (var (k, at) = (0, i * width); k < factorCount; k++)
            {
                var q = system.TermCounts[k];
                var place = system.Places[i * factorCount + k];
                var onLambda = turned.OnRoots[k];
                for (var a = 0; a < q; a++)
                {
                    var end = turned.IsTurned[k] ? q : a + 1;
                    for (var b = 0; b < end; b++)
                        onLambda[a * q + b] -= weights[i] * system.Varying[at + a] * solved[place + b];
                }

                at += q;
            }
        }

        SmallCholesky.Solve(cholesky.AsSpan(0, size * size), t, size);
        for (var i = first; i < last; i++)
        {
            var r = DotCell(i, t);
            moved[i] += weights[i] * r;
            if (hasShape)
                onShape -= r * onSlopes[i];

            for (var (k, at) = (0, i * width); k < factorCount; k++)
            {
                var q = system.TermCounts[k];
                var place = system.Places[i * factorCount + k];
                var onLambda = turned.OnRoots[k];
                for (var a = 0; a < q; a++)
                {
                    var end = turned.IsTurned[k] ? q : a + 1;
                    for (var b = 0; b < end; b++)
                    {
                        var own = v[place + b] * moved[i] - t[place + b] * slopes[i];
                        if (quadrature is not null)
                            own += quadrature.Products[i * width + b] - v[b] * quadrature.Slopes[i];
                        onLambda[a * q + b] += system.Varying[at + a] * own;
                    }
                }

                at += q;
            }
        }
    }

    private void SolveCell(int i, int size)
    {
        var x = solved.AsSpan(0, size);
        x.Clear();
        AddCell(i, 1, x);
        SmallCholesky.Solve(cholesky.AsSpan(0, size * size), x, size);
    }

    private void AddCell(int i, double scale, Span<double> into)
    {
        var at = i * width;
        for (var k = 0; k < factorCount; k++)
        {
            var place = system.Places[i * factorCount + k];
            for (var b = 0; b < system.TermCounts[k]; b++)
                into[place + b] += scale * spherical[at++];
        }
    }

    private double DotCell(int i, ReadOnlySpan<double> v)
    {
        var sum = 0.0;
        var at = i * width;
        for (var k = 0; k < factorCount; k++)
        {
            var place = system.Places[i * factorCount + k];
            for (var b = 0; b < system.TermCounts[k]; b++)
                sum += spherical[at++] * v[place + b];
        }

        return sum;
    }
}
