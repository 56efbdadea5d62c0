using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.CellLikelihoods;
using TypedPooling.Inference.Density;
using TypedPooling.Inference.GaussianSystem;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Maximum likelihood of a model of cells: the search, standard errors from the curvature of the log likelihood in all its parameters, and the shape of every posterior.</summary>
internal static class CellFit
{
    // Steps of the differences of the gradient, in coordinates of the order of their standard errors or of 1.
    private const double CurvatureStep = 1e-3;

    private const double CheapEvaluation = 20_000;

    /// <exception cref="ModelException">There is no maximum.</exception>
    public static Posterior Run(CellBoundModel model, int quadraturePoints, RunOptions options)
    {
        var system = CellSystem.Of(model);
        var coordinates = new LikelihoodCoordinates(model.Spec, Typical(model), system.PopulationCount);
        var laplace = new LaplaceLikelihood(system, coordinates);
        var search = new LikelihoodSearch(laplace, isCheap: (double)model.Cells.Count * system.TermCounts.Sum() <= CheapEvaluation, options.Cancellation, system.TypicalShape);
        if (!search.TryRun())
            throw NoMaximum(model);
        LikelihoodFunction function = laplace;
        if (quadraturePoints > 1)
        {
            var quadrature = new QuadratureLikelihood(system, coordinates, quadraturePoints);
            (function, laplace) = (quadrature, quadrature.Laplace);
            var finer = new LikelihoodSearch(quadrature, isCheap: false, options.Cancellation, system.TypicalShape);
            if (!finer.TryRun(search.Best))
                throw NoMaximum(model);
            search = finer;
        }

        // A Gamma response without any variation about its mean.
        if (model.Spec.Response.Family == Family.Gamma && coordinates.HasShape && search.Best[coordinates.ShapeAt] == 0)
            throw NoMaximum(model);
        var covariance = Covariance(function, search.Best, system.PopulationCount, out var isMaximum);
        if (!isMaximum)
            throw NoMaximum(model);

        // Leaves modes and weights of the best point behind.
        function.Evaluate(search.Best, []);
        return Posterior(model, system, function, laplace, search, covariance, quadraturePoints, options);
    }

    private static Posterior Posterior(
        CellBoundModel model, CellSystem system, LikelihoodFunction function, LaplaceLikelihood laplace, LikelihoodSearch search, double[] covariance, int quadraturePoints, RunOptions options)
    {
        var spec = model.Spec;
        var parameters = new ScaleCoordinates(spec).Parameters;
        ImmutableArray<Parameter> effects = [.. spec.Population.Select(term => new Parameter(ParameterKind.PopulationEffect, term.Name))];
        var scales = LikelihoodPosterior.Scales(spec, function.Point, parameters.Length);
        var boundary = LikelihoodBoundary.Describe(spec, function.Point);
        if (function.Coordinates.HasShape && search.Best[function.Coordinates.ShapeAt] == 0)
            boundary.Add($"The shape is without end, and given as {LikelihoodCoordinates.GreatestShape:E0}: the counts vary no more than Poisson counts do, which a Poisson model has with a parameter less.");
        var modes = new CellModes(system, laplace, search.Best.AsSpan(0, system.PopulationCount), covariance);
        var count = options.Chains * options.Draws;
        var coordinatesOfDraws = new Lazy<double[]>(() => modes.DrawCoordinates(count, options.Seed));
        var cells = model.Cells;
        var saturated = spec.Response.HasShape ? Saturated(system, function.Point.Shape, laplace.ScaleValue) : cells.SaturatedLogLikelihood;
        options.Progress?.Report(new RunProgress(0, 1, 1, IsWarmup: false));
        return new Posterior
        {
            Spec = spec,
            Engine = MaximumLikelihoodEngine.EngineName,
            Exactness = Exactness.Point,
            DrawKind = DrawKind.Independent,
            ChainCount = options.Chains,
            DrawsPerChain = options.Draws,
            Seed = options.Seed,
            Population = new DeferredBlock(effects, count, () => modes.Population(effects, coordinatesOfDraws.Value, count)),
            Scales = new DeferredBlock(parameters, count, () => Constants(parameters, scales, count)),
            Effects = [.. spec.Factors.Select((_, k) => new DeferredEffects(model, k, count, () => new ModeEffects(modes, k, coordinatesOfDraws.Value, count, options.Seed)))],
            Point = new PointEstimate
            {
                Criterion = LikelihoodCriterion.MaximumLikelihood,
                LogLikelihood = search.Value,
                Deviance = -2 * (laplace.Conditional + cells.LogConstant - saturated),
                SaturatedLogLikelihood = saturated,
                ParameterCount = system.PopulationCount + function.Coordinates.ScaleCount,
                Population = [.. modes.Beta],
                PopulationCovariance = [.. modes.PopulationCovariance],
                Scales = [.. scales],
                Theta = [.. ThetaLayout.Write(function.Point, function.Coordinates, 1)],
                Boundary = [.. boundary],
                Moments = modes,
                Evaluations = function.Evaluations,
                RemainingGain = search.Convergence.RemainingGain,
                IsConverged = search.Convergence.IsConverged,
            },
            SamplingReason = string.Create(
                CultureInfo.InvariantCulture,
                $"Maximum likelihood{(spec.Factors.IsEmpty ? string.Empty : quadraturePoints > 1 ? $", effects integrated out by adaptive quadrature with {quadraturePoints} nodes" : ", effects integrated out by Laplace's approximation")}, {function.Evaluations} evaluations; priors take no part, fixed values do"),
            Timings = new Timings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
            Warnings = [.. search.Convergence.Warnings(spec.Response.Name), .. boundary.Select(sentence => new FitWarning(FitWarningCode.Boundary, sentence))],
        };
    }

    // The log likelihood of the rows at the shape, each expected to be just what it is. 0 events are expected where eta is minus infinity, and then certain.
    private static double Saturated(CellSystem system, double shape, double scaleValue)
    {
        var cells = system.Model.Cells;
        var sum = cells.LogConstant + scaleValue;
        if (system.Model.Spec.Response.Family == Family.Gamma)
            return sum - shape * (cells.LogResponseSum + cells.RowCount);
        var curve = system.Curve.NewScratch();
        curve.Set(new ResponseScales(1, shape));
        for (var i = 0; i < cells.Count; i++)
            sum += cells.Responses[i] > 0 ? curve.At(Math.Log(cells.Responses[i]), cells.Responses[i], cells.Sizes[i], out _, out _, out _) : 0;
        return sum;
    }

    // On the scale of the link effects are of the order of 1 over their columns' root mean squares.
    private static TypicalScales Typical(CellBoundModel model)
    {
        var cells = model.Cells;
        return new TypicalScales(1, [.. model.Spec.Factors.SelectMany(factor => factor.Terms).Select(term =>
        {
            var squares = 0.0;
            for (var i = 0; i < cells.Count; i++)
                squares += Math.Pow(CellSystem.Value(cells.Columns.Slice(i * cells.ColumnCount, cells.ColumnCount), term.Column), 2) / cells.Count;
            return squares > 0 ? 1 / Math.Sqrt(squares) : 1;
        })]);
    }

    // The inverse of minus the curvature in all coordinates that are free at the maximum; its block of the population coordinates.
    private static double[] Covariance(LikelihoodFunction function, double[] best, int p, out bool isMaximum)
    {
        var free = Enumerable.Range(0, best.Length).Where(i => i < p || !IsHeld(function.Coordinates, best, i)).ToArray();
        var n = free.Length;
        var curvature = new double[n * n];
        var (above, below, x) = (new double[best.Length], new double[best.Length], (double[])best.Clone());
        for (var i = 0; i < n; i++)
        {
            x[free[i]] = best[free[i]] + CurvatureStep;
            function.Evaluate(x, above);
            x[free[i]] = best[free[i]] - CurvatureStep;
            function.Evaluate(x, below);
            x[free[i]] = best[free[i]];
            for (var j = 0; j < n; j++)
            {
                var slope = (below[free[j]] - above[free[j]]) / (2 * CurvatureStep);
                curvature[i * n + j] += 0.5 * slope;
                curvature[j * n + i] += 0.5 * slope;
            }
        }

        isMaximum = SmallCholesky.TryFactorise(curvature, n);
        var covariance = new double[p * p];
        var column = new double[n];
        for (var a = 0; a < p && isMaximum; a++)
        {
            Array.Clear(column);
            column[a] = 1;
            SmallCholesky.Solve(curvature, column, n);
            column.AsSpan(0, p).CopyTo(covariance.AsSpan(a * p));
        }

        return covariance;
    }

    // An element whose column has no diagonal element is not free to move: it is on the boundary.
    private static bool IsHeld(LikelihoodCoordinates coordinates, double[] best, int index)
    {
        if (index == coordinates.ShapeAt)
            return best[index] == 0;
        var elements = coordinates.Elements;
        var own = elements[index - coordinates.Shift];
        for (var i = 0; i < elements.Length; i++)
        {
            if (elements[i].Factor == own.Factor && elements[i].Row == own.Column && elements[i].Column == own.Column)
                return best[i + coordinates.Shift] == 0;
        }

        return false;
    }

    private static StoredBlock Constants(ImmutableArray<Parameter> parameters, double[] scales, int count)
    {
        var draws = new double[scales.Length * count];
        for (var i = 0; i < scales.Length; i++)
            Array.Fill(draws, double.IsNaN(scales[i]) ? 0 : scales[i], i * count, count);
        return new StoredBlock(parameters, draws, count);
    }

    private static ModelException NoMaximum(CellBoundModel model) => new(new Problem(
        ProblemCode.NotIdentified,
        $"The likelihood of '{model.Spec.Response.Name}' has no maximum that can be reached: it rises without end, as where effects separate the response, or is flat.",
        "Leave effects out, let fewer vary, or give them proper priors and use an engine that knows priors.")
    { Term = model.Spec.Response.Name });
}
