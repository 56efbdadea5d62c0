using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>Where the model fits the response without residuals and the prior of sigma has no floor, the posterior piles up at sigma = 0 and cannot
/// be normalised.</summary>
/// <remarks>
/// Keep some varying effects and let the sds of the other f go to 0 together with sigma. If y lies in the space of the kept columns [X Z], of rank r,
/// the marginal likelihood grows as
/// scale^-(n - r) along f + 1 scales, so the posterior is improper where n - r >= f + 1. Every choice of varying effects of one factor is tried; a
/// fit that is perfect only by several
/// factors together is not found here (<c>docs/limitations.md</c>).
/// </remarks>
internal static class PerfectFit
{
    // Residual sum of squares relative to the response's own: what sums in double precision cannot tell from 0.
    private const double RelativeTolerance = 1e-13;

    // Beyond this number of varying effects that may vanish only the choices of all and none are tried.
    private const int MostChoices = 6;

    public static IEnumerable<Problem> Check(NormalBoundModel model, CellMoments total)
    {
        var response = model.Spec.Response;
        if (response.Sigma is null or { FixedValue: not null } || response.Sigma.HasFloor)
            return [];
        var isPerfect = model.Spec.Factors.IsEmpty
            ? Residual(model, total, -1, []) is { } alone && alone.IsZero && model.RowCount - alone.Rank >= 1
            : Enumerable.Range(0, model.Spec.Factors.Length).Any(k => IsImproper(model, total, k));
        if (!isPerfect)
            return [];
        var isConstant = total.CrossProducts(0)[^1] == 0;
        return
        [
            new(
                ProblemCode.ImproperPosterior,
                (isConstant ? $"'{response.Name}' is the same in every row" : $"The model fits '{response.Name}' without any residual")
                    + $" and the prior of sigma, {response.Sigma.Text}, allows sigma near 0: the posterior is improper.",
                "Fix sigma at a value, give it a prior with a floor (InverseGammaOnVariance, or Uniform with a positive lower bound), or give the "
                    + "known error of each row.")
            { Term = response.Name },
        ];
    }

    /// <summary>Without priors the likelihood grows without bound as sigma goes to 0 where some choice of effects leaves the response no residual,
    /// and more rows than these effects can take up. Sds that are fixed stay.</summary>
    public static IEnumerable<Problem> CheckLikelihood(NormalBoundModel model, CellMoments total)
    {
        var response = model.Spec.Response;
        if (response.Sigma is null or { FixedValue: not null })
            return [];
        var isPerfect = model.Spec.Factors.IsEmpty
            ? Residual(model, total, -1, []) is { } alone && alone.IsZero && model.RowCount - alone.Rank >= 1
            : Enumerable.Range(0, model.Spec.Factors.Length).Any(k => IsImproper(model, total, k, perVanished: 0));
        return !isPerfect
            ? []
            :
            [
                new(
                    ProblemCode.NotIdentified,
                    $"The likelihood of '{response.Name}' has no "
                        + $"maximum: {(total.CrossProducts(0)[^1] == 0 ? "the response is the same in every row" : "the model fits it without any "
                        + "residual")}.",
                    "Fix sigma at a value, or give the known error of each row.")
                { Term = response.Name },
            ];
    }

    // perVanished: what each sd that goes to 0 with sigma takes off, 1 under a prior without a floor and 0 where there is none.
    private static bool IsImproper(NormalBoundModel model, CellMoments total, int factor, int perVanished = 1)
    {
        // Effects whose sd cannot go to 0 stay; those of other factors then count with all their levels, the most they can add to the rank.
        var othersRank = 0L;
        var othersVanish = 0;
        for (var k = 0; k < model.Spec.Factors.Length; k++)
        {
            if (k == factor)
                continue;
            othersVanish += model.Spec.Factors[k].Terms.Count(term => CanVanish(model.Spec.Factors[k], term));
            othersRank += (long)model.Levels[k].Count * model.Spec.Factors[k].Terms.Count(term => Stays(model.Spec.Factors[k], term));
        }

        var own = model.Spec.Factors[factor];
        var staying = own.Terms.Where(term => Stays(own, term)).Select(term => term.Column).ToArray();
        var vanishing = own.Terms.Where(term => CanVanish(own, term)).Select(term => term.Column).ToArray();
        var all = (1 << Math.Min(vanishing.Length, MostChoices)) - 1;

        // If all effects together leave a residual, so do fewer.
        for (var choice = all; choice >= 0; choice--)
        {
            int[] kept = vanishing.Length > MostChoices
                ? choice == all ? [.. staying, .. vanishing] : staying
                : [.. staying, .. vanishing.Where((_, t) => (choice >> t & 1) == 1)];
            var fit = Residual(model, total, factor, kept);
            if (!fit.IsZero && choice == all)
                return false;
            var vanished = othersVanish + vanishing.Length - (kept.Length - staying.Length);
            if (fit.IsZero && model.RowCount - fit.Rank - othersRank >= 1 + perVanished * vanished)
                return true;
            if (vanishing.Length > MostChoices && choice == all)
                choice = 1;
        }

        return false;
    }

    // An sd fixed at 0 is no effect at all, neither kept nor let go.
    private static bool CanVanish(FactorSpec factor, VaryingTerm term) => term.Sd?.FixedValue is null && !Stays(factor, term);

    private static bool Stays(FactorSpec factor, VaryingTerm term) => factor.Covariance?.HasFloor ?? term.Sd!.HasFloor;

    // Regresses the response on the population columns and, within each level of a factor (-1 for none), on the columns z, perhaps Ones among them.
    private static (bool IsZero, long Rank) Residual(NormalBoundModel model, CellMoments total, int factor, int[] z)
    {
        var spec = model.Spec;
        var free = spec.Population.Where(term => term.Prior?.FixedValue is null).Select(term => term.Column).ToArray();
        var known = spec.Population.Where(term => term.Prior?.FixedValue is not null).Select(term => (term.Column, term.Prior!.FixedValue!.Value))
            .ToArray();
        var cells = factor < 0 || z.Length == 0 ? total : ByLevel(model, factor);
        var system = new LeastSquaresWorkspace(z, free, known, total);
        for (var cell = 0; cell < cells.CellCount; cell++)
            system.Add(cells, cell);
        return system.Solve(RelativeTolerance);
    }

    private static CellMoments ByLevel(NormalBoundModel model, int factor)
    {
        if (model.Spec.Factors.Length == 1)
            return model.Cells;
        var builder = new CellMomentsBuilder(model.Cells.ColumnCount);
        builder.Merge(model.Cells, model.CellLevels(factor));
        return builder.Build();
    }
}
