using System.Globalization;
using MathNet.Numerics;
using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>A likelihood-ratio test of two nested models of the same rows, as <c>anova</c> in R.</summary>
/// <param name="ChiSquared">Twice the difference of the log likelihoods; 0 or more but for what is left of a search.</param>
/// <param name="DegreesOfFreedom">Number of parameters the larger model has more.</param>
/// <param name="TestsScales">True where sds or correlations are among them: 0 then lies on the boundary of an sd, and the p-value is too large (for one sd alone twice as large as it should be).</param>
/// <remarks>Source: [Bates2015].</remarks>
public sealed record LikelihoodRatio(double ChiSquared, int DegreesOfFreedom, bool TestsScales)
{
    /// <summary>Probability of at least this chi^2 where the smaller model holds, by the chi^2 distribution with so many degrees of freedom; of full relative precision however small.</summary>
    public double PValue => SpecialFunctions.GammaUpperRegularized(0.5 * DegreesOfFreedom, 0.5 * Math.Max(0, ChiSquared));

    /// <summary>Tests the smaller of two models against the larger.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="smaller">A fit by maximum likelihood.</param>
    /// <param name="larger">A fit of the same rows by the same criterion, of a model that holds every term of the smaller.</param>
    /// <returns>The test.</returns>
    /// <exception cref="ModelException">
    /// A fit is by an engine of draws; the rows, responses or criteria differ; the models are not nested; or REML was used and the population effects differ: restricted likelihoods with other population effects are of other data.
    /// </exception>
    public static LikelihoodRatio Test<TRow>(SumsFit<TRow> smaller, SumsFit<TRow> larger)
    {
        ArgumentNullException.ThrowIfNull(smaller);
        ArgumentNullException.ThrowIfNull(larger);
        var (small, large) = (smaller.Likelihood, larger.Likelihood);
        if (small.Criterion != large.Criterion)
            throw Refusal("One fit is by ML and the other by REML, whose values are not comparable.", "Fit both with Engine.MaximumLikelihood.");
        if (smaller.RowCount != larger.RowCount || smaller.Spec.Response.Name != larger.Spec.Response.Name || smaller.Spec.Response.Family != larger.Spec.Response.Family || !HaveEqualResponses(smaller.Model.Cells, larger.Model.Cells))
            throw Refusal("The fits are of different rows, responses or offsets.", "Fit both models to the same rows.");

        var (few, many) = (Terms(smaller.Spec), Terms(larger.Spec));
        if (small.Criterion == LikelihoodCriterion.RestrictedMaximumLikelihood && !few.Population.SetEquals(many.Population))
        {
            throw Refusal(
                $"The population effects differ ({string.Join(", ", few.Population.Union(many.Population).Except(few.Population.Intersect(many.Population)))}), so the restricted likelihoods are those of different data.",
                "Fit both with Engine.MaximumLikelihood to compare population effects.");
        }

        if (!few.Population.IsSubsetOf(many.Population) || !few.Scales.IsSubsetOf(many.Scales))
        {
            throw Refusal(
                $"The models are not nested: the larger one lacks {string.Join(", ", few.Population.Except(many.Population).Concat(few.Scales.Except(many.Scales)))}.",
                "Give the smaller model first, and let the larger one hold all of its terms.");
        }

        var freedom = large.ParameterCount - small.ParameterCount;
        if (freedom <= 0)
            throw Refusal("The models have the same number of parameters.", "Give the smaller model first, then one that holds more.");
        return new LikelihoodRatio(2 * (large.LogLikelihood - small.LogLikelihood), freedom, many.Scales.Count > few.Scales.Count);
    }

    /// <summary>The test in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"chi^2 {ChiSquared:F3} with {DegreesOfFreedom} degree{(DegreesOfFreedom == 1 ? string.Empty : "s")} of freedom, p = {PValue:G3}{(TestsScales ? " (conservative: an sd of 0 lies on the boundary)" : string.Empty)}");

    // The names of estimated population effects, and of estimated scales with the correlations.
    private static (HashSet<string> Population, HashSet<string> Scales) Terms(ModelSpec spec)
    {
        var scales = new HashSet<string>(StringComparer.Ordinal);
        foreach (var factor in spec.Factors)
        {
            foreach (var term in factor.Terms.Where(term => term.Sd is not FixedPrior))
                scales.Add($"sd({factor.Name}: {term.Name})");
            for (var a = 1; a < factor.Terms.Length && factor.HasCorrelations; a++)
            {
                for (var b = 0; b < a; b++)
                    scales.Add($"cor({factor.Name}: {string.Join(", ", new[] { factor.Terms[a].Name, factor.Terms[b].Name }.Order(StringComparer.Ordinal))})");
            }
        }

        if (spec.Response is { KnownSd: null, Sigma: not FixedPrior })
            scales.Add("sigma");
        return ([.. spec.Population.Where(term => term.Prior is not FixedPrior).Select(term => term.Name)], scales);
    }

    // Sums tell whether responses can be the same: their mean and sum of squares are.
    private static bool HaveEqualResponses(CellMoments first, CellMoments second)
    {
        var (one, other) = (first.Total(), second.Total());
        return IsNear(one.Means(0)[^1], other.Means(0)[^1], Math.Sqrt(one.CrossProducts(0)[^1])) && IsNear(one.CrossProducts(0)[^1], other.CrossProducts(0)[^1], 0);
    }

    private static bool IsNear(double x, double y, double scale) => Math.Abs(x - y) <= 1e-9 * (Math.Abs(x) + Math.Abs(y) + scale);

    private static ModelException Refusal(string sentence, string remedy) => new(new Problem(ProblemCode.EngineRefuses, sentence, remedy));
}
