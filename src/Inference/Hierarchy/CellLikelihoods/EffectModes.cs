using System.Runtime.CompilerServices;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>The mode v^ of the spherical effects of each block at given coefficients and scales, by Newton's method on
/// <see cref="PenalizedLeastSquares"/>, with the likelihood's derivatives there. Scratch of one thread.</summary>
/// <remarks>
/// f(v) = sum l_i(known_i + b_i'v) - |v|^2 / 2 has gradient sum b_i l'_i - v and minus its second derivative is A with weights w = -l''. Steps are
/// halved until f rises. Where a curve that is not concave leaves A indefinite on the way, the step is one with expected weights, which are positive
/// and still lead upwards; A at the mode itself is never of these.
/// </remarks>
internal sealed class EffectModes
{
    private const int MostSteps = 100;

    // No step promises less: the search ends at the mode itself.
    private const double Exactly = -1;

    // What a step promises below which one more is the last: f is then within rounding of its height, and the determinant within 1e-11.
    private const double LastGain = 1e-11;

    // So near the mode, within a thousandth of a conditional sd, whole steps converge, and heights are compared below their rounding.
    private const double CloseGain = 1e-6;

    // The part of a step's gain that the next may have, where both use the same matrix.
    private const double Contraction = 0.1;

    // Operations of a factorisation for one of a cell's likelihood from which the last one is used again.
    private const double CostlyShare = 100;

    private readonly CellLayout cells;
    private readonly CellPlan plan;
    private readonly PenalizedLeastSquares squares;
    private readonly ResponseCurve curve;
    private readonly double[] modes;              // v^ of every block, where the next search begins
    private readonly double[] trial;
    private readonly double[] step;
    private readonly double[] gradient;
    private readonly bool isCostly;
    private double[] expected = [];
    private bool isRough;                         // heights need no more digits than curves have: values of the curves as they are
    private bool isFactorised;                    // the last search ended with A at the mode

    /// <summary>Makes scratch.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="squares">What steps are solved with: its columns are set before a search.</param>
    public EffectModes(CellLayout cells, PenalizedLeastSquares squares)
    {
        (this.cells, this.squares, plan) = (cells, squares, cells.Plan);
        curve = cells.Family.Curve;
        var count = cells.Count;
        isCostly = plan.BlockCount == 1 && plan.Cost > CostlyShare * count;
        modes = new double[plan.BlockCount * plan.BlockSize];
        Known = new double[count];
        Predictors = new double[count];
        Slopes = new double[count];
        Weights = new double[count];
        WeightSlopes = new double[count];
        trial = new double[plan.BlockSize];
        step = new double[plan.BlockSize];
        gradient = new double[plan.BlockSize];
    }

    /// <summary>eta at v = 0 by ordered cell, from the cells' anchors: set before a search.</summary>
    public double[] Known { get; }

    /// <summary>Sigma and shape of the response: set before a search.</summary>
    public ResponseScales Scales { get; set; }

    /// <summary>Stops a search.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>eta at the modes, by ordered cell.</summary>
    public double[] Predictors { get; }

    /// <summary>l' there.</summary>
    public double[] Slopes { get; }

    /// <summary>w = -l'' there.</summary>
    public double[] Weights { get; }

    /// <summary>The derivative of w there.</summary>
    public double[] WeightSlopes { get; }

    /// <summary>v^ of a block at the last search.</summary>
    public ReadOnlySpan<double> Of(int block) => modes.AsSpan(block * plan.BlockSize, plan.BlockSize);

    /// <summary>Forgets all modes: a search that was lost must not spoil the next.</summary>
    public void Clear() => Array.Clear(modes);

    /// <summary>Finds the mode of a block, from where it was last; where that is too far, so that expectations or their weights overflow, from the
    /// least squares of the cells' own predictors, which are near for responses of any size.</summary>
    /// <param name="block">The block.</param>
    /// <param name="likelihood">Log likelihood of its cells at the mode, from their anchors.</param>
    /// <returns>f there, A factorised at it; negative infinity where there is no mode with a positive definite A.</returns>
    public double Find(int block, out double likelihood) => Search(block, Exactly, out likelihood);

    /// <summary>Takes steps from a start until one promises little, or from where <see cref="Find"/> begins anew if the start is too far.</summary>
    /// <param name="block">The block.</param>
    /// <param name="start">v where the search begins.</param>
    /// <param name="leastGain">A step that promises less, twice the rise of f, is not taken: far more than rounding.</param>
    /// <returns>False where no such point is found. Otherwise <see cref="Of"/> is the point, with slopes and weights there.</returns>
    public bool TryApproach(int block, ReadOnlySpan<double> start, double leastGain)
    {
        start.CopyTo(modes.AsSpan(block * plan.BlockSize, plan.BlockSize));
        isRough = true;
        var height = Search(block, leastGain, out _);
        isRough = false;
        return double.IsFinite(height);
    }

    /// <summary>Takes a mode that was found before.</summary>
    /// <param name="block">The block.</param>
    /// <param name="mode">v^.</param>
    /// <returns>False where the likelihood cannot be evaluated there, or A is not positive definite.</returns>
    public bool TryTake(int block, ReadOnlySpan<double> mode)
    {
        var v = modes.AsSpan(block * plan.BlockSize, plan.BlockSize);
        mode.CopyTo(v);
        return double.IsFinite(Curves(block, v, out _)) && squares.TryFactorise(block, Weights);
    }

    private double Search(int block, double leastGain, out double likelihood)
    {
        var height = Ascend(block, leastGain, out likelihood);
        if (double.IsFinite(height))
            return height;
        Place(block);
        return Ascend(block, leastGain, out likelihood);
    }

    // v = A^-1 sum w_i b_i (own_i - known_i) with A and w at the cells' own predictors.
    private void Place(int block)
    {
        var v = modes.AsSpan(block * plan.BlockSize, plan.BlockSize);
        v.Clear();
        var (first, last) = plan.CellsOf(block);
        for (var i = first; i < last; i++)
        {
            var own = CompleteFit.OwnPredictor(cells.Family, cells.Responses[i], cells.Sizes[i], Scales, out Weights[i]);
            Slopes[i] = Weights[i] * (own - cells.Anchors[i] - Known[i]);
        }

        if (!squares.TryFactorise(block, Weights))
            return;
        squares.AddTransposed(block, Slopes, v);
        squares.Solve(block, v);
    }

    // Leaves slopes, weights and the Cholesky factor of A at the mode. One step more than it takes to be within rounding of the height. Where a
    // factorisation costs much more than a look at the cells, steps use the last one as long as each gains a tenth of the one before at most.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Ascend(int block, double leastGain, out double likelihood)
    {
        var v = modes.AsSpan(block * plan.BlockSize, plan.BlockSize);
        var height = Curves(block, v, out likelihood);
        var (isLast, reuses, previous) = (false, isCostly && isFactorised, double.PositiveInfinity);
        isFactorised = false;
        for (var iteration = 0; iteration < MostSteps; iteration++)
        {
            if (!double.IsFinite(height))
                return double.NegativeInfinity;
            if (isLast || !reuses)
            {
                if (!squares.TryFactorise(block, Weights) && (isLast || !TryExpected(block)))
                    return double.NegativeInfinity;
                reuses = isCostly;
            }

            if (isLast || v.IsEmpty)
            {
                isFactorised = true;
                return height;
            }

            Cancellation.ThrowIfCancellationRequested();
            var gain = Step(block, v, step);
            if (gain < leastGain)
                return height;
            if (gain > Contraction * previous)
            {
                // The old matrix is too far off.
                (reuses, previous) = (false, double.PositiveInfinity);
                continue;
            }

            previous = reuses ? gain : double.PositiveInfinity;
            isLast = gain < LastGain;
            if (TryMove(block, v, gain < CloseGain, ref height, ref likelihood))
                continue;

            // Rounding alone is left; back to the best point.
            height = Curves(block, v, out likelihood);
            isLast = true;
        }

        return double.NegativeInfinity;
    }

    /// <summary>Newton's step A^-1 f' from the slopes and the matrix of the last evaluation.</summary>
    /// <param name="block">The block.</param>
    /// <param name="v">Where it begins.</param>
    /// <param name="step">Overwritten.</param>
    /// <returns>Twice what it promises f to rise by.</returns>
    public double Step(int block, ReadOnlySpan<double> v, Span<double> step)
    {
        for (var a = 0; a < v.Length; a++)
            gradient[a] = -v[a];
        squares.AddTransposed(block, Slopes, gradient);
        gradient.CopyTo(step);
        squares.Solve(block, step);
        var gain = 0.0;
        for (var a = 0; a < step.Length; a++)
            gain += gradient[a] * step[a];
        return gain;
    }

    // The step, halved until f rises. False where it does not, however small.
    private bool TryMove(int block, Span<double> v, bool isClose, ref double height, ref double likelihood)
    {
        for (var length = 1.0; length >= 1e-12; length *= 0.5)
        {
            for (var a = 0; a < trial.Length; a++)
                trial[a] = v[a] + length * step[a];
            var next = Curves(block, trial, out var nextLikelihood);
            if (!(next >= height - 1e-13 * (1 + Math.Abs(height))) && !(isClose && double.IsFinite(next)))
                continue;
            (height, likelihood) = (next, nextLikelihood);
            trial.CopyTo(v);
            return true;
        }

        return false;
    }

    private double Curves(int block, ReadOnlySpan<double> v, out double likelihood)
    {
        squares.Predict(block, v, Known, Predictors);
        var (first, last) = plan.CellsOf(block);
        if (isRough)
        {
            for (var i = first; i < last; i++)
                Predictors[i] += cells.Anchors[i];
        }

        likelihood = isRough ? curve.SumWithCurvatures(
            Predictors.AsSpan(first..last),
            cells.Responses.AsSpan(first..last),
            cells.Sizes.AsSpan(first..last),
            Scales,
            Slopes.AsSpan(first..last),
            Weights.AsSpan(first..last),
            WeightSlopes.AsSpan(first..last)) : curve.SumFromAnchors(
            cells.Anchors.AsSpan(first..last),
            Predictors.AsSpan(first..last),
            cells.Responses.AsSpan(first..last),
            cells.Sizes.AsSpan(first..last),
            Scales,
            Slopes.AsSpan(first..last),
            Weights.AsSpan(first..last),
            WeightSlopes.AsSpan(first..last));
        var length = 0.0;
        foreach (var value in v)
            length += value * value;
        return likelihood - 0.5 * length;
    }

    private bool TryExpected(int block)
    {
        if (curve.IsConcave)
            return false;
        if (expected.Length == 0)
            expected = new double[Weights.Length];
        var (first, last) = plan.CellsOf(block);
        var eta = new double[last - first];
        for (var i = first; i < last; i++)
            eta[i - first] = (isRough ? 0 : cells.Anchors[i]) + Predictors[i];
        curve.Information(
            eta, cells.Responses.AsSpan(first..last), cells.Sizes.AsSpan(first..last), Scales, expected.AsSpan(first..last));
        return squares.TryFactorise(block, expected);
    }
}
