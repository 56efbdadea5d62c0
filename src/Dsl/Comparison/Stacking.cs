namespace TypedPooling;

/// <summary>Weights of models whose mixture predicts best.</summary>
/// <remarks>
/// The weights w on the simplex that maximise f(w) = (1 / n) sum_i c_i log sum_k w_k p_ik with p_ik = exp(elpd_ik), which is concave. With g the
/// gradient, w'g = 1, and f is at most max_k g_k - 1 below its maximum: the search ends where that is below 1e-12. Newton's steps among the models
/// that have a weight, or whose gradient is above 1, each to the boundary at most and halved where f would fall; a step of the EM algorithm where
/// Newton's does not ascend. O(n K^2) a step. Source: [Yao2018].
/// </remarks>
internal static class Stacking
{
    private const double Tolerance = 1e-12;
    private const int MostSteps = 1000;

    /// <summary>Finds the weights.</summary>
    /// <param name="elpds">elpd_ik, a model after the other. Lengths n.</param>
    /// <param name="counts">c_i. Length n.</param>
    /// <returns>The weights; they add to 1.</returns>
    public static double[] WeightsOf(IReadOnlyList<double[]> elpds, IReadOnlyList<long> counts)
    {
        var (models, n) = (elpds.Count, counts.Count);
        var densities = new double[n * models];                  // each row over its largest
        var shares = new double[n];
        var total = counts.Sum(count => (double)count);
        for (var i = 0; i < n; i++)
        {
            var largest = elpds.Max(elpd => elpd[i]);
            shares[i] = counts[i] / total;
            for (var k = 0; k < models; k++)
                densities[i * models + k] = Math.Exp(elpds[k][i] - largest);
        }

        var weights = Enumerable.Repeat(1.0 / models, models).ToArray();
        for (var step = 0; step < MostSteps; step++)
        {
            var (value, gradient, hessian) = Evaluate(weights);
            if (gradient.Max() - 1 <= Tolerance)
                break;
            int[] free = [.. Enumerable.Range(0, models).Where(k => weights[k] > 0 || gradient[k] > 1)];
            if (!TryNewton(weights, gradient, hessian, free, value, out var next))
                next = [.. weights.Select((w, k) => w * gradient[k])];
            weights = next;
        }

        return weights;

        (double Value, double[] Gradient, double[] Hessian) Evaluate(double[] w)
        {
            var (value, gradient, hessian) = (0.0, new double[models], new double[models * models]);
            for (var i = 0; i < n; i++)
            {
                var mixture = 0.0;
                for (var k = 0; k < models; k++)
                    mixture += w[k] * densities[i * models + k];
                value += shares[i] * Math.Log(mixture);
                for (var k = 0; k < models; k++)
                {
                    var own = densities[i * models + k] / mixture;
                    gradient[k] += shares[i] * own;
                    for (var l = 0; l <= k; l++)
                        hessian[k * models + l] += shares[i] * own * densities[i * models + l] / mixture;
                }
            }

            return (value, gradient, hessian);
        }

        // Newton's step on the sum of the free weights held: (H + e I) d = g - mu 1, 1'd = 0, H minus the second derivatives.
        bool TryNewton(double[] w, double[] gradient, double[] hessian, int[] free, double value, out double[] next)
        {
            next = w;
            var f = free.Length;
            var system = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(f + 1, f + 1);
            var right = MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(f + 1);
            for (var a = 0; a < f; a++)
            {
                for (var b = 0; b <= a; b++)
                    system[a, b] = system[b, a] = hessian[free[a] * models + free[b]] + (a == b ? 1e-10 : 0);
                system[a, f] = system[f, a] = 1;
                right[a] = gradient[free[a]];
            }

            var direction = system.Solve(right);
            var length = 1.0;
            var blocking = -1;
            var ascent = 0.0;
            for (var a = 0; a < f; a++)
            {
                if (!double.IsFinite(direction[a]))
                    return false;
                ascent += direction[a] * gradient[free[a]];
                if (w[free[a]] + length * direction[a] < 0)
                    (length, blocking) = (-w[free[a]] / direction[a], a);
            }

            if (!(ascent > 0) || !(length > 0))
                return false;
            for (; length > 1e-10; length *= 0.5, blocking = -1)
            {
                var trial = (double[])w.Clone();
                for (var a = 0; a < f; a++)
                    trial[free[a]] = a == blocking ? 0 : Math.Max(0, trial[free[a]] + length * direction[a]);
                if (Evaluate(trial).Value > value)
                {
                    next = trial;
                    return true;
                }
            }

            return false;
        }
    }
}
