using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.GaussianSystem;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The log criterion of a normal hierarchy, population effects (and sigma where that is possible) maximised or integrated in closed form.
/// Scratch of one thread.</summary>
internal sealed class NormalLikelihood : LikelihoodFunction
{
    private readonly double freedom;
    private double[] last = [];             // the last position, its gradient if there is one, and its value
    private double[] lastGradient = [];
    private double lastValue;
    private bool hasLast;

    public NormalLikelihood(CoefficientSystem system, LikelihoodCoordinates coordinates, LikelihoodCriterion criterion)
        : base(coordinates)
    {
        Workspace = system.NewWorkspace();
        Workspace.MaximizesPopulation = criterion == LikelihoodCriterion.MaximumLikelihood;
        freedom = system.Model.RowCount - (Workspace.MaximizesPopulation ? 0 : system.PopulationCount);
    }

    public CoefficientWorkspace Workspace { get; }

    /// <summary>Sigma of the last evaluation.</summary>
    public double Sigma { get; private set; }

    /// <summary>Rows, less the population effects where these are integrated out.</summary>
    public double Freedom => freedom;

    protected override double Compute(ReadOnlySpan<double> x, Span<double> gradient)
    {
        // A search begins where another ended: the last position is not evaluated again.
        if (hasLast && x.SequenceEqual(last) && (gradient.IsEmpty || lastGradient.Length > 0))
        {
            Coordinates.Set(x, Point);
            lastGradient.AsSpan(0, gradient.Length).CopyTo(gradient);
            return lastValue;
        }

        lastValue = ComputeAnew(x, gradient);
        hasLast = double.IsFinite(lastValue);
        (last, lastGradient) = (x.ToArray(), gradient.ToArray());
        return lastValue;
    }

    private double ComputeAnew(ReadOnlySpan<double> x, Span<double> gradient)
    {
        Coordinates.Set(x, Point);
        double value;
        if (Coordinates.ProfilesSigma)
        {
            value = Workspace.SolveProfiled(Point, freedom, Coordinates.TypicalSigma, !gradient.IsEmpty, out var sigma);
            Sigma = sigma;
        }
        else
        {
            value = Workspace.Solve(Point, [], !gradient.IsEmpty);
            Sigma = Point.Sigma;
        }

        if (gradient.IsEmpty || !double.IsFinite(value))
            return double.IsFinite(value) ? value : double.NegativeInfinity;
        Coordinates.Backward(x, Point, Workspace.SigmaGradient, gradient);
        foreach (var slope in gradient)
        {
            if (!double.IsFinite(slope))
                return double.NegativeInfinity;
        }

        return value;
    }
}
