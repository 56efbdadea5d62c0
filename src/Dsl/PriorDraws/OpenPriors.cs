using TypedPooling.Model;

namespace TypedPooling.PriorDraws;

/// <summary>What keeps a model from being drawn from: priors left to defaults that need data, and improper priors.</summary>
internal static class OpenPriors
{
    public static bool HasAny(ModelSpec spec) => Names(spec, prior => prior is null).Any();

    /// <exception cref="ModelException">DataNeeded: a standardised model, and every prior and every categorical predictor that only data
    /// decide.</exception>
    public static void RefuseAny(ModelSpec spec)
    {
        List<Problem> problems =
        [
            .. spec.IsStandardized
                ? new[] { new Problem(
                    ProblemCode.DataNeeded,
                    "The model is standardised, so its priors depend on means and sds of the data.",
                    "Give the rows.") }
                : [],
            .. Names(spec, prior => prior is null).Select(name => new Problem(
                ProblemCode.DataNeeded,
                $"'{name}' has the default prior, which depends on the data.",
                "Name a prior, or give the rows.") { Term = name }),
            .. spec.Columns.Where(column => column is { Category: not null, CategoryLevel: null }).Select(column => new Problem(
                ProblemCode.DataNeeded,
                $"The levels of the categorical predictor '{column.Name}' come from the data.",
                "Give the rows.") { Term = column.Name }),
        ];
        if (problems.Count > 0)
            throw new ModelException(problems);
    }

    /// <exception cref="ModelException">ImproperPrior: every prior that there are no draws from.</exception>
    public static void RefuseImproper(ModelSpec spec)
    {
        Problem[] problems =
        [
            .. Names(spec, prior => prior is { IsProper: false }).Select(name => new Problem(
                ProblemCode.ImproperPrior,
                $"The prior of '{name}' is improper, so it has no draws.",
                "Give it a proper prior.") { Term = name }),
        ];
        if (problems.Length > 0)
            throw new ModelException(problems);
    }

    private static IEnumerable<string> Names(ModelSpec spec, Func<IPrior?, bool> isMeant) =>
    [
        .. spec.Population.Where(term => isMeant(term.Prior)).Select(term => term.Name),
        .. spec.Factors.Where(factor => factor.Covariance is null).SelectMany(
            factor => factor.Terms.Where(term => isMeant(term.Sd)).Select(term => $"sd({factor.Name}: {term.Name})")),
        .. spec.Factors.Where(factor => factor.Covariance is null && factor.HasCorrelations && isMeant(factor.Correlation)).Select(
            factor => $"cor({factor.Name})"),
        .. spec.Factors.Where(factor => factor.Covariance is not null && isMeant(factor.Covariance)).Select(factor => $"cov({factor.Name})"),
        .. spec.Response.HasSigma && isMeant(spec.Response.Sigma) ? new[] { "sigma" } : [],
        .. spec.Response.HasShape && isMeant(spec.Response.Shape) ? new[] { spec.Response.Family.Shape!.Name } : [],
    ];
}
