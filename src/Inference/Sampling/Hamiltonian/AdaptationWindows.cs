using System.Collections.Immutable;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>The windows of warmup: a fast start, slow windows of doubling length that each end in a new metric, a fast end.</summary>
/// <param name="Start">First draw of the first slow window.</param>
/// <param name="Ends">For each slow window, the number of the draw after its last.</param>
/// <remarks>Source: [StanReference], "Adaptation": 75, 25 doubling, 50; a window too short to be followed by one of twice its length reaches to the
/// end.</remarks>
internal sealed record AdaptationWindows(int Start, ImmutableArray<int> Ends)
{
    public static AdaptationWindows Of(int warmup)
    {
        var (start, window, end) = (75, 25, 50);
        if (start + window + end > warmup)
        {
            // Stan's proportions for a short warmup: 15 %, 75 %, 10 %.
            start = (int)(0.15 * warmup);
            end = (int)(0.1 * warmup);
            window = warmup - start - end;
        }

        var last = warmup - end;
        var ends = ImmutableArray.CreateBuilder<int>();
        for (var at = start; at < last; window *= 2)
        {
            at += window;
            if (at + (2 * window) > last)
                at = last;
            ends.Add(at);
        }

        return new(start, ends.ToImmutable());
    }
}
