using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Sampling.Importance;

namespace TypedPooling.Inference.Marginal;

/// <summary>What the Marginal engine does for a model: how the coefficients are integrated out at given scales, how often that is done, and what it
/// costs.</summary>
/// <param name="Steps">The steps of one evaluation, in order.</param>
/// <param name="Dimension">Number D of scales and joined population effects that are sampled.</param>
/// <param name="Evaluations">Evaluations of a run, roughly; a derivative counts as three.</param>
/// <param name="Sampling">How the D numbers are sampled, where no check fails.</param>
public sealed record MarginalPlan(ImmutableArray<MarginalStep> Steps, int Dimension, double Evaluations, string Sampling)
{
    // Evaluations of a mode search and of the adaptive rounds.
    private const double Preparation = 5000;

    // Derivatives of a NUTS draw.
    private const double Leapfrogs = 8;

    // A derivative takes about as long as so many values.
    private const double DerivativeCost = 3;

    /// <summary>Arithmetic operations of a run, roughly.</summary>
    public double Cost => Evaluations * Steps.Sum(step => step.Cost);

    /// <summary>A step a line, aligned, with its cost.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Sampling}, some {Evaluations:N0} evaluations of about {Figure(Steps.Sum(step => step.Cost))} operations, {Figure(Cost)} in all");
        var left = Steps.Max(step => step.Coefficients.Length);
        var middle = Steps.Max(step => step.Method.Length);
        foreach (var step in Steps)
            text.Append('\n').Append(step.Coefficients.PadRight(left)).Append("  ").Append(step.Method.PadRight(middle)).Append("  ").Append(
                Figure(step.Cost));
        return text.ToString();
    }

    internal static MarginalPlan Of(CoefficientSystem system, int dimension, RunOptions options)
    {
        var (sampling, evaluations) = Sampled(dimension, system.Model.Spec.Factors.Length > 1, options);
        return new MarginalPlan(system is CrossedSystem crossed ? StepsOf(crossed) : StepsOf((NormalSystem)system), dimension, evaluations, sampling);
    }

    internal static (string Sampling, double Evaluations) Sampled(int dimension, bool isSolvedForEffects, RunOptions options)
    {
        var draws = (double)options.Chains * options.Draws;
        if (dimension == 0)
            return ("Nothing is sampled: all scales are known", draws);
        var what = dimension == 1 ? "1 number" : string.Create(CultureInfo.InvariantCulture, $"{dimension} numbers");
        return options.Sampling == SamplingMethod.Nuts || dimension > ImportanceSettings.Default.MaximumDimension
            ? ($"{what} sampled by NUTS", (draws + (double)options.Chains * options.Warmup) * Leapfrogs * DerivativeCost)
            : ($"{what} sampled independently", Preparation
                + Math.Max(ImportanceSettings.Default.MinimumProposals, ImportanceSettings.Default.ProposalsPerDraw * draws) + (isSolvedForEffects
                    ? draws
                    : 0));
    }

    private static ImmutableArray<MarginalStep> StepsOf(NormalSystem system)
    {
        double p = system.IntegratedCount;
        var steps = ImmutableArray.CreateBuilder<MarginalStep>();
        if (system.LevelCount > 0)
            steps.Add(new($"u[{system.Model.Spec.Factors[0].Name}]", Levels(system.LevelCount, system.Classes.Count), system.Cost - p * p * p / 3));
        steps.Add(new("beta", $"{system.IntegratedCount} dense", p * p * p / 3));
        return steps.ToImmutable();
    }

    private static ImmutableArray<MarginalStep> StepsOf(CrossedSystem system)
    {
        var spec = system.Model.Spec;
        var layout = system.Layout;
        var others = string.Join(", ", spec.Factors.Where((_, k) => k != system.Eliminated).Select(factor => $"u[{factor.Name}]"));
        var dense = string.Create(CultureInfo.InvariantCulture, $"{layout.DenseOrder} dense");
        return
        [
            new(
                $"u[{spec.Factors[system.Eliminated].Name}]",
                Levels(system.Factors[system.Eliminated].LevelCount, system.Classes.Count),
                system.Classes.Cost),
            new(
                others.Length == 0 ? "beta" : $"{others}, beta",
                layout.Panels.Length == 0 ? dense : string.Create(CultureInfo.InvariantCulture, $"{layout.DenseStart} sparse, {dense}"),
                layout.Cost),
        ];
    }

    private static string Levels(int levels, int classes) => string.Create(
        CultureInfo.InvariantCulture,
        $"{levels} {(levels == 1 ? "level" : "levels")} eliminated in {classes} {(classes == 1 ? "class" : "classes")}");

    private static string Figure(double operations) => operations.ToString(operations < 1e4 ? "N0" : "0.0e0", CultureInfo.InvariantCulture);
}
