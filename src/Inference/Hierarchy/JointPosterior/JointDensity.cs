using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>Log posterior density of all parameters on unconstrained space, all constants of proper priors and of the likelihood included.</summary>
/// <remarks>O(cells (p + sum q)) an evaluation, nothing allocated, not thread-safe: one instance a chain. A point where the linear predictor
/// overflows has density 0.</remarks>
internal sealed class JointDensity : ILogDensity
{
    private readonly JointSystem system;
    private readonly LikelihoodWorkspace likelihood;
    private readonly double[] beta;
    private readonly double[] pivoted;
    private readonly double[] onPopulation;
    private readonly double[] effects;
    private readonly double[] spherical;
    private readonly double[] onEffects;

    public JointDensity(JointSystem system)
    {
        this.system = system;
        likelihood = system.Likelihood.NewWorkspace();
        Point = system.Scales.NewPoint();
        var p = system.Population.Count;
        beta = new double[p];
        pivoted = new double[p];
        onPopulation = new double[p];
        var count = system.Columns.EffectCount;
        effects = new double[count];
        spherical = new double[count];
        onEffects = new double[count];
    }

    /// <inheritdoc/>
    public int Dimension => system.Dimension;

    /// <summary>Sigma, the shape and every Lambda at the last position.</summary>
    public ScalePoint Point { get; }

    /// <summary>The estimated population effects at the last position, in units of the model. Length p.</summary>
    public ReadOnlySpan<double> Beta => beta;

    /// <summary>The same where columns are centred. Length p.</summary>
    public ReadOnlySpan<double> Pivoted => pivoted;

    /// <summary>u~ of all factors at the last position.</summary>
    public ReadOnlySpan<double> Effects => effects;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double LogDensity(ReadOnlySpan<double> position, Span<double> gradient)
    {
        var log = MoveTo(position);
        if (!double.IsFinite(log))
            return double.NegativeInfinity;
        log += likelihood.Evaluate(new ResponseScales(Point.Sigma, Point.Shape), pivoted, effects, onPopulation, onEffects, out var onScales);
        if (!double.IsFinite(log))
            return double.NegativeInfinity;

        var starts = system.Columns.EffectStarts;
        for (var k = 0; k < system.Factors.Length; k++)
        {
            var (start, count) = (starts[k], system.Factors[k].Count);
            var part = Point.Factors[k];
            system.Factors[k].Backward(
                part.Lambda, spherical.AsSpan(start, count), onEffects.AsSpan(
                    start, count), onPopulation, part.LambdaGradient, gradient.Slice(system.EffectsStart + start, count));
        }

        system.Scales.Backward(position[..system.Scales.Dimension], Point, onScales.Sigma, gradient[..system.Scales.Dimension], onScales.Shape);
        system.Population.Backward(beta, onPopulation, gradient.Slice(system.Scales.Dimension, beta.Length));
        return log;
    }

    /// <summary>Sets the parameters without the likelihood.</summary>
    /// <param name="position">A position. Length D.</param>
    /// <returns>Log prior density of the position, Jacobians included; NaN or infinite where a parameter overflows.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double MoveTo(ReadOnlySpan<double> position)
    {
        var log = system.Scales.Constrain(position[..system.Scales.Dimension], Point);
        log += system.Population.Constrain(position.Slice(system.Scales.Dimension, beta.Length), beta, pivoted);
        var starts = system.Columns.EffectStarts;
        for (var k = 0; k < system.Factors.Length; k++)
        {
            var (start, count) = (starts[k], system.Factors[k].Count);
            log += system.Factors[k].Constrain(
                position.Slice(system.EffectsStart + start, count),
                Point.Factors[k].Lambda,
                pivoted,
                effects.AsSpan(start, count),
                spherical.AsSpan(start, count));
        }

        return log;
    }
}
