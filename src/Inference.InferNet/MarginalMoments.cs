namespace TypedPooling.Inference.InferNet;

/// <summary>What convergence is judged by.</summary>
internal static class MarginalMoments
{
    /// <summary>Mean and variance of every coefficient, and of every precision (of a matrix its expected covariance, by element of the
    /// diagonal).</summary>
    /// <param name="marginals">The marginals.</param>
    /// <returns>The moments, always in the same order.</returns>
    public static IEnumerable<(double Mean, double Variance)> Of(Marginals marginals)
    {
        if (marginals.Noise is var (noiseShape, noiseRate))
            yield return Scale(noiseShape, noiseRate);
        foreach (var precision in marginals.Precisions)
        {
            if (precision is not var (shape, rate))
                continue;
            for (var a = 0; a < rate.GetLength(0); a++)
                yield return Scale(shape, rate[a, a]);
        }

        foreach (var normal in marginals.Means.Append(marginals.Beta).Concat(marginals.Coefficients.SelectMany(block => block)))
        {
            for (var a = 0; a < (normal?.Mean.Length ?? 0); a++)
                yield return (normal!.Mean[a], normal.Variance[a, a]);
        }
    }

    // Variance rate / shape, uncertain by one part in sqrt(shape).
    private static (double Mean, double Variance) Scale(double shape, double rate) => (rate / shape, rate * rate / (shape * shape * shape));
}
