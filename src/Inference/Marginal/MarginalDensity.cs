using System.Runtime.CompilerServices;
using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Marginal;

/// <summary>Log posterior density of the scales of a normal hierarchy on unconstrained space, the coefficients (population and varying) integrated
/// out.</summary>
/// <remarks>
/// theta is laid out by <see cref="ScaleCoordinates"/>: log sigma (or its logit where the prior is bounded), log sds, then the correlation
/// coordinates. Population effects whose prior is neither Normal nor Flat nor Fixed cannot be integrated in closed form: behind the scales theta
/// holds one coordinate of each, in the model's order. O(classes q^2 (q + p)) an evaluation with one factor, and a sparse factorisation with several,
/// nothing allocated, not thread-safe: one instance a chain. Sources: [Bates2015], [LindleySmith1972].
/// </remarks>
internal sealed class MarginalDensity : ILogDensity
{
    private readonly CoefficientWorkspace workspace;
    private readonly PopulationCoordinates joined;
    private readonly double[] joinedPivoted;
    private readonly double[] joinedCoefficients;

    public MarginalDensity(CoefficientSystem system, ScaleCoordinates coordinates)
    {
        Coordinates = coordinates;
        workspace = system.NewWorkspace();
        Point = coordinates.NewPoint();
        joined = system.Joined;
        joinedPivoted = new double[joined.Count];
        joinedCoefficients = new double[joined.Count];
    }

    /// <summary>The layout of the scales in theta.</summary>
    public ScaleCoordinates Coordinates { get; }

    /// <summary>Length D of theta.</summary>
    public int Dimension => Coordinates.Dimension + joined.Count;

    /// <summary>Sigma and Lambda at the last theta.</summary>
    public ScalePoint Point { get; }

    /// <summary>The joined population effects at the last theta, in units of the model, in the model's order. Length JoinedCount.</summary>
    public ReadOnlySpan<double> JoinedCoefficients => joinedCoefficients;

    /// <summary>The exact conditional of the population effects at the last theta.</summary>
    public CoefficientWorkspace Conditional => workspace;

    /// <summary>Builds the density of a bound model.</summary>
    /// <param name="model">A model the Marginal engine supports: a Normal or LogNormal response.</param>
    /// <returns>A density of its own scratch.</returns>
    /// <exception cref="ModelException">The engine does not support the model; every reason is named.</exception>
    public static MarginalDensity Of(NormalBoundModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        MarginalSupport.Of(model.Spec).Require();
        return new MarginalDensity(NormalHierarchy.Reduce(model), new ScaleCoordinates(model.Spec));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double LogDensity(ReadOnlySpan<double> position, Span<double> gradient)
    {
        var log = Constrain(position);
        var likelihood = Likelihood(withGradient: true);
        if (!double.IsFinite(likelihood) || !double.IsFinite(log))
            return double.NegativeInfinity;
        Coordinates.Backward(position, Point, workspace.SigmaGradient, gradient);
        if (joined.Count > 0)
            joined.Backward(joinedCoefficients, workspace.JoinedGradient, gradient[Coordinates.Dimension..]);
        return log + likelihood;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double LogDensity(ReadOnlySpan<double> position)
    {
        var log = Constrain(position);
        var likelihood = Likelihood(withGradient: false);
        return double.IsFinite(likelihood) && double.IsFinite(log) ? log + likelihood : double.NegativeInfinity;
    }

    /// <summary>Log marginal likelihood log p(y | theta) alone, all constants included (flat priors on coefficients count as density 1), the Jacobian
    /// of a LogNormal response too.</summary>
    /// <param name="position">theta. Length D.</param>
    /// <returns>The log; negative infinity where a factor is not positive definite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double LogLikelihood(ReadOnlySpan<double> position)
    {
        Constrain(position);
        return Likelihood(withGradient: false);
    }

    /// <summary>Log prior density of theta alone, Jacobians included.</summary>
    /// <param name="position">theta. Length D.</param>
    /// <returns>The log.</returns>
    public double LogPrior(ReadOnlySpan<double> position) => Constrain(position);

    /// <summary>Sets <see cref="Point"/> without evaluating anything.</summary>
    public void MoveTo(ReadOnlySpan<double> position) => Constrain(position);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Constrain(ReadOnlySpan<double> position)
    {
        var log = Coordinates.Constrain(position, Point);
        return joined.Count == 0 ? log : log + joined.Constrain(position[Coordinates.Dimension..], joinedCoefficients, joinedPivoted);
    }

    private double Likelihood(bool withGradient) => workspace.Solve(Point, joinedPivoted, withGradient);
}
