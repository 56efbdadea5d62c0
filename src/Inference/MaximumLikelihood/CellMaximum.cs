using System.Diagnostics;
using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The maximum of the likelihood of a model of cells, and minus its curvature there.</summary>
/// <remarks>
/// <para>
/// A first climb starts at the fit without varying effects, population effects in units of the standard errors that the information gives beside
/// effects of typical sds. Where it ends their units are renewed and the point becomes the origin. Newton's steps follow: the curvature is made of
/// central differences of the analytic gradient, three thousandths of a coordinate's own standard error to either side, the others held. A point
/// whose curvature is not that of a maximum is left by a climb in these units. The search ends where a step promises less than a hundredth of
/// <see cref="Convergence.Bound"/>, or at its limit; a climb from there begins it again a few times.
/// </para>
/// <para>With quadrature the climb begins where Laplace's approximation has its maximum, sds of 0 lifted off it.</para>
/// </remarks>
internal sealed class CellMaximum
{
    // In standard errors: what the difference leaves out is of the order of its square, and rounding, at 1e9 events a cell, takes about 1e-6 of a
    // gradient.
    private const double CurvatureStep = 3e-3;

    // Twice the square of the step: curvature in units of standard errors below which differences of gradients say nothing.
    private const double Ridge = 2 * CurvatureStep * CurvatureStep;

    // Relative to a scale's coordinate, where its standard error is not known yet.
    private const double FirstStep = 1e-3;

    private const double CheapEvaluation = 20_000;

    // Root mean square over sd beyond which a column is far from 0.
    private const double FarRegion = 3;

    // From where Newton's steps end far from the maximum a climb in the units of that place goes on.
    private const int MostRestarts = 3;

    // Where 1 is typical; large counts tell an sd of a ten-thousandth from 0.
    private static readonly double[] LiftProbes = [1e-4, 1e-3, 1e-2, 0.1];

    // As many as a fit without varying effects may take.
    private const int MostFirstSteps = 100;

    // Newton's method doubles its digits; what needs more steps than this goes to infinity or is lost.
    private const int MostSteps = 12;

    private readonly CellBoundModel model;
    private readonly SearchProgress progress;
    private readonly RunOptions options;
    private readonly CellPlan plan;
    private double[] gradient = [];
    private double[] units = [];
    private int[] free = [];

    private CellMaximum(CellBoundModel model, RunOptions options)
    {
        var clock = Stopwatch.StartNew();
        this.options = options;
        this.model = model;
        plan = CellPlan.Of(model);
        System = CellSystem.Of(model, plan);
        Coordinates = new LikelihoodCoordinates(
            model.Spec, Typical(), System.PopulationCount, shapeUnit: model.Family.ShapeUnit(model.Cells.View), spreads: Spreads());
        progress = new SearchProgress(options, Coordinates.Dimension);
        Function = NewFunction(1);
        Setup = clock.Elapsed;
    }

    /// <summary>How long it took to order the effects and to lay out the cells.</summary>
    public TimeSpan Setup { get; }

    /// <summary>The cells, population effects in units of their standard errors about the estimates.</summary>
    public CellSystem System { get; private set; }

    public LikelihoodCoordinates Coordinates { get; }

    /// <summary>The log likelihood, last evaluated at <see cref="Best"/>.</summary>
    public LaplaceLikelihood Function { get; private set; }

    /// <summary>The coordinates of the maximum.</summary>
    public double[] Best { get; private set; } = [];

    /// <summary>Where the search ended.</summary>
    public Convergence Convergence { get; private set; }

    /// <summary>Covariance of the first coordinates, those of the population effects: their block of the inverse of minus the curvature in all
    /// coordinates that are free. p x p by rows; null where that is not positive definite.</summary>
    public double[]? Covariance { get; private set; }

    /// <summary>By how many standard errors the estimates of a rule of twice the nodes lie elsewhere, sqrt(g'H^-1 g) with its gradient g here; 0 for
    /// Laplace's approximation, NaN where that rule cannot be evaluated.</summary>
    public double RuleError { get; private set; }

    /// <summary>Number of evaluations.</summary>
    public int Evaluations { get; private set; }

    /// <summary>Searches.</summary>
    /// <exception cref="ModelException">The response is separated, or the likelihood cannot be evaluated at any start.</exception>
    public static CellMaximum Of(CellBoundModel model, int nodes, RunOptions options)
    {
        var maximum = new CellMaximum(model, options);
        maximum.Climb(null);
        maximum.ClimbFarRegion();
        if (nodes > 1)
        {
            maximum.Renew(nodes);
            maximum.Lift();
            maximum.Climb(maximum.Best);
        }

        maximum.Renew(nodes);
        maximum.Polish();
        for (var restart = 0; restart < MostRestarts && (!maximum.Convergence.IsConverged || maximum.TryLift()); restart++)
        {
            if (!maximum.TrySearch(maximum.Best))
            {
                // The verdict of the last polish stands.
                maximum.Function.Evaluate(maximum.Best, []);
                break;
            }

            maximum.Renew(nodes);
            maximum.Polish();
        }

        maximum.Evaluations += maximum.Function.Evaluations;
        maximum.progress.Finish();
        return maximum;
    }

    /// <summary>The end of a search, made again.</summary>
    /// <param name="model">The model that was searched.</param>
    /// <param name="state">Where the search ended.</param>
    /// <returns>The function as it was at the maximum; null where the state is of another layout, or the likelihood has no such mode here.</returns>
    public static CellMaximum? TryRestore(CellBoundModel model, CellMaximumState state)
    {
        var maximum = new CellMaximum(model, new RunOptions { Threads = 1 });
        var p = maximum.System.PopulationCount;
        if (state.CentredCentre.Length != p || state.Best.Length != maximum.Coordinates.Dimension
            || state.Modes.Length != maximum.plan.BlockCount * maximum.plan.BlockSize)
            return null;
        maximum.System = maximum.System.With(state.CentredCentre, state.CentredMap);
        maximum.Function = maximum.NewFunction(state.Nodes);
        (maximum.Best, maximum.Covariance) = (state.Best, state.Covariance);
        return maximum.Function.TryRestore(state.Best, state.Modes) ? maximum : null;
    }

    /// <summary>Where the search ended.</summary>
    /// <param name="covariance">That of the population effects.</param>
    public CellMaximumState State(double[] covariance) => new(
        Function.Nodes,
        System.CentredCentre,
        System.CentredMap,
        Best,
        covariance,
        [.. Enumerable.Range(0, plan.BlockCount).SelectMany(block => Function.Modes.Of(block).ToArray())]);

    private LaplaceLikelihood NewFunction(int nodes, LaplaceLikelihood? previous = null)
    {
        var function = new LaplaceLikelihood(System, Coordinates, nodes, previous) { Progress = progress };
        function.Squares.Threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        return function;
    }

    private void Climb(double[]? start)
    {
        if (!TrySearch(start))
        {
            throw new ModelException(new Problem(
                ProblemCode.NotIdentified,
                $"The likelihood of '{model.Spec.Response.Name}' cannot be evaluated at the start of the search: linear predictors overflow.",
                "Centre and scale the columns and offsets, or use priors and an engine that knows priors.")
            { Term = model.Spec.Response.Name });
        }
    }

    // False, and nothing changed, where the likelihood cannot be evaluated at the start.
    private bool TrySearch(double[]? start)
    {
        var first = start ?? Rescale(0);
        var search = new LikelihoodSearch(
            Function,
            isCheap: start is null && (double)model.Cells.Count * System.TermCounts.Sum() <= CheapEvaluation,
            System.TypicalShape);
        if (!search.TryRun(start) && !search.TryRun(first))
            return false;
        (Best, Convergence) = (search.Best, search.Convergence);
        return true;
    }

    // Population effects at their best beside effects of typical sds, or of less where those cannot be evaluated, in units of their standard errors
    // there: where counts are large, they are far from the fit without such effects.
    private double[] Rescale(double region)
    {
        var x = new double[Coordinates.Dimension];
        if (Coordinates.HasShape)
            x[Coordinates.ShapeAt] = Coordinates.ShapeCoordinate(System.TypicalShape);
        for (var i = 0; i < Coordinates.Elements.Length; i++)
            x[i + Coordinates.Shift] = Coordinates.Elements[i].Row == Coordinates.Elements[i].Column
                ? Math.Pow(Coordinates.Elements[i].Spread, region)
                : 0;
        if (System.FactorCount == 0)
            return x;
        for (var attempt = 0; attempt < 4 && !double.IsFinite(Function.Evaluate(x, [])); attempt++)
        {
            for (var i = 0; i < Coordinates.Elements.Length; i++)
                x[i + Coordinates.Shift] *= 0.1;
        }

        var slopes = new double[x.Length];
        var value = Function.Evaluate(x, []);
        for (var step = 0; step < MostFirstSteps && double.IsFinite(value); step++)
        {
            Move(x, 1);
            x.AsSpan(0, System.PopulationCount).Clear();
            value = Function.Evaluate(x, slopes);
            if (!TryFirstStep(x, slopes, ref value))
                break;
        }

        return x;
    }

    // Newton's step of the population effects, which in their units is the gradient, halved until the value rises. False where it promises less than
    // a standard error is worth.
    private bool TryFirstStep(double[] x, double[] slopes, ref double value)
    {
        var step = slopes.AsSpan(0, System.PopulationCount).ToArray();
        if (!(0.5 * step.Sum(slope => slope * slope) > 0.5))
            return false;
        for (var length = 1.0; length > 1e-4; length *= 0.5)
        {
            for (var a = 0; a < step.Length; a++)
                x[a] = length * step[a];
            var next = Function.Evaluate(x, []);
            if (!(next > value))
                continue;
            value = next;
            return true;
        }

        x.AsSpan(0, step.Length).Clear();
        return false;
    }

    // Uncorrelated effects of a column far from 0: where slopes differ by as much as they do beside a centred column, intercepts at x = 0 move with
    // them, and this is a region of its own.
    private void ClimbFarRegion()
    {
        if (!Coordinates.Elements.ToArray().Any(element => element.Spread > FarRegion))
            return;
        var (system, function, best, end) = (System, Function, Best, Convergence);
        System = CellSystem.Of(model, plan);
        Function = NewFunction(1);
        if (!TrySearch(Rescale(1)) || !(Convergence.Value > end.Value))
            (System, Function, Best, Convergence) = (system, function, best, end);
    }

    // The function about the best point, population effects in units of their standard errors there.
    private void Renew(int nodes)
    {
        Function.Evaluate(Best, []);
        Move(Best, nodes);
        Best.AsSpan(0, System.PopulationCount).Clear();
    }

    private void Move(double[] x, int nodes)
    {
        System = System.At(x.AsSpan(0, System.PopulationCount), Function.Information());
        Evaluations += Function.Evaluations;
        Function = NewFunction(nodes, Function);
    }

    // At an sd of exactly 0 the derivative is 0 whatever the data say.
    private void Lift()
    {
        for (var i = 0; i < Coordinates.Elements.Length; i++)
        {
            if (Coordinates.Elements[i].Row == Coordinates.Elements[i].Column && Best[i + Coordinates.Shift] == 0)
                Best[i + Coordinates.Shift] = 0.1;
        }
    }

    // An sd that a climb had set to 0 on its way, before the other coordinates were where they are now: 0 is left where the value away from it is
    // higher.
    private bool TryLift()
    {
        for (var i = 0; i < Coordinates.Elements.Length; i++)
        {
            var (factor, row, column, _) = Coordinates.Elements[i];
            var at = i + Coordinates.Shift;
            if (row != column || Best[at] != 0 || !Coordinates.IsFree(factor, row))
                continue;
            foreach (var away in LiftProbes)
            {
                var x = (double[])Best.Clone();
                x[at] = away;
                if (!(Function.Evaluate(x, []) > Convergence.Value + Convergence.Bound))
                    continue;
                Best = x;
                return true;
            }
        }

        Function.Evaluate(Best, []);
        return false;
    }

    private void Polish()
    {
        var dimension = Best.Length;
        gradient = new double[dimension];
        free = [.. Enumerable.Range(0, dimension).Where(i => i < System.PopulationCount || !IsHeld(i))];
        var value = Function.Evaluate(Best, gradient);
        units = Units();
        var (lastGain, climbs) = (Convergence.LastGain, 0);
        for (var iteration = 0; ; iteration++)
        {
            var curvature = Curvature();
            if (!TryFactorise(curvature, out var isRidge))
            {
                Convergence = new Convergence(value, lastGain, double.NaN);
                if (climbs++ == 2 || !TryClimb(ref value, ref lastGain))
                    break;
                units = Units();
                continue;
            }

            var step = free.Select(i => gradient[i]).ToArray();
            SmallCholesky.Solve(curvature, step, free.Length);
            Convergence = new Convergence(value, lastGain, 0.5 * free.Select((i, a) => step[a] * gradient[i]).Sum());
            if (isRidge && !Convergence.IsConverged && climbs++ < 2 && TryClimb(ref value, ref lastGain))
            {
                // A climb goes further along a ridge than steps do.
                units = Units();
                continue;
            }

            if (Convergence.RemainingGain < 0.01 * Convergence.Bound || iteration == MostSteps || !TryStep(step, ref value, ref lastGain))
            {
                SetCovariance(curvature);
                SetRuleError(curvature);
                break;
            }

            Renew(ref value);
        }

        LikelihoodSearch.MakePositive(Coordinates, Best);
        Function.Evaluate(Best, []);
    }

    // Standard errors with the other coordinates held, to first order in the step.
    private double[] Units()
    {
        var own = new double[Best.Length];
        var (above, below, x) = (new double[Best.Length], new double[Best.Length], (double[])Best.Clone());
        foreach (var i in free)
        {
            if (i < System.PopulationCount)
            {
                own[i] = 1;
                continue;
            }

            var step = FirstStep * Math.Max(0.1, Math.Abs(Best[i]));
            x[i] = Best[i] + step;
            Function.Evaluate(x, above);
            x[i] = Best[i] - step;
            Function.Evaluate(x, below);
            x[i] = Best[i];
            var curvature = (below[i] - above[i]) / (2 * step);
            own[i] = curvature > 0 ? 1 / Math.Sqrt(curvature) : Math.Max(0.1, Math.Abs(Best[i]));
        }

        return own;
    }

    // Minus the second derivatives in the free coordinates.
    private double[] Curvature()
    {
        var freeCount = free.Length;
        var curvature = new double[freeCount * freeCount];
        var (above, below, x) = (new double[Best.Length], new double[Best.Length], (double[])Best.Clone());
        for (var i = 0; i < freeCount; i++)
        {
            var step = CurvatureStep * units[free[i]];
            x[free[i]] = Best[free[i]] + step;
            Function.Evaluate(x, above);
            x[free[i]] = Best[free[i]] - step;
            Function.Evaluate(x, below);
            x[free[i]] = Best[free[i]];
            for (var j = 0; j < freeCount; j++)
            {
                var slope = (below[free[j]] - above[free[j]]) / (2 * step);
                curvature[i * freeCount + j] += 0.5 * slope;
                curvature[j * freeCount + i] += 0.5 * slope;
            }
        }

        return curvature;
    }

    // Where two scales can stand for one another, as the sds of an uncorrelated intercept and slope of a column 1e8 sds from 0, the curvature along
    // their ridge is 0 but for what the differences leave out, which may be below 0. The ridge is given a curvature just above that, so that the
    // remaining gain still counts what a slope along it promises.
    private bool TryFactorise(double[] curvature, out bool isRidge)
    {
        var freeCount = free.Length;
        var copy = (double[])curvature.Clone();
        isRidge = !SmallCholesky.TryFactorise(curvature, freeCount);
        if (!isRidge)
            return true;
        for (var a = 0; a < freeCount; a++)
            copy[a * freeCount + a] += Ridge / (units[free[a]] * units[free[a]]);
        copy.CopyTo(curvature, 0);
        return SmallCholesky.TryFactorise(curvature, freeCount);
    }

    // A step of Newton's, halved until the value does not fall by more than what the verdict allows.
    private bool TryStep(double[] step, ref double value, ref double lastGain)
    {
        var (x, moved) = ((double[])Best.Clone(), new double[Best.Length]);
        for (var length = 1.0; length > 1e-3; length *= 0.5)
        {
            for (var a = 0; a < free.Length; a++)
                x[free[a]] = Best[free[a]] + length * step[a];
            var next = Function.Evaluate(x, moved);
            if (!(next >= value - Convergence.Slack))
                continue;
            (lastGain, value, gradient, Best) = (next - value, next, moved, x);
            return true;
        }

        return false;
    }

    // Units of the population effects again, where they have moved.
    private void Renew(ref double value)
    {
        if (Best.AsSpan(0, System.PopulationCount).IndexOfAnyExceptInRange(-1.0, 1.0) < 0)
            return;
        Function.Evaluate(Best, []);
        Move(Best, Function.Nodes);
        Best.AsSpan(0, System.PopulationCount).Clear();
        value = Function.Evaluate(Best, gradient);
    }

    private bool TryClimb(ref double value, ref double lastGain)
    {
        var (origin, x, own) = (Best, new double[Best.Length], new double[Best.Length]);
        var climber = new QuasiNewton(free.Length, (z, into) =>
        {
            origin.CopyTo(x, 0);
            for (var a = 0; a < free.Length; a++)
                x[free[a]] += units[free[a]] * z[a];
            var height = Function.Evaluate(x, own);
            for (var a = 0; a < free.Length; a++)
                into[a] = units[free[a]] * own[free[a]];
            return height;
        })
        { LeastGain = 1e-13, GreatestStep = 2, Rounding = 1e-14, GreatestIterations = 500 };
        if (!climber.TryClimb(new double[free.Length]) || climber.Iterations == 0)
            return false;
        Best = (double[])origin.Clone();
        for (var a = 0; a < free.Length; a++)
            Best[free[a]] += units[free[a]] * climber.Position[a];
        lastGain = climber.LastGain;
        value = Function.Evaluate(Best, gradient);
        return true;
    }

    private void SetCovariance(double[] curvature)
    {
        var (freeCount, p) = (free.Length, System.PopulationCount);
        Covariance = new double[p * p];
        var column = new double[freeCount];
        for (var a = 0; a < p; a++)
        {
            Array.Clear(column);
            column[a] = 1;
            SmallCholesky.Solve(curvature, column, freeCount);
            column.AsSpan(0, p).CopyTo(Covariance.AsSpan(a * p));
        }
    }

    // The finest rule is compared with a coarser one.
    private void SetRuleError(double[] curvature)
    {
        if (Function.Nodes == 1)
            return;
        var other = NewFunction(
            Function.Nodes < LikelihoodSupport.MostNodes ? Math.Min(2 * Function.Nodes, LikelihoodSupport.MostNodes) : Function.Nodes / 2);
        var (own, there) = (new double[Best.Length], new double[Best.Length]);
        Function.Evaluate(Best, own);
        if (!double.IsFinite(other.Evaluate(Best, there)))
            there.AsSpan().Fill(double.NaN);
        Evaluations += other.Evaluations;
        double[] difference = [.. free.Select(i => there[i] - own[i])];
        var step = (double[])difference.Clone();
        SmallCholesky.Solve(curvature, step, free.Length);
        RuleError = Math.Sqrt(step.Zip(difference, (a, b) => a * b).Sum());
    }

    // An element whose column has no diagonal element is not free to move: it is on the boundary.
    private bool IsHeld(int index)
    {
        if (index == Coordinates.ShapeAt)
            return Best[index] == 0;
        var elements = Coordinates.Elements;
        var own = elements[index - Coordinates.Shift];
        for (var i = 0; i < elements.Length; i++)
        {
            if (elements[i].Factor == own.Factor && elements[i].Row == own.Column && elements[i].Column == own.Column)
                return Best[i + Coordinates.Shift] == 0;
        }

        return false;
    }

    // On the scale of the link effects are of the order of 1 over their columns' root mean squares.
    private TypicalScales Typical() =>
        new(
            1,
            [.. model.Spec.Factors.SelectMany(
                (factor, k) => factor.Terms.Select((term, a) => 1 / (System.IsFree[k] ? System.Bases[k].Spread[a] : RootMeanSquare(term.Column))))]);

    // Where sds are those at x = 0 and an intercept varies too: how far from 0 a column lies, and the farthest for the intercept, which moves with
    // its slopes.
    private double[] Spreads() => [.. model.Spec.Factors.SelectMany((factor, k) =>
    {
        var spreads = factor.Terms.Select((term, a) => RootMeanSquare(term.Column) / System.Bases[k].Spread[a]).ToArray();
        var farthest = spreads.Max();
        return factor.Terms.Select(
            (term, a) => System.IsFree[k] || !factor.Terms.Any(other => other.Column == ModelSpec.Ones)
                ? 1
                : term.Column == ModelSpec.Ones ? farthest : spreads[a]);
    })];

    private double RootMeanSquare(int column)
    {
        var (cells, squares) = (model.Cells, 0.0);
        for (var i = 0; i < cells.Count; i++)
            squares += Math.Pow(CellSystem.Value(cells.Columns.Slice(i * cells.ColumnCount, cells.ColumnCount), column), 2) / cells.Count;
        return squares > 0 ? Math.Sqrt(squares) : 1;
    }
}
