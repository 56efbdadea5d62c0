using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>A rough fit: what scales the coordinates, decides how effects are parametrised, and where chains start.</summary>
/// <remarks>
/// Population effects by Newton's method without varying effects, their priors as normal ones; then for each factor alone sds and effects by EM on
/// the quadratic approximation of the likelihood there. Nothing here changes what is sampled.
/// </remarks>
internal sealed class JointStart
{
    private const int NewtonSteps = 50;
    private const int EmSteps = 50;
    private const int SigmaSteps = 10;

    // A step of a linear predictor that changes the likelihood by nothing: Newton's steps on a tail of exp(-eta) are about 1.
    private const double LevelsOff = 0.1;

    private readonly double[] theta;
    private readonly double[] effects;       // u~

    private JointStart(JointSystem system, double[] theta, double[] effects)
    {
        System = system;
        this.theta = theta;
        this.effects = effects;
    }

    /// <summary>The system in coordinates of the rough fit.</summary>
    public JointSystem System { get; }

    /// <summary>The scales of the rough fit. Length of theta.</summary>
    public ReadOnlySpan<double> Theta => theta;

    /// <summary>Fits roughly.</summary>
    /// <param name="model">A model whose family has a likelihood here, with LKJ priors on correlations or none.</param>
    /// <param name="isCentred">Which coordinates each factor's effects are to have; null to decide by information.</param>
    /// <exception cref="ModelException">The response is separated by effects with flat priors.</exception>
    public static JointStart Of(BoundModel model, bool[]? isCentred = null)
    {
        var (columns, likelihood) = JointSystem.Read(model);
        var spec = model.Spec;
        var scales = new ScaleCoordinates(spec);
        var workspace = likelihood.NewWorkspace();
        var fit = new RoughPopulation(spec, columns, likelihood, workspace);
        var at = new ResponseScales(
            FixedSigma(spec) ?? (model is CellBoundModel cells ? Positive(cells.Cells.ResponseSd) : 1), StartShape(spec.Response));
        fit.Run(at);
        for (var round = 0; spec.Response is { HasSigma: true, Sigma: not { FixedValue: not null } }
            && round < (likelihood.IsNormal ? 1 : SigmaSteps); round++)
        {
            // Residual variance without varying effects: at the scale of the response priors count for what they are.
            at = at with { Sigma = Positive(Math.Sqrt(workspace.SumOfSquares / Math.Max(1, likelihood.RowCount - columns.Population.Count))) };
            fit.Run(at);
        }

        if (FitsShape(spec.Response))
        {
            at = fit.BestShape(at, default, spec.Response.Shape!);
            fit.Run(at);
        }

        var factorCount = columns.FactorCount;
        var order = Enumerable.Range(0, factorCount).OrderByDescending(k => columns.LevelCounts[k]).ToArray();
        var factors = new RoughFactor[factorCount];
        var effects = new double[columns.EffectCount];
        for (var round = 0; round < 2; round++)
        {
            fit.Evaluate(at, default);
            var information = fit.InformationOf(new double[columns.Population.Count * columns.Population.Count]);
            for (var k = 0; k < factorCount; k++)
            {
                factors[k] = RoughFactor.Of(
                    columns.LevelCounts[k],
                    fit.OnEffects.AsSpan(columns.EffectStarts[k]..columns.EffectStarts[k + 1]),
                    information[k],
                    EmSteps);
            }

            Array.Clear(effects);
            if (factorCount > 0)
                factors[order[0]].Effects.CopyTo(effects, columns.EffectStarts[order[0]]);
            if (round == 0 && factorCount > 0 && FitsShape(spec.Response))
            {
                at = fit.BestShape(at, effects, spec.Response.Shape!);
                continue;
            }

            if (round > 0 || factorCount == 0 || !spec.Response.HasSigma || spec.Response.Sigma?.FixedValue is not null)
                break;

            // Residual variance beside the effects of the factor with most levels, which take as many degrees of freedom as they are determined.
            fit.Evaluate(at, effects);
            var freedom = likelihood.RowCount - columns.Population.Count - factors[order[0]].Freedom;
            if (freedom > 0.1 * likelihood.RowCount)
                at = at with { Sigma = Positive(Math.Min(at.Sigma, Math.Sqrt(workspace.SumOfSquares / freedom))) };
            else
                at = at with { Sigma = 0.5 * at.Sigma };
        }

        var theta = new double[scales.Dimension];
        scales.Unconstrain(at.Sigma, [.. factors.SelectMany(factor => factor.Sds)], theta, at.Shape);
        var point = scales.NewPoint();
        scales.Constrain(theta, point);
        for (var k = 0; k < factorCount; k++)
            factors[k].Decide(spec.Factors[k], point.Factors[k].Sd, isCentred?[k]);

        var system = new JointSystem(
            model, columns, scales, likelihood, new PopulationCoordinates(columns.Population, 0, fit.Centre(), fit.Map()),
            Coordinates(spec, columns, likelihood.Design, factors));
        return new JointStart(system, theta, effects);
    }

    /// <summary>Where chains start: scales spread by a factor of e either way, so that R-hat has something to compare, population effects within a
    /// standard error or so of the rough fit, effects about their rough values.</summary>
    public double[][] Positions(RunOptions options)
    {
        var stream = RandomAddresses.Starts(options.Seed);
        var starts = new double[options.Chains][];
        var density = new JointDensity(System);
        for (var chain = 0; chain < starts.Length; chain++)
        {
            var position = starts[chain] = new double[System.Dimension];
            var begin = System.EffectsStart;
            theta.CopyTo(position, 0);
            density.MoveTo(position);
            Move(position.AsSpan(0, begin), 1);
            if (chain % 2 == 1)
                System.Scales.Narrow(position.AsSpan(0, System.Scales.Dimension));
            var lambdas = density.Point.Factors.Select(part => part.Lambda.ToArray()).ToArray();
            density.MoveTo(position);
            for (var k = 0; k < System.Factors.Length; k++)
            {
                var at = System.Columns.EffectStarts[k];
                var factor = System.Factors[k];
                factor.Unconstrain(effects.AsSpan(at, factor.Count), lambdas[k], density.Pivoted, position.AsSpan(begin + at, factor.Count));
            }

            Move(position.AsSpan(begin), 0.5);
        }

        return starts;

        void Move(Span<double> numbers, double radius)
        {
            foreach (ref var number in numbers)
                number += radius * (2 * stream.NextDouble() - 1);
        }
    }

    private static double? FixedSigma(ModelSpec spec) => spec.Response is { HasSigma: true, Sigma.FixedValue: { } value } ? value : null;

    // Of a StudentT response the degrees of freedom stay where they are: few rows tell them.
    private static bool FitsShape(ResponseSpec response) => response is { HasShape: true, HasSigma: false, Shape: not { FixedValue: not null } };

    // Degrees of freedom of a t with tails a little heavier than normal; shapes are fitted from 1.
    private static double StartShape(ResponseSpec response)
    {
        if (response.Shape is not { } prior)
            return 1;
        var value = response.HasSigma ? 10.0 : 1.0;
        return prior is { FixedValue: { } known } ? known
            : value > prior.Lower && value < prior.Upper ? value
            : double.IsInfinity(prior.Upper) ? prior.Lower + 1 : 0.5 * (prior.Lower + prior.Upper);
    }

    private static double Positive(double sigma) => sigma > 0 && double.IsFinite(sigma) ? sigma : 1;

    // A population effect that is part of the mean of several factors' coefficients goes to the factor that leaves it least certain: the one of
    // greatest sd^2 / J.
    private static FactorCoordinates[] Coordinates(ModelSpec spec, HierarchyColumns columns, CellDesign design, RoughFactor[] factors)
    {
        var population = columns.Population.Columns;
        var taken = new HashSet<int>();
        var links = factors.Select(_ => new List<MeanLink>()).ToArray();
        foreach (var k in Enumerable.Range(0, factors.Length).Where(k => factors[k].IsCentred).OrderByDescending(
            k => factors[k].Sds[0] * factors[k].Sds[0] / columns.LevelCounts[k]))
        {
            int[] own = [.. spec.Factors[k].Terms.Select(term => term.Column)];
            for (var e = 0; e < population.Length; e++)
            {
                var term = Array.IndexOf(own, population[e]);
                var intercept = columns.Pivots[k].Intercept;
                if (term >= 0 && taken.Add(e))
                    links[k].Add(new MeanLink(term, e, null));
                else if (term < 0 && intercept >= 0 && population[e] >= 0 && spec.Columns[population[e]].ConstantWithin == k
                    && taken.Add(e))
                    links[k].Add(new MeanLink(intercept, e, ByLevel(k, e)));
            }
        }

        return [.. factors.Select((factor, k) => new FactorCoordinates(
            columns.LevelCounts[k], columns.Pivots[k], factor.IsCentred, factor.Units, [.. links[k]]))];

        double[] ByLevel(int k, int e)
        {
            var values = new double[columns.LevelCounts[k]];
            for (var i = 0; i < design.Count; i++)
                values[design.Starts(k)[i] / columns.TermCount(k)] = design.PopulationValue(i, e);
            return values;
        }
    }

    /// <summary>The population effects without varying ones.</summary>
    private sealed class RoughPopulation(ModelSpec spec, HierarchyColumns columns, JointLikelihood likelihood, LikelihoodWorkspace workspace)
    {
        private readonly PopulationColumns population = columns.Population;
        private readonly double[] beta = new double[columns.Population.Count];      // beta~
        private readonly double[] none = new double[columns.EffectCount];
        private readonly double[] onPopulation = new double[columns.Population.Count];
        private const double LeastShape = 1e-3;
        private const double GreatestShape = 1e6;
        private const int ShapeSteps = 24;

        private readonly double[] information = new double[columns.Population.Count * columns.Population.Count];

        public double[] OnEffects { get; } = new double[columns.EffectCount];

        /// <summary>Evaluates at the fit.</summary>
        public double Evaluate(in ResponseScales at, ReadOnlySpan<double> effects) =>
            workspace.Evaluate(at, beta, effects.IsEmpty ? none : effects, onPopulation, OnEffects, out _);

        /// <summary>The information at the last evaluation.</summary>
        /// <param name="onPopulation">Overwritten with that of beta~. p x p by rows.</param>
        /// <returns>That of the effects of each factor, q x q by rows, level after level.</returns>
        public double[][] InformationOf(Span<double> onPopulation)
        {
            double[][] onEffects = [.. columns.LevelCounts.Select((levels, k) => new double[levels * columns.TermCount(k) * columns.TermCount(k)])];
            workspace.Information(onPopulation, onEffects);
            return onEffects;
        }

        /// <summary>The shape of greatest posterior density of its log, all else held, by bisection of the derivative.</summary>
        public ResponseScales BestShape(ResponseScales at, ReadOnlySpan<double> effects, IScalePrior prior)
        {
            var (low, high) = (Math.Log(Math.Max(1.001 * prior.Lower, LeastShape)), Math.Log(Math.Min(0.999 * prior.Upper, GreatestShape)));
            for (var step = 0; step < ShapeSteps && high > low; step++)
            {
                var middle = Math.Exp(0.5 * (low + high));
                workspace.Evaluate(at with { Shape = middle }, beta, effects.IsEmpty ? none : effects, onPopulation, OnEffects, out var onScales);
                if (middle * (onScales.Shape + prior.LogScaleDensityDerivative(middle)) + 1 > 0)
                    low = Math.Log(middle);
                else
                    high = Math.Log(middle);
            }

            return at with { Shape = Math.Exp(0.5 * (low + high)) };
        }

        public void Run(in ResponseScales at)
        {
            var p = beta.Length;
            var trial = new double[p];
            var value = Objective(at);
            for (var iteration = 0; iteration < NewtonSteps && p > 0; iteration++)
            {
                Curvature();
                var step = onPopulation.ToArray();
                Solve(step);
                var gain = 0.0;
                for (var e = 0; e < p; e++)
                    gain += step[e] * onPopulation[e];
                if (!(gain > 1e-10 * (1 + Math.Abs(value))))
                {
                    // At a maximum steps vanish; where the likelihood only levels off they do not.
                    if (likelihood.CanSeparate && population.Priors.Any(prior => !prior.IsProper) && GreatestMove(step) > LevelsOff)
                        throw Separation();
                    break;
                }

                beta.CopyTo(trial, 0);
                var length = 1.0;
                for (; length > 1e-6; length *= 0.5)
                {
                    for (var e = 0; e < p; e++)
                        beta[e] = trial[e] + length * step[e];
                    var next = Objective(at);
                    if (!(next >= value))
                        continue;
                    value = next;
                    break;
                }

                if (length <= 1e-6)
                {
                    trial.CopyTo(beta, 0);
                    Objective(at);
                    break;
                }
            }

            Objective(at);
            if (p > 0)
                Curvature();
            Evaluate(at, default);
        }

        /// <summary>z of the fit: beta~, bounded effects by their logit.</summary>
        public double[] Centre()
        {
            var centre = beta.ToArray();
            for (var e = 0; e < centre.Length; e++)
            {
                if (PopulationCoordinates.IsBounded(population.Priors[e]))
                {
                    var share = Share(e);
                    centre[e] = Math.Log(share / (1 - share));
                }
            }

            return centre;
        }

        /// <summary>M: a root of the inverse of the information for z, p x p by rows, upper triangular.</summary>
        public double[] Map()
        {
            var p = beta.Length;
            var cholesky = information.ToArray();
            for (var a = 0; a < p; a++)
            {
                for (var b = 0; b < p; b++)
                    cholesky[a * p + b] *= Slope(a) * Slope(b);

                // A logit has some curvature of its own, where the data say nothing too.
                cholesky[a * p + a] += PopulationCoordinates.IsBounded(population.Priors[a]) ? 3 / (Math.PI * Math.PI) : 0;
            }

            var map = new double[p * p];
            if (!SmallCholesky.TryFactorise(cholesky, p))
            {
                for (var e = 0; e < p; e++)
                    map[e * p + e] = information[e * p + e] > 0 ? 1 / Math.Sqrt(information[e * p + e]) : 1;
                return map;
            }

            var column = new double[p];
            for (var e = 0; e < p; e++)
            {
                Array.Clear(column);
                column[e] = 1;
                SmallCholesky.SolveTransposed(cholesky, column, p);
                for (var a = 0; a <= e; a++)
                    map[a * p + e] = column[a];
            }

            return map;
        }

        private double Slope(int e)
        {
            if (!PopulationCoordinates.IsBounded(population.Priors[e]))
                return 1;
            var share = Share(e);
            return (population.Priors[e].Upper - population.Priors[e].Lower) * share * (1 - share);
        }

        private double Share(int e) => PopulationCoordinates.Share(population.Priors[e], beta[e]);

        // Log likelihood and the logs of normal priors, with the derivative in onPopulation.
        private double Objective(in ResponseScales at)
        {
            var value = Evaluate(at, default);
            var own = beta.ToArray();
            population.Pivot.Unpivot(own);
            if (population.Intercept >= 0)
                own[population.Intercept] += population.Response;
            for (var e = 0; e < own.Length; e++)
            {
                var difference = own[e] - PopulationCoordinates.Rough(population.Priors[e]).Location;
                own[e] = Precision(e) * difference;
                value -= 0.5 * own[e] * difference;
            }

            population.Pivot.PivotWeights(own);
            VectorLoops.Add(-1, own, onPopulation);
            return value;
        }

        private void Curvature()
        {
            InformationOf(information);
            var p = beta.Length;
            var prior = new double[p * p];
            population.PivotPrecision([.. Enumerable.Range(0, p).Select(Precision)], p, prior);
            VectorLoops.Add(1, prior, information);
        }

        private double Precision(int e) => 1 / Math.Pow(population.Priors[e].RoughScale, 2);

        private void Solve(double[] step)
        {
            var p = beta.Length;
            var gradient = step.ToArray();
            for (var ridge = 0.0; ridge < 1; ridge = ridge == 0 ? 1e-10 : ridge * 100)
            {
                var cholesky = information.ToArray();
                for (var e = 0; e < p; e++)
                    cholesky[e * p + e] += ridge * (cholesky[e * p + e] > 0 ? cholesky[e * p + e] : 1);
                gradient.CopyTo(step, 0);
                if (!SmallCholesky.TryFactorise(cholesky, p))
                    continue;
                SmallCholesky.Solve(cholesky, step, p);
                return;
            }

            Array.Clear(step);
        }

        // The greatest change of a linear predictor by a step.
        private double GreatestMove(double[] step)
        {
            var change = new double[likelihood.Design.Count];
            likelihood.Design.Predict(step, none, change);
            return change.Max(Math.Abs);
        }

        private ModelException Separation()
        {
            var names = spec.Population.Where(term => term.Prior is { FixedValue: null, IsProper: false }).Select(term => $"'{term.Name}'");
            return new ModelException(new Problem(
                ProblemCode.ImproperPosterior,
                $"'{spec.Response.Name}' is separated: the likelihood rises without bound along a combination of {string.Join(", ", names)}. "
                    + $"Their priors are flat, so the posterior is improper.",
                "Give these effects proper priors, or leave some of them out.")
            { Term = spec.Response.Name });
        }
    }
}
