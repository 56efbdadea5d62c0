using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>What maximum likelihood can fit, and what data leave it without a maximum.</summary>
internal static class LikelihoodSupport
{
    /// <summary>Greatest number of nodes of quadrature a dimension.</summary>
    public const int MostNodes = 100;

    public static Support Of(ModelSpec spec, LikelihoodCriterion criterion, int quadraturePoints)
    {
        var reasons = ImmutableArray.CreateBuilder<Problem>();
        var family = spec.Response.Family;
        if (family is CellsFamily { MayHaveSeveralModes: true })
            Refuse(
                spec.Response.Name,
                $"The effects of a {family.Name} response can have several modes, and Laplace's approximation at one of them can be far from the "
                    + $"likelihood.",
                "Use Engine.Nuts.");
        if (family.Shape is { } shape && spec.Response.Shape is { FixedValue: <= 0 })
            Refuse(
                shape.Name,
                $"The {shape.Name} is fixed at a value that is not positive, so the rows have no likelihood.",
                "Give it a positive value, or let it be estimated.");
        if (!family.IsNormal && criterion == LikelihoodCriterion.RestrictedMaximumLikelihood)
            Refuse(spec.Response.Name, $"REML is defined for Normal responses, and this response is {family.Name}.", "Use Engine.MaximumLikelihood.");
        if (NodesProblem(quadraturePoints) is { } nodes)
            reasons.Add(nodes);
        if (!family.IsNormal && quadraturePoints > 1 && (spec.Factors.Length != 1 || spec.Factors[0].Terms.Length > 3))
            Refuse(
                "QuadraturePoints",
                "Quadrature needs one grouping factor with at most three varying effects.",
                "Use QuadraturePoints = 1, which is Laplace's approximation.");
        if (spec.Response is { KnownSd: null, Sigma.FixedValue: 0 })
            Refuse("sigma", "Sigma is fixed at 0, so the rows have no likelihood.", "Give sigma a positive value, or let it be estimated.");
        return new Support(Exactness.Point, reasons.ToImmutable());

        void Refuse(string term, string sentence, string remedy) =>
            reasons.Add(new Problem(ProblemCode.EngineRefuses, sentence, remedy) { Term = term });
    }

    /// <summary>What is wrong with a number of nodes whatever the model; null where nothing is.</summary>
    public static Problem? NodesProblem(int quadraturePoints) => quadraturePoints is >= 1 and <= MostNodes
        ? null
        : new Problem(
            ProblemCode.EngineRefuses,
            $"The number of nodes is {quadraturePoints}.",
            $"Use a value from 1 (Laplace's approximation) to {MostNodes}.")
        { Term = "QuadraturePoints" };

    /// <summary>Refuses data that do not determine a maximum: dependent columns, factors with one level, as many effects as rows.</summary>
    /// <exception cref="ModelException">Every reason is listed.</exception>
    public static void CheckData(NormalBoundModel model)
    {
        var spec = model.Spec;
        var problems = Identification.Check(spec, model.Cells.Total(), hasPriors: false).ToList();
        var estimatesSigma = spec.Response is { KnownSd: null, Sigma: not { FixedValue: not null } };
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var factor = spec.Factors[k];
            var free = factor.Terms.Count(term => term.Sd?.FixedValue is null);
            long levels = model.Levels[k].Count;
            if (free > 0 && levels == 1)
            {
                problems.Add(OneLevel(factor.Name));
            }
            else if (free > 0 && estimatesSigma && levels * factor.Terms.Length >= model.RowCount)
            {
                problems.Add(new Problem(
                    ProblemCode.NotIdentified,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"'{factor.Name}' has {levels} levels with {factor.Terms.Length} varying effects each, but there are {model.RowCount} "
                            + $"rows: the data cannot tell its sds from sigma."),
                    "Let fewer effects vary, fix sigma or give known errors, or fit with priors by an exact engine.")
                { Term = factor.Name });
            }
        }

        var effects = spec.Population.Count(term => term.Prior?.FixedValue is null);
        if (estimatesSigma && model.RowCount <= effects && problems.Count == 0)
        {
            problems.Add(new Problem(
                ProblemCode.NotIdentified,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"There are {model.RowCount} rows and {effects} population effects: nothing is left to estimate sigma from."),
                "Take effects out, give more rows, or fix sigma."));
        }

        if (problems.Count > 0)
            throw new ModelException(problems);
    }

    /// <summary>Refuses cells that do not determine a maximum: dependent columns, factors with one level.</summary>
    /// <exception cref="ModelException">Every reason is listed.</exception>
    public static void CheckData(CellBoundModel model)
    {
        var (spec, cells) = (model.Spec, model.Cells);
        var moments = new CellMomentsBuilder(cells.ColumnCount);
        var row = new double[cells.ColumnCount + 1];
        for (var i = 0; i < cells.Count; i++)
        {
            cells.Columns.Slice(i * cells.ColumnCount, cells.ColumnCount).CopyTo(row);
            moments.Add(0, row);
        }

        var problems = Identification.Check(spec, moments.Build(), hasPriors: false).ToList();
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            if (model.Levels[k].Count == 1 && spec.Factors[k].Terms.Any(term => term.Sd?.FixedValue is null))
                problems.Add(OneLevel(spec.Factors[k].Name));
        }

        if (problems.Count > 0)
            throw new ModelException(problems);
    }

    private static Problem OneLevel(string factor) => new(
        ProblemCode.NotIdentified,
        $"'{factor}' has one level, which says nothing about how levels differ.",
        $"Take '{factor}' out, or fix its sds, or fit with priors by an exact engine.")
    { Term = factor };

    /// <summary>The refusal where the likelihood grows without bound or cannot be evaluated.</summary>
    public static ModelException NoMaximum(NormalBoundModel model) => new(new Problem(
        ProblemCode.NotIdentified,
        $"The likelihood of '{model.Spec.Response.Name}' has no maximum: the model fits it without residual, or its scales overflow.",
        "Fix sigma at a value, give the known error of each row, or use another unit.")
    { Term = model.Spec.Response.Name });
}
