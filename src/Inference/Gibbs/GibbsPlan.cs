using System.Collections.Immutable;
using System.Globalization;
using System.Text;

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
                    count * SliceEvaluations * (system.Eliminations[0].Cost + ResidualCost(system))));
        }

        foreach (var elimination in system.Eliminations)
        {
            steps.Add(Coefficients(system, elimination));
            foreach (var k in system.IsJoint ? Enumerable.Range(0, system.Factors.Length) : [elimination.Factor])
            {
                if (system.Scales[k].Dimension > 0)
                    steps.Add(Scales(system, k));
            }
        }

        if (new PriorMixture(system.Population.Priors).IsNeeded)
            steps.Add(new("population priors", "precisions of the normals they are mixtures of", system.Population.Count));
        if (system.HasSigma)
        {
            var update = SdUpdates.For(spec.Response.Sigma!, system.Model.RowCount);
            steps.Add(new("sigma", $"given all coefficients: {Text(update)}", ResidualCost(system)));
        }

        return new GibbsPlan(steps.ToImmutable(), system.Residuals.CellCount);
    }

    private static GibbsStep Coefficients(GibbsSystem system, Elimination elimination)
    {
        var names = new List<string>();
        if (system.Population.Count > 0)
            names.Add("beta");
        if (elimination.Factor >= 0)
            names.Add($"u[{system.Model.Spec.Factors[elimination.Factor].Name}]");
        names.AddRange(elimination.Blocks.Select(block => $"u[{system.Model.Spec.Factors[block.Factor].Name}]"));
        var classes = elimination.Representatives.Length;
        var eliminated = elimination.Factor < 0 ? string.Empty : string.Create(
            CultureInfo.InvariantCulture,
            $", {elimination.LevelCount} {(elimination.LevelCount == 1 ? "level" : "levels")} eliminated "
                + $"in {classes} {(classes == 1 ? "class" : "classes")}");
        var update = string.Create(CultureInfo.InvariantCulture, $"joint normal{eliminated}, {elimination.RestCount} dense");
        return new(string.Join(", ", names), update, elimination.Cost + (system.Eliminations.Length > 1 ? LinkCost(system, elimination.Factor) : 0));
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
        2.0 * system.Residuals.CellCount * (1 + system.Factors.Length + system.Population.Count);

    private static double LinkCost(GibbsSystem system, int k) =>
        2 * system.Factors[k].Links.Sum(links => links is null ? 0.0 : links.Blocks.Length);

    private static string Text(SdUpdate update) => update switch
    {
        SdUpdate.InverseGamma or SdUpdate.Flat => "conjugate",
        SdUpdate.Slice => "slice",
        _ => "known",
    };

    private static string Figure(double operations) => operations.ToString(operations < 1e4 ? "N0" : "0.0e0", CultureInfo.InvariantCulture);
}
