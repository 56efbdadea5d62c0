using System.Runtime.CompilerServices;
using TypedPooling.Inference.CellLikelihoods;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>The mode of one level's spherical effects, near enough to centre a quadrature rule on, and the factor of the curvature there. Mutable scratch of one thread.</summary>
/// <remarks>
/// <para>With u = Lambda v and zeta_i = Lambda'z_i: f(v) = sum l_i(k_i + zeta_i'v) - |v|^2 / 2, H = I + sum w_i zeta_i zeta_i', w = -l''. f is strictly concave where the curves are concave.</para>
/// <para>
/// Newton's steps, halved where f would fall, from a start that does not depend on earlier evaluations, so that a value depends on its position alone. They end where the next one promises less than 1/1000: within 0.05 sds of the mode,
/// nearer than quadrature asks for.
/// </para>
/// </remarks>
internal sealed class GroupMode
{
    private const double SmallestGain = 1e-3;
    private const int MostSteps = 60;

    private readonly GroupedCells cells;
    private readonly ResponseCurve curve;
    private readonly int q;
    private readonly double[] step;
    private readonly double[] direction;
    private readonly double[] trial;

    public GroupMode(GroupedCells cells)
    {
        this.cells = cells;
        curve = ResponseCurve.Of(cells.Family)!;
        q = cells.TermCount;
        Center = new double[q];
        Factor = new double[q * q];
        step = new double[q];
        direction = new double[q];
        trial = new double[q];
    }

    /// <summary>v near the mode. Length q.</summary>
    public double[] Center { get; }

    /// <summary>Cholesky factor L of H at <see cref="Center"/>, q x q by rows, 1 / diagonal on the diagonal.</summary>
    public double[] Factor { get; }

    /// <summary>Finds the mode.</summary>
    /// <param name="first">The level's first cell.</param>
    /// <param name="known">k_i of the level's cells.</param>
    /// <param name="spherical">zeta_i of the level's cells, q each.</param>
    /// <param name="start">Where the search begins. Length q.</param>
    /// <returns>False where f or its curvature cannot be evaluated.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryFind(int first, ReadOnlySpan<double> known, ReadOnlySpan<double> spherical, ReadOnlySpan<double> start)
    {
        start.CopyTo(Center);
        var height = Evaluate(first, known, spherical, Center);
        if (!double.IsFinite(height))
        {
            Array.Clear(Center);
            height = Evaluate(first, known, spherical, Center);
        }

        for (var iteration = 0; iteration < MostSteps; iteration++)
        {
            if (!double.IsFinite(height) || !SmallCholesky.TryFactorise(Factor, q))
                return false;
            var gain = 0.0;
            if (q == 1)
            {
                var gradient = step[0];
                step[0] *= Factor[0] * Factor[0];
                gain = gradient * step[0];
            }
            else
            {
                step.CopyTo(trial, 0);
                SmallCholesky.Solve(Factor, step, q);
                for (var a = 0; a < q; a++)
                    gain += trial[a] * step[a];
            }

            if (gain < SmallestGain)
                return true;
            step.CopyTo(direction, 0);
            var origin = height;
            for (var length = 1.0; ; length *= 0.5)
            {
                for (var a = 0; a < q; a++)
                    trial[a] = Center[a] + length * direction[a];
                height = Evaluate(first, known, spherical, trial);
                if (height >= origin)
                    break;
                if (length < 1e-9)
                    return false;
            }

            trial.CopyTo(Center, 0);
        }

        return false;
    }

    // f, its gradient in step, and H in Factor.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Evaluate(int first, ReadOnlySpan<double> known, ReadOnlySpan<double> spherical, double[] v)
    {
        var responses = cells.Responses.AsSpan(first, known.Length);
        var sizes = cells.Sizes.AsSpan(first, known.Length);
        if (q == 1)
        {
            var (center, gradient, curvature, height) = (v[0], -v[0], 1.0, -0.5 * v[0] * v[0]);
            for (var i = 0; i < known.Length; i++)
            {
                var own = spherical[i];
                height += curve.At(known[i] + own * center, responses[i], sizes[i], out var slope, out var weight, out _);
                gradient += own * slope;
                curvature += own * own * weight;
            }

            (step[0], Factor[0]) = (gradient, curvature);
            return height;
        }

        var sum = 0.0;
        Array.Clear(Factor);
        for (var a = 0; a < q; a++)
        {
            sum -= 0.5 * v[a] * v[a];
            step[a] = -v[a];
            Factor[a * q + a] = 1;
        }

        for (var i = 0; i < known.Length; i++)
        {
            var own = spherical.Slice(i * q, q);
            var eta = known[i];
            for (var a = 0; a < q; a++)
                eta += own[a] * v[a];
            sum += curve.At(eta, responses[i], sizes[i], out var slope, out var weight, out _);
            for (var a = 0; a < q; a++)
            {
                step[a] += slope * own[a];
                for (var b = 0; b <= a; b++)
                    Factor[a * q + b] += weight * own[a] * own[b];
            }
        }

        return sum;
    }
}
