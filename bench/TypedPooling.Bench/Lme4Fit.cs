using TypedPooling.Draws;
using TypedPooling.Engines;

namespace TypedPooling.Bench;

/// <summary>What is compared of a fit, whatever its rows and its family.</summary>
/// <param name="Deviance">-2 log of the criterion.</param>
/// <param name="Coefficient">Estimate and standard error of a population effect, by name.</param>
/// <param name="Sd">The sd of the varying intercept, by grouping factor.</param>
/// <param name="Level">Mode and conditional sd of the varying intercept, by grouping factor and level.</param>
/// <param name="IsConverged">Whether the search ended at a maximum.</param>
internal sealed record Lme4Fit(
    double Deviance,
    Func<string, Quantity> Coefficient,
    Func<string, double> Sd,
    Func<string, string, (double Mode, double Sd)> Level,
    bool IsConverged)
{
    /// <summary>The residual sd; NaN where there is none.</summary>
    public double Sigma { get; init; } = double.NaN;

    /// <summary>Reads a fit by maximum likelihood.</summary>
    public static Lme4Fit Of<TRow>(Fit<TRow> fit, IReadOnlyList<Group<TRow, string>> groups)
    {
        var likelihood = (ILikelihoodFit<TRow>)fit;
        return new(
            -2 * likelihood.Likelihood.LogLikelihood,
            fit.Coefficient,
            factor => Factor(factor).Sd("Intercept").Mean,
            (factor, level) => (Factor(factor)[level].Effect("Intercept").Mean, Factor(factor)[level].ConditionalSd("Intercept")),
            likelihood.Likelihood.IsConverged);

        LikelihoodFactorFit<TRow, string> Factor(string name) => likelihood.For(groups.Single(group => group.Name == name));
    }
}
