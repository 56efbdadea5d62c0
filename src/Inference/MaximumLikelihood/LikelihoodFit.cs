using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>A maximum and what is read off there. Immutable but for the workspace, which draws use.</summary>
internal sealed class LikelihoodFit
{
    // Residual sum of squares relative to the response's own: what sums in double precision cannot tell from 0.
    private const double PerfectFit = 1e-13;

    private LikelihoodFit(CoefficientSystem system, NormalLikelihood function, LikelihoodCriterion criterion)
    {
        System = system;
        Function = function;
        Criterion = criterion;
        Point = function.Coordinates.NewPoint();
        Reported = Point;
        Workspace = system.NewWorkspace();
    }

    public CoefficientSystem System { get; }

    public NormalLikelihood Function { get; }

    public LikelihoodCriterion Criterion { get; }

    /// <summary>Sigma and Lambda at the maximum, absolute, as the search has them: of centred columns where effects are correlated.</summary>
    public ScalePoint Point { get; }

    /// <summary>The same, every Lambda lower triangular and of the columns as they are.</summary>
    public ScalePoint Reported { get; private set; }

    /// <summary>Solved at <see cref="Point"/>, population effects integrated; not to be solved again.</summary>
    public CoefficientWorkspace Workspace { get; }

    /// <summary>The log criterion.</summary>
    public double Value { get; private set; }

    /// <summary>-2 log of the likelihood at the same scales.</summary>
    public double Deviance { get; private set; }

    /// <summary>Where the search ended.</summary>
    public Convergence Convergence { get; private set; }

    /// <summary>Estimates on the boundary, a sentence each.</summary>
    public List<string> Boundary { get; private set; } = [];

    /// <exception cref="ModelException">There is no maximum.</exception>
    public static LikelihoodFit Of(
        CoefficientSystem system, NormalLikelihood function, LikelihoodCriterion criterion, bool isCheap, RunOptions options)
    {
        var fit = new LikelihoodFit(system, function, criterion);
        function.Workspace.Threads = fit.Workspace.Threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        function.Progress = new SearchProgress(options, function.Coordinates.Dimension);
        var hasMoments = !isCheap && function.Coordinates.ProfilesSigma && system.Model.Spec.Factors.Length > 1;
        (double[]? start, double[]? inverseCurvature) = hasMoments ? MomentStart.Of(system.Model, function) : default;
        var search = new LikelihoodSearch(function, isCheap, inverseCurvature: inverseCurvature);
        if (!search.TryRun(start) && (start is null || !search.TryRun()))
            throw LikelihoodSupport.NoMaximum(system.Model);
        var polish = new LikelihoodPolish(function, search.Best);
        fit.Convergence = polish.Run(search.Convergence);
        fit.Value = function.Evaluate(polish.Position, []);
        if (!double.IsFinite(fit.Value))
            throw LikelihoodSupport.NoMaximum(system.Model);
        fit.Take(polish.Position);
        function.Progress.Finish();
        return fit;
    }

    private void Take(double[] best)
    {
        // A residual that is rounding is none.
        var total = System.Model.Cells.Total().CrossProducts(0)[^1];
        if (double.IsNaN(Function.Coordinates.FixedSigma) && !(Function.Sigma * Function.Sigma * Function.Freedom > PerfectFit * total))
            throw LikelihoodSupport.NoMaximum(System.Model);

        // From Lambda over sigma to Lambda, where sigma was profiled.
        var unit = Function.Coordinates.ProfilesSigma ? Function.Sigma : 1;
        Point.Sigma = Function.Sigma;
        for (var k = 0; k < Point.Factors.Length; k++)
        {
            for (var i = 0; i < Point.Factors[k].Lambda.Length; i++)
                Point.Factors[k].Lambda[i] = unit * Function.Point.Factors[k].Lambda[i];
        }

        if (!double.IsFinite(Workspace.Solve(Point, [], withGradient: false)))
            throw LikelihoodSupport.NoMaximum(System.Model);
        Deviance = -2 * Value;
        if (Criterion == LikelihoodCriterion.RestrictedMaximumLikelihood)
        {
            var likelihood = new NormalLikelihood(System, Function.Coordinates, LikelihoodCriterion.MaximumLikelihood);
            likelihood.Workspace.Threads = Workspace.Threads;
            Deviance = -2 * likelihood.Evaluate(best, []);
        }

        Reported = ReportedScales.Of(System, Point);
        Boundary = LikelihoodBoundary.Describe(System.Model.Spec, Reported);
    }
}
