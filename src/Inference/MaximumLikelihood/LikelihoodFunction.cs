using TypedPooling.Engines;
using TypedPooling.Inference.Density;
using TypedPooling.Inference.GaussianSystem;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The log criterion as a function of <see cref="LikelihoodCoordinates"/>, population effects (and sigma where that is possible) maximised or integrated in closed form. Scratch of one thread.</summary>
internal sealed class LikelihoodFunction
{
    private readonly double freedom;

    public LikelihoodFunction(CoefficientSystem system, LikelihoodCoordinates coordinates, LikelihoodCriterion criterion)
    {
        Coordinates = coordinates;
        Workspace = system.NewWorkspace();
        Workspace.MaximizesPopulation = criterion == LikelihoodCriterion.MaximumLikelihood;
        Point = coordinates.NewPoint();
        freedom = system.Model.RowCount - (Workspace.MaximizesPopulation ? 0 : system.PopulationCount);
    }

    public LikelihoodCoordinates Coordinates { get; }

    public CoefficientWorkspace Workspace { get; }

    /// <summary>Sigma and factors of the last evaluation: factors over sigma, and sigma 1, where sigma is profiled.</summary>
    public ScalePoint Point { get; }

    /// <summary>Sigma of the last evaluation.</summary>
    public double Sigma { get; private set; }

    /// <summary>Rows, less the population effects where these are integrated out.</summary>
    public double Freedom => freedom;

    /// <summary>Number of evaluations so far.</summary>
    public int Evaluations { get; private set; }

    /// <summary>The log criterion and its gradient.</summary>
    /// <param name="x">Coordinates.</param>
    /// <param name="gradient">Overwritten; empty where none is wanted.</param>
    /// <returns>Natural log, all constants included; negative infinity where it cannot be evaluated.</returns>
    public double Evaluate(ReadOnlySpan<double> x, Span<double> gradient)
    {
        Evaluations++;
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
