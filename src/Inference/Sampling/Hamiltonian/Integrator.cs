using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>Leapfrog steps of one chain through its metric. Source: [Neal2011], section 5.2.3.</summary>
internal sealed class Integrator(ILogDensity density, Metric metric)
{
    private readonly int dimension = density.Dimension;
    private readonly double[] gradient = new double[density.Dimension];

    /// <summary>Density evaluations so far.</summary>
    public long Evaluations { get; private set; }

    /// <summary>Evaluates density and gradient at the point's position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate(PhasePoint point)
    {
        Evaluations++;
        point.LogDensity = density.LogDensity(Lanes.AsNumbers(point.Position, dimension), gradient);
        metric.PullBack(gradient, point.Gradient);
    }

    /// <summary>Moves the point by one step, backwards where the step is negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Step(PhasePoint point, double step)
    {
        Kick(point, 0.5 * step);
        metric.Move(step, point.Momentum, point.Position);
        Evaluate(point);
        Kick(point, 0.5 * step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Kick(PhasePoint point, double step)
    {
        var momentum = point.Momentum;
        var gradient = point.Gradient;
        var step4 = Vector256.Create(step);
        for (var lane = 0; lane < momentum.Length; lane++)
            momentum[lane] += step4 * gradient[lane];
    }
}
