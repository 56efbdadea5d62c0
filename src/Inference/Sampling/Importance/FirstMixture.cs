using System.Collections.Immutable;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>The mixture of the first round: t's at the modes reached from the starts, on z and on the folded sds, and a wide one of each
/// kind.</summary>
internal static class FirstMixture
{
    // Two modes nearer than this (squared distance in units of the curvature) are one.
    private const double LeastSquaredDistance = 4;

    // A mode whose Laplace mass is below this part of the best one's is left to the wide component.
    private const double LeastMass = 1e-4;

    // No kept mode starts with less than this share of its kind: Laplace masses may be wrong by far.
    private const double LeastShare = 0.1;

    private const int GreatestModes = 4;

    // An sd whose mode is more of its scales away from 0 than this is left unfolded: on its log a t fits as well, and a folded one costs twice as
    // much for each such sd.
    private const double NearZero = 4;

    // The wide component's scale matrix, in units of that of the best mode.
    private const double WideScale = 9;

    /// <summary>The mixture, or null where no start leads to a mode.</summary>
    public static StudentMixture? Of(ModeSearch search, double[][] starts, ImportanceSettings settings)
    {
        var modes = Modes(search, starts);
        if (modes.Count == 0)
            return null;

        var folded = settings.LogSds;
        var onSds = OnSds(search, modes, folded);
        ImmutableArray<int> near = [.. folded.Where(
            i => onSds.Exists(component => component.Centre[i] < NearZero * Math.Sqrt(component.Scale[i * component.Centre.Length + i])))];
        if (near.Length < folded.Length)
            (folded, onSds) = (near, OnSds(search, modes, near));

        var components = ImmutableArray.CreateBuilder<StudentComponent>();
        Add(modes, onSds.Count == 0 ? 1 - settings.WideShare : (1 - settings.WideShare) / 2);
        Add(onSds, (1 - settings.WideShare) / 2);
        var wide = onSds.Count == 0 ? settings.WideShare : settings.WideShare / 2;
        components.Add(modes[0].Moved(WideScale, 0).AsWide(wide));
        if (onSds.Count > 0)
            components.Add(onSds[0].Moved(WideScale, 0).AsWide(wide));
        return new(modes[0].Centre.Length, onSds.Count == 0 ? [] : folded, components.ToImmutable());

        void Add(List<StudentComponent> kind, double share)
        {
            var total = kind.Sum(component => component.Share);
            foreach (var component in kind)
                components.Add(component.WithShare(share * component.Share / total));
        }
    }

    // The mode of the density of the sds near each mode of that of their logs.
    private static List<StudentComponent> OnSds(ModeSearch search, List<StudentComponent> modes, ImmutableArray<int> folded)
    {
        var found = new List<StudentComponent>();
        if (folded.IsEmpty)
            return found;
        foreach (var mode in modes)
        {
            if (search.From(mode.Centre, folded) is { } top && LaplaceFit.Of(search, top, folded, mode.Centre) is { } component)
                found.Add(component.WithShare(mode.Share));
        }

        return found;
    }

    // Different modes, best first, each with its Laplace mass as share.
    private static List<StudentComponent> Modes(ModeSearch search, double[][] starts)
    {
        var found = new List<(StudentComponent Component, double LogMass)>();
        var gradient = new double[starts[0].Length];
        foreach (var start in starts)
        {
            if (search.From(start, []) is not { } mode || found.Exists(known => SquaredDistance(known.Component, mode) < LeastSquaredDistance))
                continue;
            if (LaplaceFit.Of(search, mode, [], mode) is { } component)
                found.Add((component, search.Evaluate(mode, [], gradient) + component.LogVolume));
        }

        if (found.Count == 0)
            return [];
        var best = found.Max(mode => mode.LogMass);
        return
        [
            .. found.Where(mode => mode.LogMass > best + Math.Log(LeastMass)).OrderByDescending(mode => mode.LogMass).Take(GreatestModes)
                .Select(mode => mode.Component.WithShare(Math.Max(LeastShare, Math.Exp(mode.LogMass - best)))),
        ];
    }

    private static double SquaredDistance(StudentComponent component, double[] z)
    {
        var d = z.Length;
        var inverse = new double[d * d];
        TriangularMatrix.TryInvertSquare(component.Scale, d, inverse);
        var sum = 0.0;
        for (var i = 0; i < d; i++)
        {
            for (var j = 0; j < d; j++)
                sum += (z[i] - component.Centre[i]) * inverse[i * d + j] * (z[j] - component.Centre[j]);
        }

        return sum;
    }
}
