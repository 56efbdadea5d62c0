using System.Runtime.Intrinsics;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>A point of a trajectory: where it is, its momentum, and the density there. Mutable scratch of one chain.</summary>
internal sealed class PhasePoint(int dimension)
{
    public readonly Vector256<double>[] Position = Lanes.Create(dimension);

    // In the metric's coordinates, as is the gradient.
    public readonly Vector256<double>[] Momentum = Lanes.Create(dimension);
    public readonly Vector256<double>[] Gradient = Lanes.Create(dimension);
    public double LogDensity;

    public double Energy => (0.5 * Lanes.SquaredNorm(Momentum)) - LogDensity;

    public void CopyFrom(PhasePoint source)
    {
        Lanes.Copy(source.Position, Position);
        Lanes.Copy(source.Momentum, Momentum);
        Lanes.Copy(source.Gradient, Gradient);
        LogDensity = source.LogDensity;
    }
}
