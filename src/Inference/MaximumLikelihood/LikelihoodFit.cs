using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Inference.Density;
using TypedPooling.Inference.GaussianSystem;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>A maximum and what is read off there. Immutable but for the workspace, which draws use.</summary>
internal sealed class LikelihoodFit
{
    // Residual sum of squares relative to the response's own: what sums in double precision cannot tell from 0.
    private const double PerfectFit = 1e-13;

    private LikelihoodFit(CoefficientSystem system, LikelihoodFunction function, LikelihoodCriterion criterion)
    {
        System = system;
        Function = function;
        Criterion = criterion;
        Point = function.Coordinates.NewPoint();
        Workspace = system.NewWorkspace();
    }

    public CoefficientSystem System { get; }

    public LikelihoodFunction Function { get; }

    public LikelihoodCriterion Criterion { get; }

    /// <summary>Sigma and Lambda at the maximum, absolute.</summary>
    public ScalePoint Point { get; }

    /// <summary>Solved at <see cref="Point"/>, population effects integrated; not to be solved again.</summary>
    public CoefficientWorkspace Workspace { get; }

    /// <summary>The log criterion.</summary>
    public double Value { get; private set; }

    /// <summary>-2 log of the likelihood at the same factors.</summary>
    public double Deviance { get; private set; }

    /// <summary>What a further step promises.</summary>
    public double RemainingGain { get; private set; }

    /// <summary>Estimates on the boundary, a sentence each.</summary>
    public List<string> Boundary { get; } = [];

    /// <exception cref="ModelException">There is no maximum.</exception>
    public static LikelihoodFit Of(CoefficientSystem system, LikelihoodFunction function, LikelihoodCriterion criterion, bool isCheap, RunOptions options)
    {
        var fit = new LikelihoodFit(system, function, criterion);
        var search = new LikelihoodSearch(function, isCheap, options.Cancellation);
        if (!search.TryRun() || !(function.Evaluate(search.Best, []) > double.NegativeInfinity))
            throw LikelihoodSupport.NoMaximum(system.Model);
        fit.Value = search.Value;
        fit.RemainingGain = search.RemainingGain;
        fit.Take(search.Best);
        return fit;
    }

    private void Take(double[] best)
    {
        // A residual that is rounding is none.
        var total = System.Model.Cells.Total().CrossProducts(0)[^1];
        if (double.IsNaN(Function.Coordinates.FixedSigma) && !(Function.Sigma * Function.Sigma * Function.Freedom > PerfectFit * total))
            throw LikelihoodSupport.NoMaximum(System.Model);

        // From factors over sigma to absolute ones, where sigma was profiled.
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
            Deviance = -2 * new LikelihoodFunction(System, Function.Coordinates, LikelihoodCriterion.MaximumLikelihood).Evaluate(best, []);
        DescribeBoundary();
    }

    private void DescribeBoundary()
    {
        for (var k = 0; k < Point.Factors.Length; k++)
        {
            var factor = System.Model.Spec.Factors[k];
            var q = factor.Terms.Length;
            var lambda = Point.Factors[k].Lambda;
            var zeros = Enumerable.Range(0, q).Where(a => Sd(lambda, q, a) == 0 && factor.Terms[a].Sd is not FixedPrior).ToArray();
            foreach (var a in zeros)
                Boundary.Add($"sd({factor.Name}: {factor.Terms[a].Name}) is estimated as exactly 0: the rows show no more differences between levels of {factor.Name} than sigma explains. Leave the effect out, or use priors and an exact engine, which say how large it may be.");
            if (!factor.HasCorrelations)
                continue;
            var deficient = Enumerable.Range(0, q).Count(a => lambda[a * q + a] == 0 && Sd(lambda, q, a) > 0);
            if (deficient == 0)
                continue;
            Boundary.Add(q == 2
                ? $"cor({factor.Name}: {factor.Terms[0].Name}, {factor.Terms[1].Name}) is estimated as exactly {(lambda[q] < 0 ? "-1" : "1")}: the rows do not determine it. Make the effects uncorrelated, or use priors and an exact engine."
                : $"The covariance matrix of the effects varying by {factor.Name} has rank {q - zeros.Length - deficient} of {q} at its estimate. Make effects uncorrelated or leave some out, or use priors and an exact engine.");
        }
    }

    /// <summary>The sd of a term: the length of its row of Lambda.</summary>
    public static double Sd(ReadOnlySpan<double> lambda, int q, int row)
    {
        var squares = 0.0;
        for (var b = 0; b <= row; b++)
            squares += lambda[row * q + b] * lambda[row * q + b];
        return Math.Sqrt(squares);
    }
}
