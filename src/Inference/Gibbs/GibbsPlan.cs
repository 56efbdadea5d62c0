using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TypedPooling.Inference.Hierarchy.CrossedFactors;

namespace TypedPooling.Inference.Gibbs;

/// <summary>What a sweep of the Gibbs sampler does for a model, in order: which coefficients are drawn together, how each scale is drawn, and what it
/// costs.</summary>
/// <param name="Steps">The steps of a sweep.</param>
/// <param name="CellCount">Number of combinations of levels that have rows.</param>
public sealed record GibbsPlan(ImmutableArray<GibbsStep> Steps, int CellCount)
{
    // Evaluations of a slice step, at a fitted width.
    private const double SliceEvaluations = 7;

    /// <summary>Arithmetic operations of a sweep, roughly.</summary>
    public double Cost => Steps.Sum(step => step.Cost);

    /// <summary>A step a line, aligned, with its cost.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture, $"A sweep over {CellCount:N0} {(CellCount == 1 ? "cell" : "cells")}, about {Figure(Cost)} operations");
        var left = Steps.Max(step => step.Parameters.Length);
        var middle = Steps.Max(step => step.Update.Length);
        foreach (var step in Steps)
            text.Append('\n').Append(step.Parameters.PadRight(left)).Append("  ").Append(step.Update.PadRight(middle)).Append("  ").Append(
                Figure(step.Cost));
        return text.ToString();
    }

    internal static GibbsPlan Of(GibbsSystem system)
    {
        var spec = system.Model.Spec;
        var steps = ImmutableArray.CreateBuilder<GibbsStep>();
        if (system.CollapsesSigma)
        {
            var count = 1 + (system.CollapsesFactors ? system.Scales.Sum(scales => scales.Dimension) : 0);
            steps.Add(
                new(
                    count == 1 ? "sigma" : "all scales",
                    "slice, all coefficients integrated out",
                    count * SliceEvaluations * system.Blocks[0].Cost));
        }

        for (var block = 0; block < system.Blocks.Length; block++)
        {
            int[] factors = system.IsJoint ? [.. Enumerable.Range(0, system.Factors.Length)] : [block];
            steps.Add(Coefficients(system, system.Blocks[block], factors));
            foreach (var k in factors)
            {
                if (system.Scales[k].Dimension > 0)
                    steps.Add(Scales(system, k));
            }
        }

        if (new PriorMixture(spec, system.Population).IsNeeded)
            steps.Add(new("population priors", "precisions of the normals they are mixtures of", system.Population.Count));
        if (system.HasSigma)
        {
            var update = SdUpdates.For(spec.Response.Sigma!, system.Model.RowCount);
            steps.Add(new("sigma", $"given all coefficients: {Text(update)}", ResidualCost(system)));
        }

        return new GibbsPlan(steps.ToImmutable(), system.Likelihood.Design.Count);
    }

    private static GibbsStep Coefficients(GibbsSystem system, CrossedSystem block, int[] factors)
    {
        var names = new List<string>();
        if (system.Population.Count > 0)
            names.Add("beta");
        var eliminatedFirst = factors.OrderBy(k => block.Factors.Length > 1 && k != block.Eliminated);
        names.AddRange(eliminatedFirst.Select(k => $"u[{system.Model.Spec.Factors[k].Name}]"));
        var (levels, classes, layout) = (block.Own.LevelCount, block.Classes.Count, block.Layout);
        var eliminated = block.Eliminated < 0 ? string.Empty : string.Create(
            CultureInfo.InvariantCulture,
            $", {levels} {(levels == 1 ? "level" : "levels")} eliminated in {classes} {(classes == 1 ? "class" : "classes")}");
        var sparse = layout.Panels.Length == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", {layout.DenseStart} sparse");
        var update = string.Create(CultureInfo.InvariantCulture, $"joint normal{eliminated}{sparse}, {layout.DenseOrder} dense");
        return new(string.Join(", ", names), update, block.DrawCost + (system.IsJoint ? 0 : LinkCost(system, factors[0])));
    }

    private static GibbsStep Scales(GibbsSystem system, int k)
    {
        var factor = system.Model.Spec.Factors[k];
        var q = factor.Terms.Length;
        var centred = factor.Covariance is not null
            ? factor.Covariance.Conjugate(q) is not null ? "conjugate covariance" : "slice on sds and correlations"
            : factor.HasCorrelations ? "slice on sds and correlations"
            : string.Join(", ", factor.Terms.Select(term => Text(SdUpdates.For(term.Sd!, system.Factors[k].LevelCount))).Distinct());
        double dimension = system.Scales[k].Dimension;
        double levels = system.Factors[k].LevelCount;
        var cost = levels * q * (2.0 * q + system.Population.Count + q * q * q) + dimension * SliceEvaluations * 2 * (q * q * q + q * q * q * q)
            + (system.IsJoint && system.Factors.Length > 1 ? LinkCost(system, k) : 0);
        return new($"scales[{factor.Name}]", $"given u: {centred}; given v: slice", cost);
    }

    private static double ResidualCost(GibbsSystem system) =>
        2.0 * system.Likelihood.Design.Count * (1 + system.Factors.Length + system.Population.Count);

    private static double LinkCost(GibbsSystem system, int k) =>
        2 * system.Links[k].Sum(links => links is null ? 0.0 : links.Blocks.Length);

    private static string Text(SdUpdate update) => update switch
    {
        SdUpdate.InverseGamma or SdUpdate.Flat => "conjugate",
        SdUpdate.Slice => "slice",
        _ => "known",
    };

    private static string Figure(double operations) => operations.ToString(operations < 1e4 ? "N0" : "0.0e0", CultureInfo.InvariantCulture);
}
