using System.Collections.Immutable;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>Finds a mode by BFGS, of the density of z or of that of the sds (without the Jacobian of their logs), whose mode may sit at sd = 0, z =
/// -infinity.</summary>
/// <remarks>Owned by one thread, which is told of each evaluation and may throw to end the search. It ends where the next step promises less than
/// 1e-5 natural log units: the mode is then off by 1/300 of an sd or so; a step changes no coordinate of z by more than 3, a factor of 20 of an sd.
/// Source: [NocedalWright2006], section 6.1.</remarks>
internal sealed class ModeSearch
{
    private readonly ILogDensity density;
    private readonly Action? evaluated;
    private readonly QuasiNewton climber;
    private ImmutableArray<int> folded = [];

    public ModeSearch(ILogDensity density, Action? evaluated = null)
    {
        this.density = density;
        this.evaluated = evaluated;
        climber = new QuasiNewton(density.Dimension, (position, gradient) => Evaluate(position, folded, gradient));
    }

    /// <summary>Density evaluations so far.</summary>
    public long Evaluations { get; private set; }

    /// <summary>Log density of z, or of the sds where some are folded, as a function of z, with its gradient for z; negative infinity at a point that
    /// cannot be evaluated.</summary>
    public double Evaluate(ReadOnlySpan<double> z, ImmutableArray<int> foldedCoordinates, Span<double> gradientOfZ)
    {
        Evaluations++;
        evaluated?.Invoke();
        var value = density.LogDensity(z, gradientOfZ);
        foreach (var i in foldedCoordinates)
        {
            value -= z[i];
            gradientOfZ[i] -= 1;
        }

        foreach (var slope in gradientOfZ)
        {
            if (!double.IsFinite(slope))
                return double.NegativeInfinity;
        }

        return double.IsFinite(value) ? value : double.NegativeInfinity;
    }

    /// <summary>Climbs from a start to a mode, or to where the density is flat.</summary>
    /// <returns>The position, or null where the density cannot be evaluated at the start.</returns>
    public double[]? From(ReadOnlySpan<double> start, ImmutableArray<int> foldedCoordinates)
    {
        folded = foldedCoordinates;
        return climber.TryClimb(start) ? [.. climber.Position] : null;
    }
}
