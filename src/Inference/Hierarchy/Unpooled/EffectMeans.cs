using TypedPooling.Draws;

namespace TypedPooling.Inference.Hierarchy.Unpooled;

/// <summary>Posterior means of coefficients: exact where the posterior has exact moments, at the estimates of a point fit, of the draws
/// elsewhere.</summary>
internal static class EffectMeans
{
    /// <summary>Of the varying effects of a factor.</summary>
    /// <param name="posterior">The posterior.</param>
    /// <param name="factor">Index of the factor.</param>
    /// <param name="levelCount">Number of its levels.</param>
    /// <param name="termCount">Number q of its terms.</param>
    /// <returns>Level after level. Length levels * q. O(levels q draws).</returns>
    public static double[] Of(Posterior posterior, int factor, int levelCount, int termCount)
    {
        var means = new double[levelCount * termCount];
        var moments = posterior.Exact ?? posterior.Point?.Moments;
        var none = new double[posterior.Population.ParameterCount];
        var weights = new double[termCount];
        var draws = moments is null ? new double[termCount * posterior.DrawCount] : [];
        for (var j = 0; j < levelCount; j++)
        {
            if (moments is null)
                posterior.Effects[factor].CopyLevel(j, draws);
            for (var a = 0; a < termCount; a++)
            {
                Array.Clear(weights);
                weights[a] = 1;
                means[j * termCount + a] = moments?.Of(none, factor, j, weights).Mean
                    ?? Diagnostics.Mean(draws.AsSpan(a * posterior.DrawCount, posterior.DrawCount));
            }
        }

        return means;
    }

    /// <summary>Of a population effect.</summary>
    /// <param name="posterior">The posterior.</param>
    /// <param name="term">Index of the effect.</param>
    public static double OfPopulation(Posterior posterior, int term)
    {
        if ((posterior.Exact ?? posterior.Point?.Moments) is { } moments)
        {
            var weights = new double[posterior.Population.ParameterCount];
            weights[term] = 1;
            return moments.Of(weights, 0, 0, []).Mean;
        }

        var draws = new double[posterior.DrawCount];
        posterior.Population.CopyDraws(term, draws);
        return Diagnostics.Mean(draws);
    }
}
