using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>Fits a mixture of t's to weighted proposals by EM: each pass lowers the Kullback-Leibler distance from the target as the sample sees it.
/// Source: [Cappe2008].</summary>
internal static class MixtureRefit
{
    // A fitted component with a smaller share than this has too few proposals to be fitted.
    private const double LeastShare = 0.02;

    // A part that gives less of a point's density than this teaches nothing of the point.
    private const double LeastPart = 1e-4;

    // A wide component's scale matrix, in units of the sample's covariance. Measured on five models over 20 seeds: 2 gives proposals that are 4 %
    // more efficient, and more k-hats above 0.5.
    private const double WideScale = 4;

    /// <summary>The refitted mixture.</summary>
    /// <param name="mixture">Where EM starts.</param>
    /// <param name="round">Weighted proposals, not necessarily of this mixture.</param>
    /// <param name="passes">Passes of EM.</param>
    public static StudentMixture Of(StudentMixture mixture, ProposalRound round, int passes)
    {
        var weights = Truncated(round);
        var ess = 1 / weights.Sum(weight => weight * weight);
        if (!double.IsFinite(ess))
            return mixture;
        var current = new StudentMixture(
            mixture.Dimension,
            mixture.LogSds,
            [.. mixture.Components.Select(component => component.IsWide ? Wide(component, round, weights) : component)]);
        for (var pass = 0; pass < passes; pass++)
            current = Pass(current, round, weights, ess);
        return current;
    }

    // Few proposals may carry most of the weight in the first round: weights above mean * sqrt(S) are cut. Source: [Ionides2008].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double[] Truncated(ProposalRound round)
    {
        var bound = Math.Sqrt(round.Count) / round.Count;
        var weights = new double[round.Count];
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
            sum += weights[i] = Math.Min(round.Weights[i], bound);
        for (var i = 0; i < weights.Length; i++)
            weights[i] /= sum;
        return weights;
    }

    // Mean and covariance of the sample, in the component's own coordinates, positive sds.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static StudentComponent Wide(StudentComponent component, ProposalRound round, double[] weights)
    {
        var d = component.Centre.Length;
        var centre = new double[d];
        var scale = new double[d * d];
        var points = (double[])round.Positions.Clone();
        for (var i = 0; i < weights.Length; i++)
        {
            // A point without weight may be anywhere, infinity included.
            if (weights[i] == 0)
                continue;
            var point = points.AsSpan(i * d, d);
            foreach (var a in component.Folded)
                point[a] = Math.Exp(point[a]);
            for (var a = 0; a < d; a++)
                centre[a] += weights[i] * point[a];
        }

        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0)
                continue;
            var point = points.AsSpan(i * d, d);
            for (var a = 0; a < d; a++)
            {
                for (var b = 0; b < d; b++)
                    scale[a * d + b] += WideScale * weights[i] * (point[a] - centre[a]) * (point[b] - centre[b]);
            }
        }

        return StudentComponent.Of(centre, scale, component.Folded)?.AsWide(component.Share) ?? component;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static StudentMixture Pass(StudentMixture mixture, ProposalRound round, double[] weights, double ess)
    {
        var d = mixture.Dimension;
        var fitted = mixture.Components.Count(component => !component.IsWide);
        var parts = mixture.PartCount;

        // For each component: mass, mass times t-weight, first and second moments about its centre (lower triangle).
        var stride = 2 + d + (d * (d + 1) / 2);
        Span<Vector256<double>> scratch = stackalloc Vector256<double>[3 * d + (2 * parts) + (fitted * stride)];
        var z = scratch[..d];
        var sds = scratch.Slice(d, d);
        var deviation = scratch.Slice(2 * d, d);
        var distances = scratch.Slice(3 * d, parts);
        var densities = scratch.Slice(3 * d + parts, parts);
        var sums = scratch[((3 * d) + (2 * parts))..];
        sums.Clear();
        for (var i = 0; i < weights.Length; i += 4)
        {
            StudentMixture.Load(round.Positions, i, z);
            var weight = Vector256.Create(weights[i], At(weights, i + 1), At(weights, i + 2), At(weights, i + 3));
            var density = mixture.Density(z, sds, distances, densities);

            // A point that no component reaches (its density underflows) teaches nothing.
            var scaled = Vector256.ConditionalSelect(
                Vector256.GreaterThan(density, Vector256<double>.Zero), weight / density, Vector256<double>.Zero);
            var part = 0;
            for (var index = 0; index < fitted; index++)
            {
                var component = mixture.Components[index];
                for (var pattern = 0; pattern < component.PatternCount; pattern++, part++)
                {
                    // Most mirror images are far away.
                    if (Vector256.LessThanAll(densities[part], density * LeastPart))
                        continue;
                    component.Deviation(z, sds, pattern, deviation);
                    Accumulate(sums.Slice(index * stride, stride), scaled * densities[part], distances[part], deviation, component.DegreesOfFreedom);
                }
            }
        }

        return Collect(mixture, sums, stride, ess);
    }

    private static double At(double[] weights, int i) => i < weights.Length ? weights[i] : 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate(
        Span<Vector256<double>> sums,
        Vector256<double> mass,
        Vector256<double> distance,
        ReadOnlySpan<Vector256<double>> deviation,
        double degreesOfFreedom)
    {
        var d = deviation.Length;
        var stretched = mass * (Vector256.Create(degreesOfFreedom + d) / (Vector256.Create(degreesOfFreedom) + distance));
        sums[0] += mass;
        sums[1] += stretched;
        var at = 2 + d;
        for (var a = 0; a < d; a++)
        {
            var first = stretched * deviation[a];
            sums[2 + a] += first;
            for (var b = 0; b <= a; b++)
                sums[at++] += first * deviation[b];
        }
    }

    private static StudentMixture Collect(StudentMixture mixture, ReadOnlySpan<Vector256<double>> sums, int stride, double ess)
    {
        var d = mixture.Dimension;
        var fitted = mixture.Components.Count(component => !component.IsWide);
        var components = ImmutableArray.CreateBuilder<StudentComponent>();
        var total = 0.0;
        for (var index = 0; index < fitted; index++)
        {
            var component = Updated(mixture.Components[index], sums.Slice(index * stride, stride), ess, d);
            var mass = Vector256.Sum(sums[index * stride]);
            if (!(mass > LeastShare))
                continue;
            components.Add(component.WithShare(mass));
            total += mass;
        }

        if (components.Count == 0)
            return mixture;
        var wide = mixture.Components.Where(component => component.IsWide).ToList();
        var share = 1 - wide.Sum(component => component.Share);
        for (var index = 0; index < components.Count; index++)
            components[index] = components[index].WithShare(share * components[index].Share / total);
        components.AddRange(wide);
        return new(d, mixture.LogSds, components.ToImmutable());
    }

    private static StudentComponent Updated(StudentComponent component, ReadOnlySpan<Vector256<double>> sums, double ess, int d)
    {
        var (mass, stretched) = (Vector256.Sum(sums[0]), Vector256.Sum(sums[1]));
        var centre = new double[d];
        for (var a = 0; a < d; a++)
            centre[a] = component.Centre[a] + (Vector256.Sum(sums[2 + a]) / stretched);

        // The old scale matrix counts as D + 2 proposals, so that few new ones do not make it singular.
        var weight = mass * ess / ((mass * ess) + d + 2);
        var scale = new double[d * d];
        var at = 2 + d;
        for (var a = 0; a < d; a++)
        {
            for (var b = 0; b <= a; b++, at++)
            {
                var moved = (centre[a] - component.Centre[a]) * (centre[b] - component.Centre[b]) * stretched;
                var value = (weight * (Vector256.Sum(sums[at]) - moved) / mass) + ((1 - weight) * component.Scale[a * d + b]);
                scale[a * d + b] = scale[b * d + a] = value;
            }
        }

        return StudentComponent.Of(centre, scale, component.Folded, component.Share) ?? component;
    }
}
