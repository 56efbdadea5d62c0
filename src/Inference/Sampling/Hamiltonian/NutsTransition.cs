using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>One transition of multinomial NUTS: the trajectory doubles until it turns, diverges or is deep enough; one of its points is the next
/// draw.</summary>
/// <remarks>
/// Uniform (multinomial) sampling within a subtree, biased progressive sampling between old and new halves. Subtrees are built without recursion:
/// finished stretches wait on a stack, and point number n closes as many of them as n has trailing one bits. Allocates nothing once built; owned by
/// one chain. Sources: [HoffmanGelman2014], [Betancourt2017].
/// </remarks>
internal sealed class NutsTransition
{
    // An energy drop of more than 600 counts as 600, so that sums of weights stay finite: the way back has probability below 1e-260.
    private const double GreatestLogWeight = 600;

    private readonly Integrator integrator;
    private readonly PhiloxStream random;
    private readonly int dimension;
    private readonly int maximumDepth;
    private readonly double divergenceThreshold;
    private readonly PhasePoint backward;
    private readonly PhasePoint forward;
    private readonly TreeNode trajectory;
    private readonly TreeNode[] stack;

    private double startEnergy;
    private double acceptanceSum;
    private int leapfrogs;
    private bool isDivergent;

    public NutsTransition(Integrator integrator, PhiloxStream random, int dimension, int maximumDepth, double divergenceThreshold)
    {
        this.integrator = integrator;
        this.random = random;
        this.dimension = dimension;
        this.maximumDepth = maximumDepth;
        this.divergenceThreshold = divergenceThreshold;
        backward = new(dimension);
        forward = new(dimension);
        trajectory = new(dimension);
        stack = new TreeNode[maximumDepth + 1];
        for (var i = 0; i < stack.Length; i++)
            stack[i] = new(dimension);
    }

    /// <summary>Draws the next state.</summary>
    /// <param name="state">Position, gradient and log density of the last draw; overwritten with the next. Its momentum is scratch.</param>
    /// <param name="stepSize">Step size, positive.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TransitionInfo Run(PhasePoint state, double stepSize)
    {
        DrawMomentum(state);
        startEnergy = state.Energy;
        forward.CopyFrom(state);
        backward.CopyFrom(state);
        trajectory.SetLeaf(state, startEnergy, weight: 1);
        (acceptanceSum, leapfrogs, isDivergent) = (0, 0, false);

        var depth = 0;
        while (depth < maximumDepth)
        {
            var goesForward = (long)random.NextUInt64() < 0;
            var end = goesForward ? forward : backward;

            // The trajectory seen in the direction it grows: near is the end that stays, far the end that moves.
            Lanes.Copy((goesForward ? backward : forward).Momentum, trajectory.Near);
            Lanes.Copy(end.Momentum, trajectory.Far);
            if (!TryBuild(end, goesForward ? stepSize : -stepSize, 1 << depth))
                break;

            depth++;
            var extension = stack[0];
            if (random.NextDouble() * trajectory.Weight < extension.Weight)
                trajectory.TakeProposal(extension);
            var runsApart = trajectory.RunsApartWith(extension);
            trajectory.Append(extension);
            if (!runsApart)
                break;
        }

        Lanes.Copy(trajectory.Position, state.Position);
        Lanes.Copy(trajectory.Gradient, state.Gradient);
        state.LogDensity = trajectory.LogDensity;
        return new(acceptanceSum / leapfrogs, isDivergent, depth, leapfrogs, trajectory.Energy);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void DrawMomentum(PhasePoint point)
    {
        foreach (ref var number in Lanes.AsNumbers(point.Momentum, dimension))
            number = random.NextNormal();
    }

    // Extends by `count` points (a power of two) from `end`; leaves the stretch in stack[0]. False where a part of it turns or diverges.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryBuild(PhasePoint end, double step, int count)
    {
        var height = 0;
        for (var point = 0; point < count; point++)
        {
            integrator.Step(end, step);
            leapfrogs++;
            var energy = end.Energy;
            var logWeight = startEnergy - energy;

            // Written so that NaN (a gradient or density that cannot be evaluated) diverges too.
            if (!(logWeight >= -divergenceThreshold) || double.IsPositiveInfinity(end.LogDensity))
            {
                isDivergent = true;
                return false;
            }

            var weight = Math.Exp(Math.Min(logWeight, GreatestLogWeight));
            acceptanceSum += Math.Min(1, weight);
            stack[height++].SetLeaf(end, energy, weight);

            for (var closing = point; (closing & 1) != 0; closing >>= 1)
            {
                var right = stack[--height];
                var left = stack[height - 1];
                if (!left.RunsApartWith(right))
                    return false;
                if (random.NextDouble() * (left.Weight + right.Weight) < right.Weight)
                    left.TakeProposal(right);
                left.Append(right);
            }
        }

        return true;
    }
}
