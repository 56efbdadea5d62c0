using System.Runtime.Intrinsics;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>A point of a trajectory: where it is, its momentum, and the density there. Mutable scratch of one chain.</summary>
internal sealed class PhasePoint(int dimension)
{
    internal readonly Vector256<double>[] Position = Lanes.Create(dimension);

    // In the metric's coordinates, as is the gradient.
    internal readonly Vector256<double>[] Momentum = Lanes.Create(dimension);
    internal readonly Vector256<double>[] Gradient = Lanes.Create(dimension);
    internal double LogDensity;

    internal double Energy => (0.5 * Lanes.SquaredNorm(Momentum)) - LogDensity;

    internal void CopyFrom(PhasePoint source)
    {
        Lanes.Copy(source.Position, Position);
        Lanes.Copy(source.Momentum, Momentum);
        Lanes.Copy(source.Gradient, Gradient);
        LogDensity = source.LogDensity;
    }
}
