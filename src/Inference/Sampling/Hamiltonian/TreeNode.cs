using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>A stretch of a trajectory: what the no-U-turn criterion needs of its ends, and one point of it as proposal. Mutable scratch of one
/// chain.</summary>
internal sealed class TreeNode(int dimension)
{
    // Momenta at the end nearer to the start of the trajectory, at the farther end, and summed over all points.
    public readonly Vector256<double>[] Near = Lanes.Create(dimension);
    public readonly Vector256<double>[] Far = Lanes.Create(dimension);
    public readonly Vector256<double>[] Sum = Lanes.Create(dimension);

    // The proposal: drawn from the stretch's points in proportion to their weights.
    public readonly Vector256<double>[] Position = Lanes.Create(dimension);
    public readonly Vector256<double>[] Gradient = Lanes.Create(dimension);
    public double LogDensity;
    public double Energy;

    // Sum of exp(start energy - energy) over the points.
    public double Weight;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SetLeaf(PhasePoint point, double energy, double weight)
    {
        var (momentum, position, gradient) = (point.Momentum, point.Position, point.Gradient);
        for (var lane = 0; lane < momentum.Length; lane++)
        {
            Near[lane] = Far[lane] = Sum[lane] = momentum[lane];
            Position[lane] = position[lane];
            Gradient[lane] = gradient[lane];
        }

        (LogDensity, Energy, Weight) = (point.LogDensity, energy, weight);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TakeProposal(TreeNode other)
    {
        Lanes.Copy(other.Position, Position);
        Lanes.Copy(other.Gradient, Gradient);
        (LogDensity, Energy) = (other.LogDensity, other.Energy);
    }

    /// <summary>Whether the stretch made of this one and the next still runs apart, checked over the whole and across the joint.</summary>
    /// <remarks>
    /// Generalised criterion: the summed momentum points along the momenta at both ends; then the same for each half extended by the first point of
    /// the other half, without which a trajectory on a nearly Gaussian target can close a full period unseen. Sources: [Betancourt2017],
    /// [StanReference].
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool RunsApartWith(TreeNode next)
    {
        var (whole0, whole1, left0, left1, right0, right1) = (
            Vector256<double>.Zero,
            Vector256<double>.Zero,
            Vector256<double>.Zero,
            Vector256<double>.Zero,
            Vector256<double>.Zero,
            Vector256<double>.Zero);
        for (var lane = 0; lane < Sum.Length; lane++)
        {
            var (near, joint, nextJoint, far) = (Near[lane], Far[lane], next.Near[lane], next.Far[lane]);
            var (sum, nextSum) = (Sum[lane], next.Sum[lane]);
            var whole = sum + nextSum;
            var left = sum + nextJoint;
            var right = joint + nextSum;
            whole0 += near * whole;
            whole1 += far * whole;
            left0 += near * left;
            left1 += nextJoint * left;
            right0 += joint * right;
            right1 += far * right;
        }

        return Vector256.Sum(whole0) > 0 && Vector256.Sum(whole1) > 0
            && Vector256.Sum(left0) > 0 && Vector256.Sum(left1) > 0
            && Vector256.Sum(right0) > 0 && Vector256.Sum(right1) > 0;
    }

    /// <summary>Appends the next stretch; the proposal is left to the caller.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(TreeNode next)
    {
        for (var lane = 0; lane < Sum.Length; lane++)
        {
            Sum[lane] += next.Sum[lane];
            Far[lane] = next.Far[lane];
        }

        Weight += next.Weight;
    }
}
