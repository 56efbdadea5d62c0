using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Marginal.Cells;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Marginal;

/// <summary>What the Marginal engine can fit.</summary>
internal static class MarginalSupport
{
    public static Support Of(ModelSpec spec)
    {
        var reasons = ImmutableArray.CreateBuilder<Problem>();
        if (!spec.Response.Family.IsNormal)
            RefuseCells();
        foreach (var factor in spec.Factors)
        {
            if (factor.Correlation is { IsIdentity: false, Concentration: null })
                Refuse(
                    factor.Name,
                    $"The Marginal engine takes LKJ priors of correlations only, but this prior is {factor.Correlation.Text}.",
                    "Use Lkj(eta) or Uncorrelated.");
        }

        return new Support(Exactness.Exact, reasons.ToImmutable());

        void RefuseCells()
        {
            var family = spec.Response.Family;
            if (family is CellsFamily { MayHaveSeveralModes: true })
            {
                Refuse(
                    spec.Response.Name,
                    $"The Marginal engine integrates varying effects out about one mode, but the effects of a {family.Name} response can have "
                        + $"several "
                        + $"modes.",
                    "Use Engine.Nuts.");
            }
            else if (family is CellsFamily { Curve.IsConcave: false })
            {
                Refuse(
                    spec.Response.Name,
                    $"The Marginal engine draws varying effects by rejection under tangents. This needs a log likelihood that is concave in the "
                        + $"linear predictor; that of a {family.Name} response is not.",
                    "Use Engine.Nuts.");
            }

            if (spec.Factors.Length > 1)
            {
                Refuse(
                    spec.Response.Name,
                    $"The Marginal engine integrates varying effects of a {family.Name} response out level by level. With "
                        + $"{spec.Factors.Length} grouping factors, the levels depend on each other.",
                    "Use Engine.Nuts, or one grouping factor.");
            }

            foreach (var factor in spec.Factors)
            {
                if (factor.Terms.Length > CellQuadrature.MostTerms)
                {
                    Refuse(
                        factor.Name,
                        $"The Marginal engine integrates at most {CellQuadrature.MostTerms} varying effects per level of a {family.Name} response "
                            + $"out by quadrature, but {factor.Name} has {factor.Terms.Length}.",
                        "Use Engine.Nuts, or let fewer effects vary.");
                }
            }
        }

        void Refuse(string term, string sentence, string remedy) =>
            reasons.Add(new Problem(ProblemCode.EngineRefuses, sentence, remedy) { Term = term });
    }
}
