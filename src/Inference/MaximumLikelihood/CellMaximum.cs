using System.Diagnostics;
using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
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
internal sealed partial class CellMaximum
{
    private const double CheapEvaluation = 20_000;

    // Root mean square over sd beyond which a column is far from 0.
    private const double FarRegion = 3;

    // From where Newton's steps end far from the maximum a climb in the units of that place goes on.
    private const int MostRestarts = 3;

    // Where 1 is typical; large counts tell an sd of a ten-thousandth from 0.
    private static readonly double[] LiftProbes = [1e-4, 1e-3, 1e-2, 0.1];

    // As many as a fit without varying effects may take.
    private const int MostFirstSteps = 100;

    private readonly CellBoundModel model;
    private readonly SearchProgress progress;
    private readonly RunOptions options;
    private readonly CellPlan plan;

    private CellMaximum(CellBoundModel model, RunOptions options, CellPlan? known = null)
    {
        var clock = Stopwatch.StartNew();
        this.options = options;
        this.model = model;
        plan = known ?? CellPlan.Of(model);
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

        maximum.Finish(nodes);
        return maximum;
    }

    /// <summary>Searches from the estimates of a like model, and from the usual starts where that search does not converge.</summary>
    /// <param name="model">The model.</param>
    /// <param name="nodes">Nodes of quadrature a dimension.</param>
    /// <param name="start">Where the search begins.</param>
    /// <param name="options">Threads, progress and cancellation.</param>
    /// <param name="plan">The plan of a model whose cells have the same levels; null to make one.</param>
    /// <exception cref="ModelException">As without a start.</exception>
    public static CellMaximum Of(CellBoundModel model, int nodes, CellStart start, RunOptions options, CellPlan? plan)
    {
        var maximum = new CellMaximum(model, options, plan);
        maximum.System = maximum.System.About(start.Effects(maximum.System));
        maximum.Function = maximum.NewFunction(nodes);
        var x = start.Coordinates(maximum.System, maximum.Coordinates);
        if (!double.IsFinite(maximum.Function.Evaluate(x, [])))
            return Of(model, nodes, options);
        maximum.Move(x, nodes);
        if (!maximum.TrySearch(x))
            return Of(model, nodes, options);
        maximum.Finish(nodes);
        return maximum.Convergence.IsConverged ? maximum : Of(model, nodes, options);
    }

    private void Finish(int nodes)
    {
        Renew(nodes);
        Polish();
        for (var restart = 0; restart < MostRestarts && (!Convergence.IsConverged || TryLift()); restart++)
        {
            if (!TrySearch(Best))
            {
                // The verdict of the last polish stands.
                Function.Evaluate(Best, []);
                break;
            }

            Renew(nodes);
            Polish();
        }

        Evaluations += Function.Evaluations;
        progress.Finish();
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
