using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The covariance matrix of all estimates of a maximum, population effects and scales as they are reported: the inverse of the observed
/// information, carried to the reported scale by the delta method.</summary>
/// <remarks>
/// <para>
/// With H minus the second derivatives of the log likelihood in the free coordinates x (central differences of the analytic gradient) and g(x) the
/// reported parameters, it is J H^-1 J' with J = dg/dx. Of cells x holds the population effects.
/// </para>
/// <para>
/// Of sums x = (log sigma, elements of Lambda) and the population effects are at their best for each x, b(x). With H of that profile, V the
/// covariance of b given x and D = db/dx, the blocks are V + D H^-1 D', D H^-1 J' and J H^-1 J': the inverse of the whole observed information.
/// Under REML the restricted likelihood takes the profile's place.
/// </para>
/// <para>
/// Coordinates on the boundary are held. What they alone make (an sd of 0 and its correlations, a correlation of 1, an infinite shape) has NaN.
/// </para>
/// </remarks>
internal static class ObservedInformation
{
    // In standard errors; see CellMaximum.
    private const double Step = 3e-3;

    // Relative to a coordinate's size, where its standard error is not known yet.
    private const double FirstStep = 1e-3;

    /// <summary>The inverse for a fit.</summary>
    /// <param name="model">The model.</param>
    /// <param name="posterior">Its fit, with a point.</param>
    /// <returns>By rows, population effects in the order of the model, then the reported scales; null where the curvature is not that of a
    /// maximum, or the fit cannot be made again here.</returns>
    public static double[]? Inverse(BoundModel model, Posterior posterior)
    {
        var point = posterior.Point!;
        if (model is NormalBoundModel normal)
            return OfSums(normal.With(normal.Spec.WithoutPriors()), point);
        if (posterior.Recipe is not ModeRecipe recipe)
            return null;
        var cells = (CellBoundModel)model;
        var bare = cells.With(cells.Spec.WithoutPriors());
        var maximum = CellMaximum.TryRestore(bare, recipe.Maximum) ?? CellMaximum.Of(
            bare, recipe.Maximum.Nodes, CellStart.Of(bare.Spec, point), Engines.RunOptions.Default with { Threads = 1 }, null);
        return OfCells(bare, maximum, point);
    }

    private static double[]? OfCells(CellBoundModel model, CellMaximum maximum, PointEstimate point)
    {
        var (function, coordinates, system) = (maximum.Function, maximum.Coordinates, maximum.System);
        var (spec, p, terms) = (model.Spec, system.PopulationCount, model.Spec.Population.Length);
        var total = terms + point.Scales.Length;
        int[] free = [.. Enumerable.Range(0, maximum.Best.Length).Where(i => i < p || !coordinates.IsHeld(maximum.Best, i))];
        if (InverseAt(function, maximum.Best, free, p) is not { } inverse)
            return null;
        var jacobian = Jacobian(maximum.Best, free, point.Scales.Length, x =>
        {
            coordinates.Set(x, function.Point);
            return LikelihoodPosterior.Scales(spec, function.Reported(), point.Scales.Length);
        });

        // g of the population effects is linear.
        var all = new double[total * free.Length];
        jacobian.CopyTo(all, terms * free.Length);
        for (var a = 0; a < p; a++)
            system.Map.AsSpan(a * p, p).CopyTo(all.AsSpan(system.EstimatedTerms[a] * free.Length));
        return Marked(Product(all, inverse, all, total, total, free.Length), spec, point);
    }

    private static double[]? OfSums(NormalBoundModel model, PointEstimate point)
    {
        var (spec, terms) = (model.Spec, model.Spec.Population.Length);
        var total = terms + point.Scales.Length;
        var system = NormalHierarchy.Reduce(model);
        var coordinates = new LikelihoodCoordinates(spec, system.Typical(), profilesSigma: false);
        var function = new NormalLikelihood(system, coordinates, point.Criterion);
        var sigma = spec.Response.HasSigma ? point.Scales[0] : 1;
        var at = coordinates.NewPoint();
        var roots = ThetaLayout.Roots(spec, point.Theta.AsSpan());
        for (var k = 0; k < roots.Length; k++)
        {
            for (var i = 0; i < roots[k].Length; i++)
                at.Factors[k].Lambda[i] = sigma * roots[k][i];
        }

        var best = coordinates.Of(sigma, at);
        int[] free = [.. Enumerable.Range(0, best.Length).Where(i => !coordinates.IsHeld(best, i))];
        if (InverseAt(function, best, free, 0) is not { } inverse)
            return null;
        var workspace = system.NewWorkspace();
        var centre = new double[system.PopulationCount];
        var jacobian = Jacobian(best, free, total, x =>
        {
            coordinates.Set(x, at);
            workspace.Solve(at, [], withGradient: false);
            Array.Clear(centre);
            workspace.DrawPopulation(centre);
            var both = new double[total];
            system.Population.Restore(centre, both.AsSpan(0, terms));
            LikelihoodPosterior.Scales(spec, ReportedScales.Of(system, at), point.Scales.Length).CopyTo(both, terms);
            return both;
        });
        var covariance = Product(jacobian, inverse, jacobian, total, total, free.Length);
        for (var a = 0; a < terms; a++)
        {
            for (var b = 0; b < terms; b++)
                covariance[a * total + b] += point.PopulationCovariance[a * terms + b];
        }

        return Marked(covariance, spec, point);
    }

    // NaN for what lies on the boundary, zeros for what is fixed.
    private static double[] Marked(double[] covariance, ModelSpec spec, PointEstimate point)
    {
        var parameters = new ScaleCoordinates(spec).Parameters;
        var (terms, total) = (spec.Population.Length, spec.Population.Length + parameters.Length);
        for (var i = 0; i < parameters.Length; i++)
        {
            var (parameter, value) = (parameters[i], point.Scales[i]);
            var isOnBoundary = parameter.Kind switch
            {
                ParameterKind.VaryingSd => value == 0 && spec.Factors.First(factor => factor.Name == parameter.Factor).Terms.First(
                    term => term.Name == parameter.Term).Sd?.FixedValue is null,
                ParameterKind.VaryingCorrelation => !(Math.Abs(value) < 1),
                _ => parameter.IsResponseShape && spec.Response.Shape?.FixedValue is null && value >= LikelihoodCoordinates.GreatestShape,
            };
            for (var j = 0; j < total && isOnBoundary; j++)
                covariance[(terms + i) * total + j] = covariance[j * total + terms + i] = double.NaN;
        }

        return covariance;
    }

    // H^-1 in the free coordinates; the first p have standard errors of about 1.
    private static double[]? InverseAt(LikelihoodFunction function, double[] best, int[] free, int p)
    {
        var n = free.Length;
        var (curvature, above, below, x) = (
            new double[n * n], new double[best.Length], new double[best.Length], (double[])best.Clone());
        for (var i = 0; i < n; i++)
        {
            var first = free[i] < p ? Step : FirstStep * Math.Max(0.1, Math.Abs(best[free[i]]));
            if (free[i] >= p)
            {
                if (!TryEvaluate(i, first))
                    return null;
                var own = (below[free[i]] - above[free[i]]) / (2 * first);
                first = own > 0 ? Step / Math.Sqrt(own) : first;
            }

            if (!TryEvaluate(i, first))
                return null;
            for (var j = 0; j < n; j++)
            {
                var slope = (below[free[j]] - above[free[j]]) / (2 * first);
                curvature[i * n + j] += 0.5 * slope;
                curvature[j * n + i] += 0.5 * slope;
            }
        }

        function.Evaluate(best, []);
        if (!SmallCholesky.TryFactorise(curvature, n))
            return null;
        var inverse = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            inverse[i * n + i] = 1;
            SmallCholesky.Solve(curvature, inverse.AsSpan(i * n, n), n);
        }

        return inverse;

        bool TryEvaluate(int i, double step)
        {
            x[free[i]] = best[free[i]] + step;
            var high = function.Evaluate(x, above);
            x[free[i]] = best[free[i]] - step;
            var low = function.Evaluate(x, below);
            x[free[i]] = best[free[i]];
            return double.IsFinite(high) && double.IsFinite(low);
        }
    }

    // dg/dx by central differences, rows of g by free coordinates.
    private static double[] Jacobian(double[] best, int[] free, int count, Func<double[], double[]> reported)
    {
        var (jacobian, x) = (new double[count * free.Length], (double[])best.Clone());
        for (var i = 0; i < free.Length; i++)
        {
            var step = 1e-5 * Math.Max(1, Math.Abs(best[free[i]]));
            x[free[i]] = best[free[i]] + step;
            var above = reported(x);
            x[free[i]] = best[free[i]] - step;
            var below = reported(x);
            x[free[i]] = best[free[i]];
            for (var row = 0; row < count; row++)
                jacobian[row * free.Length + i] = (above[row] - below[row]) / (2 * step);
        }

        reported(x);
        return jacobian;
    }

    // A C B', A (m x n), B (k x n).
    private static double[] Product(double[] a, double[] c, double[] b, int m, int k, int n)
    {
        var (half, result) = (new double[m * n], new double[m * k]);
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < n; j++)
            {
                for (var l = 0; l < n; l++)
                    half[i * n + j] += a[i * n + l] * c[l * n + j];
            }

            for (var j = 0; j < k; j++)
                result[i * k + j] = DenseRows.Dot(half.AsSpan(i * n, n), b.AsSpan(j * n, n));
        }

        return result;
    }
}
