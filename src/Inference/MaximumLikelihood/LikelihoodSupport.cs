using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>What maximum likelihood can fit, and what data leave it without a maximum.</summary>
internal static class LikelihoodSupport
{
    public static Support Of(ModelSpec spec)
    {
        var reasons = ImmutableArray.CreateBuilder<Problem>();
        if (spec.Response.Family != Family.Normal && spec.Response.Family != Family.LogNormal)
        {
            reasons.Add(new Problem(
                ProblemCode.EngineRefuses,
                $"The MaximumLikelihood engine takes a Normal or LogNormal response, and this one is {spec.Response.Family.Name}.",
                "Use an engine for that family.")
            { Term = spec.Response.Name });
        }

        if (spec.Response is { KnownSd: null, Sigma: FixedPrior { Value: 0 } })
            reasons.Add(new Problem(ProblemCode.EngineRefuses, "Sigma is fixed at 0, so the rows have no likelihood.", "Give sigma a positive value, or let it be estimated.") { Term = "sigma" });
        return new Support(Exactness.Point, reasons.ToImmutable());
    }

    /// <summary>Refuses data that do not determine a maximum: dependent columns, factors with one level, as many effects as rows.</summary>
    /// <exception cref="ModelException">Every reason is listed.</exception>
    public static void CheckData(NormalBoundModel model)
    {
        var spec = model.Spec;
        var problems = Identification.Check(spec, model.Cells.Total(), hasPriors: false).ToList();
        var estimatesSigma = spec.Response is { KnownSd: null, Sigma: not FixedPrior };
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var factor = spec.Factors[k];
            var free = factor.Terms.Count(term => term.Sd is not FixedPrior);
            long levels = model.Levels[k].Count;
            if (free > 0 && levels == 1)
            {
                problems.Add(new Problem(
                    ProblemCode.NotIdentified,
                    $"'{factor.Name}' has one level, which says nothing about how levels differ.",
                    $"Take '{factor.Name}' out, or fix its sds, or fit with priors by an exact engine.")
                { Term = factor.Name });
            }
            else if (free > 0 && estimatesSigma && levels * factor.Terms.Length >= model.RowCount)
            {
                problems.Add(new Problem(
                    ProblemCode.NotIdentified,
                    string.Create(CultureInfo.InvariantCulture, $"'{factor.Name}' has {levels} levels with {factor.Terms.Length} varying effects each, and there are {model.RowCount} rows: its sds and sigma cannot be told apart."),
                    "Let fewer effects vary, fix sigma or give known errors, or fit with priors by an exact engine.")
                { Term = factor.Name });
            }
        }

        var effects = spec.Population.Count(term => term.Prior is not FixedPrior);
        if (estimatesSigma && model.RowCount <= effects && problems.Count == 0)
        {
            problems.Add(new Problem(
                ProblemCode.NotIdentified,
                string.Create(CultureInfo.InvariantCulture, $"There are {model.RowCount} rows and {effects} population effects: nothing is left to estimate sigma from."),
                "Take effects out, give more rows, or fix sigma."));
        }

        if (problems.Count > 0)
            throw new ModelException(problems);
    }

    /// <summary>The refusal where the likelihood grows without bound or cannot be evaluated.</summary>
    public static ModelException NoMaximum(NormalBoundModel model) => new(new Problem(
        ProblemCode.NotIdentified,
        $"The likelihood of '{model.Spec.Response.Name}' has no maximum: the model fits it without any residual, or its scales overflow.",
        "Fix sigma at a value, give the known error of each row, or use another unit.")
    { Term = model.Spec.Response.Name });
}
