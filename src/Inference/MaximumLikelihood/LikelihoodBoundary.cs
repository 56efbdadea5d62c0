using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Says which estimates lie on the boundary of what is possible.</summary>
internal static class LikelihoodBoundary
{
    /// <summary>A sentence for each estimate on the boundary.</summary>
    public static List<string> Describe(ModelSpec spec, ScalePoint point)
    {
        var boundary = new List<string>();
        for (var k = 0; k < point.Factors.Length; k++)
        {
            var factor = spec.Factors[k];
            var q = factor.Terms.Length;
            var lambda = point.Factors[k].Lambda;
            var zeros = Enumerable.Range(0, q).Where(a => Sd(lambda, q, a) == 0 && factor.Terms[a].Sd?.FixedValue is null).ToArray();
            foreach (var a in zeros)
                boundary.Add(
                    $"sd({factor.Name}: {factor.Terms[a].Name}) is estimated as exactly 0: the rows show no more differences between levels "
                        + $"of {factor.Name} than chance explains. Leave the effect out, or use priors and an exact engine, which say how large it "
                        + $"may be.");
            if (!factor.HasCorrelations)
                continue;
            var deficient = Enumerable.Range(0, q).Count(a => lambda[a * q + a] == 0 && Sd(lambda, q, a) > 0);
            if (deficient == 0)
                continue;
            boundary.Add(q == 2
                ? $"cor({factor.Name}: {factor.Terms[0].Name}, {factor.Terms[1].Name}) is estimated as exactly {(lambda[q] < 0 ? "-1" : "1")}: the "
                    + $"rows do not determine it. Make the effects uncorrelated, or use priors and an exact engine."
                : $"The covariance matrix of the effects varying by {factor.Name} has rank {q - zeros.Length - deficient} of {q} at its estimate. "
                    + $"Make effects uncorrelated or leave some out, or use priors and an exact engine.");
        }

        return boundary;
    }

    /// <summary>The sd of a term: the length of its row of Lambda.</summary>
    public static double Sd(ReadOnlySpan<double> lambda, int q, int row)
    {
        var squares = 0.0;
        for (var b = 0; b <= row; b++)
            squares += lambda[row * q + b] * lambda[row * q + b];
        return Math.Sqrt(squares);
    }
}
