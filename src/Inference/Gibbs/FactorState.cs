using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Gibbs;

/// <summary>One factor's effects and scales in a chain, and the update of its scales. Scratch of one chain.</summary>
/// <remarks>
/// The scales are drawn twice a sweep: given the effects u (conjugate, or a slice step for each coordinate), and again given the spherical effects v
/// = Lambda^-1 u on the likelihood of the data. Where the data say much of each level the first moves well, where they say little the second;
/// interwoven, the chain mixes about as well as the better one. Source: [YuMeng2011].
/// </remarks>
internal sealed class FactorState
{
    private readonly FactorSums sums;
    private readonly int q;
    private readonly SdUpdate[] sdUpdates;       // by term; empty where sds are not drawn one by one
    private readonly int[] sdAt;                 // index into theta by term, -1 where fixed
    private readonly IScalePrior?[] sdPriors;
    private readonly ConjugateCovariance? covariance;
    private readonly SliceWidth[] centredWidths;
    private readonly SliceWidth[] nonCentredWidths;
    private readonly double[] before;            // Lambda before the centred update
    private readonly double[] map;

    public FactorState(FactorSpec spec, FactorSums sums, ScaleCoordinates coordinates)
    {
        this.sums = sums;
        q = sums.TermCount;
        Conditional = new ScaleConditional(coordinates, sums);
        var isCorrelated = spec.HasCorrelations;
        sdPriors = [.. spec.Terms.Select(term => term.Sd)];
        sdUpdates = spec.Covariance is null && !isCorrelated ? [.. sdPriors.Select(prior => SdUpdates.For(prior!, sums.LevelCount))] : [];
        covariance = ConjugateCovariance.For(spec.Covariance, q);
        var at = 0;
        sdAt = [.. sdPriors.Select(prior => spec.Covariance is null && prior!.Lower == prior.Upper ? -1 : at++)];
        centredWidths = [.. Enumerable.Range(0, coordinates.Dimension).Select(_ => new SliceWidth())];
        nonCentredWidths = [.. Enumerable.Range(0, coordinates.Dimension).Select(_ => new SliceWidth())];
        before = new double[q * q];
        map = new double[q * q];
        Spherical = new double[sums.LevelCount * q];
        Effects = new double[sums.LevelCount * q];
        Responses = [.. sums.Responses];
    }

    /// <summary>The scales with their forms.</summary>
    public ScaleConditional Conditional { get; }

    /// <summary>v. Length J q.</summary>
    public double[] Spherical { get; }

    /// <summary>Pivoted effects T u. Length J q.</summary>
    public double[] Effects { get; }

    /// <summary>Pseudo-responses less the other factors' effects. Length J q.</summary>
    public double[] Responses { get; }

    /// <summary>Pivoted effects of the present v and Lambda.</summary>
    public void RefreshEffects() => Multiply(Conditional.Pivoted, Spherical, Effects);

    /// <summary>The effects u = Lambda v in the model's coordinates.</summary>
    /// <param name="effects">Overwritten. Length J q.</param>
    public void CopyEffects(Span<double> effects) => Multiply(Conditional.Point.Factors[0].Lambda, Spherical, effects);

    /// <summary>Draws the scales. The effects then belong to the new scales.</summary>
    /// <param name="beta">beta~. Length p.</param>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="stream">Randomness.</param>
    /// <param name="learns">True during warmup: slice widths adapt.</param>
    public void UpdateScales(ReadOnlySpan<double> beta, double sigma, PhiloxStream stream, bool learns)
    {
        if (Conditional.Theta.Length == 0)
            return;
        Conditional.Centre.CopyTo(before, 0);
        Conditional.TakeCentred(Spherical);
        DrawCentred(stream, learns);

        // u stays: v = Lambda^-1 u with the new Lambda.
        TriangularMatrix.Solve(Conditional.Centre, before, q, map);
        Multiply(map, Spherical, Spherical);

        Conditional.TakeNonCentred(Spherical, Responses, beta, sigma);
        Slice(nonCentredWidths, _ => true, stream, learns);
        RefreshEffects();
    }

    private void DrawCentred(PhiloxStream stream, bool learns)
    {
        if (covariance is not null)
        {
            covariance.Draw(before, Conditional.Root, sums.LevelCount, stream, Conditional.Theta);
            Conditional.Constrain();
            return;
        }

        var conjugate = false;
        for (var a = 0; a < sdUpdates.Length; a++)
        {
            if (sdUpdates[a] is not (SdUpdate.InverseGamma or SdUpdate.Flat))
                continue;
            conjugate = true;
            var row = Conditional.Root.AsSpan(a * q, q);
            var sd = SdUpdates.Draw(sdPriors[a]!, sums.LevelCount, DenseRows.Dot(row, row), stream);
            if (sd > 0 && double.IsFinite(sd))
                Conditional.Theta[sdAt[a]] = Math.Log(sd);
        }

        if (conjugate)
            Conditional.Constrain();
        Slice(centredWidths, IsSliced, stream, learns);
    }

    private bool IsSliced(int coordinate) => sdUpdates.Length == 0 || sdUpdates[Array.IndexOf(sdAt, coordinate)] == SdUpdate.Slice;

    // Both forms are evaluated where the chain is: the density there is positive, whatever rounding did to the effects.
    private void Slice(SliceWidth[] widths, Func<int, bool> takes, PhiloxStream stream, bool learns)
    {
        var log = double.NaN;
        for (var d = 0; d < widths.Length; d++)
        {
            if (!takes(d))
                continue;
            if (double.IsNaN(log))
                log = Conditional.Evaluate();
            Conditional.Coordinate = d;
            var from = Conditional.Theta[d];
            var to = SliceStep.Draw(Conditional, from, ref log, widths[d].Value, stream);
            if (learns)
                widths[d].Learn(to - from);
        }
    }

    // result_j = matrix v_j; may be in place.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(ReadOnlySpan<double> matrix, ReadOnlySpan<double> from, Span<double> result)
    {
        if (q == 1)
        {
            var scale = matrix[0];
            for (var j = 0; j < from.Length; j++)
                result[j] = scale * from[j];
            return;
        }

        Span<double> sum = stackalloc double[q];
        for (var at = 0; at < from.Length; at += q)
        {
            for (var a = 0; a < q; a++)
            {
                sum[a] = 0;
                for (var b = 0; b < q; b++)
                    sum[a] += matrix[a * q + b] * from[at + b];
            }

            sum.CopyTo(result[at..]);
        }
    }
}
