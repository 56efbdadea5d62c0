using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>The mode of one level's spherical effects, near enough to centre a quadrature rule on, and the Cholesky factor of the curvature there.
/// Mutable scratch of one thread.</summary>
/// <remarks>
/// <para>With u = Lambda v, zeta_i = Lambda'z_i and o_i the known part of eta_i: f(v) = sum l_i(o_i + zeta_i'v) - |v|^2 / 2, H = I + sum w_i zeta_i
/// zeta_i', w = -l''. f is strictly concave where the curves are concave.</para>
/// <para>
/// Newton's steps, halved where f would fall, from a start that does not depend on earlier evaluations, so that a value depends on its position
/// alone. The last step is one that promises less than 1/10, half an sd; the curvature behind it is extrapolated by the curves' third derivatives. A
/// rule need not be centred on the mode itself, and what it is worth is measured (<see cref="CellQuadrature.ErrorOver"/>).
/// </para>
/// </remarks>
internal sealed class GroupMode
{
    private const double LastGain = 0.1;
    private const int MostSteps = 60;

    private readonly GroupedCells cells;
    private readonly ResponseCurve curve;
    private readonly int q;
    private readonly double[] step;
    private readonly double[] direction;
    private readonly double[] curvature;
    private readonly double[] trialFactor;
    private readonly double[] weightSlopes;
    private readonly double[] trial;
    private readonly double[] eta;
    private readonly double[] slopes;
    private readonly double[] weights;
    private ResponseScales scales;
    private double third;                         // sum w'_i zeta_i^3, of one effect

    public GroupMode(GroupedCells cells)
    {
        this.cells = cells;
        curve = cells.Family.Curve;
        q = cells.TermCount;
        Centre = new double[q];
        Factor = new double[q * q];
        step = new double[q];
        direction = new double[q];
        curvature = new double[q * q];
        trialFactor = new double[q * q];
        weightSlopes = new double[cells.MostCells];
        trial = new double[q];
        eta = new double[cells.MostCells];
        slopes = new double[cells.MostCells];
        weights = new double[cells.MostCells];
    }

    /// <summary>v near the mode. Length q.</summary>
    public double[] Centre { get; }

    /// <summary>Cholesky factor L of H at <see cref="Centre"/>, q x q by rows, 1 / diagonal on the diagonal.</summary>
    public double[] Factor { get; }

    /// <summary>Sets sigma and the shape of the response.</summary>
    public void Set(in ResponseScales newScales) => scales = newScales;

    /// <summary>Finds the mode.</summary>
    /// <param name="first">The level's first cell.</param>
    /// <param name="known">o_i of the level's cells.</param>
    /// <param name="spherical">zeta_i of the level's cells, q each.</param>
    /// <param name="start">Where the search begins. Length q.</param>
    /// <returns>False where f or its curvature cannot be evaluated.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryFind(int first, ReadOnlySpan<double> known, ReadOnlySpan<double> spherical, ReadOnlySpan<double> start)
    {
        start.CopyTo(Centre);
        var height = Evaluate(first, known, spherical, Centre);
        if (!double.IsFinite(height))
        {
            Array.Clear(Centre);
            height = Evaluate(first, known, spherical, Centre);
        }

        for (var iteration = 0; iteration < MostSteps; iteration++)
        {
            if (!double.IsFinite(height))
                return false;
            if (q == 1 && TryFinishOne())
                return true;
            if (!TryMove(out var gain))
                return false;
            if (gain < LastGain)
                return TryFinish(spherical);
            var origin = height;
            for (var length = 1.0; ; length *= 0.5)
            {
                for (var a = 0; a < q; a++)
                    trial[a] = Centre[a] + length * direction[a];
                height = Evaluate(first, known, spherical, trial);
                if (height >= origin)
                    break;
                if (length < 1e-9)
                    return false;
            }

            trial.CopyTo(Centre, 0);
        }

        return false;
    }

    /// <summary>Finds the mode by a single step, where that is near enough.</summary>
    /// <param name="spherical">zeta_i of the level's cells, q each.</param>
    /// <param name="start">Where the step begins. Length q.</param>
    /// <param name="slopes">l'_i there.</param>
    /// <param name="weights">w_i there.</param>
    /// <param name="thirds">Derivatives of w_i there.</param>
    /// <returns>False where the start is too far off, or cannot be evaluated.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryStep(
        ReadOnlySpan<double> spherical,
        ReadOnlySpan<double> start,
        ReadOnlySpan<double> slopes,
        ReadOnlySpan<double> weights,
        ReadOnlySpan<double> thirds)
    {
        if (q == 1)
        {
            var (gradient, square, cube) = (-start[0], 1.0, 0.0);
            for (var i = 0; i < slopes.Length; i++)
            {
                var own = spherical[i];
                gradient += own * slopes[i];
                square += own * own * weights[i];
                cube += own * own * own * thirds[i];
            }

            (Centre[0], step[0], Factor[0], third) = (start[0], gradient, square, cube);
            return TryFinishOne();
        }

        start.CopyTo(Centre);
        BeginSums(Centre);
        for (var i = 0; i < slopes.Length; i++)
            AddCell(spherical.Slice(i * q, q), slopes[i], weights[i]);
        thirds.CopyTo(weightSlopes);
        return TryMove(out var gain) && gain < LastGain && TryFinish(spherical);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryFinishOne()
    {
        var move = step[0] / Factor[0];
        if (!(move * step[0] < LastGain))
            return false;
        Centre[0] += move;
        Factor[0] = 1 / Math.Sqrt(Math.Clamp(Factor[0] + third * move, 0.5 * Factor[0], 2 * Factor[0]));
        return true;
    }

    // Newton's step in direction, and what it promises; the Cholesky factor of H in Factor and H in curvature.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryMove(out double gain)
    {
        gain = 0;
        Factor.CopyTo(curvature, 0);
        if (!SmallCholesky.TryFactorise(Factor, q))
            return false;
        step.CopyTo(direction, 0);
        SmallCholesky.Solve(Factor, direction, q);
        for (var a = 0; a < q; a++)
            gain += direction[a] * step[a];
        return true;
    }

    // The last step, and H behind it; H itself where the extrapolation is too far from it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryFinish(ReadOnlySpan<double> spherical)
    {
        curvature.CopyTo(trialFactor, 0);
        for (var (i, at) = (0, 0); at < spherical.Length; i++, at += q)
        {
            var own = spherical.Slice(at, q);
            var change = 0.0;
            for (var a = 0; a < q; a++)
                change += own[a] * direction[a];
            change *= weightSlopes[i];
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b <= a; b++)
                    trialFactor[a * q + b] += change * own[a] * own[b];
            }
        }

        var isNear = true;
        for (var a = 0; a < q; a++)
        {
            isNear &= trialFactor[a * q + a] > 0.5 * curvature[a * q + a] && trialFactor[a * q + a] < 2 * curvature[a * q + a];
            Centre[a] += direction[a];
        }

        if (isNear && SmallCholesky.TryFactorise(trialFactor, q))
            trialFactor.CopyTo(Factor, 0);
        return true;
    }

    // f, its gradient in step, and H in Factor.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Evaluate(int first, ReadOnlySpan<double> known, ReadOnlySpan<double> spherical, double[] v)
    {
        var count = known.Length;
        for (var i = 0; i < count; i++)
        {
            var predictor = known[i];
            for (var a = 0; a < q; a++)
                predictor += spherical[i * q + a] * v[a];
            eta[i] = predictor;
        }

        var likelihood = curve.SumWithCurvatures(
            eta.AsSpan(0, count), cells.Responses.AsSpan(first, count), cells.Sizes.AsSpan(first, count), scales, slopes, weights, weightSlopes);
        if (q == 1)
        {
            var (gradient, square, cube) = (-v[0], 1.0, 0.0);
            for (var i = 0; i < count; i++)
            {
                var own = spherical[i];
                gradient += own * slopes[i];
                square += own * own * weights[i];
                cube += own * own * own * weightSlopes[i];
            }

            (step[0], Factor[0], third) = (gradient, square, cube);
            return likelihood - 0.5 * v[0] * v[0];
        }

        var sum = BeginSums(v);
        for (var i = 0; i < count; i++)
            AddCell(spherical.Slice(i * q, q), slopes[i], weights[i]);
        return likelihood + sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double BeginSums(ReadOnlySpan<double> v)
    {
        var sum = 0.0;
        Array.Clear(Factor);
        for (var a = 0; a < q; a++)
        {
            sum -= 0.5 * v[a] * v[a];
            step[a] = -v[a];
            Factor[a * q + a] = 1;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddCell(ReadOnlySpan<double> own, double slope, double weight)
    {
        for (var a = 0; a < own.Length; a++)
        {
            step[a] += slope * own[a];
            for (var b = 0; b <= a; b++)
                Factor[a * own.Length + b] += weight * own[a] * own[b];
        }
    }
}
