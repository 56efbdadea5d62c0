using System.Diagnostics;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Inference.Sampling.Hamiltonian;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.Nuts;

/// <summary>The No-U-Turn sampler over the joint posterior of all parameters, population effects, scales and every varying effect, of models of every
/// family.</summary>
/// <remarks>
/// Nothing is integrated out, so on Normal models it is an independent check of the engines that do. The varying effects of a factor are sampled
/// centred or non-centred, whichever its data make easier; the fit says which (<see cref="Posterior.SamplingReason"/>). All draws of all effects are
/// kept, 8 bytes each. <see cref="RunOptions.Sampling"/> has no meaning here. Sources: [HoffmanGelman2014], [Betancourt2017].
/// </remarks>
public sealed class NutsEngine : IEngine
{
    internal const string EngineName = "Nuts";

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    public Support Supports(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return NutsSupport.Of(spec);
    }

    /// <inheritdoc/>
    public Posterior RunNormal(NormalBoundModel model, RunOptions options) => Run(model, options);

    /// <inheritdoc/>
    public Posterior Run(BoundModel model, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated(model.Spec);
        NutsSupport.Of(model.Spec).Require();
        options.Cancellation.ThrowIfCancellationRequested();
        if (model.Spec.Response is { HasSigma: true, Sigma.FixedValue: <= 0 })
        {
            throw new ModelException(new Problem(
                ProblemCode.ImproperPosterior,
                "Sigma is fixed at a value that is not positive, so the likelihood cannot be evaluated.",
                "Give sigma a positive value."));
        }

        if (model.Spec.Response is { HasShape: true, Shape.FixedValue: <= 0 })
        {
            throw new ModelException(new Problem(
                ProblemCode.ImproperPosterior, "The shape or the degrees of freedom are fixed at a value that is not positive, so the likelihood "
                    + "cannot be evaluated.", "Give a positive value."));
        }

        var effects = Enumerable.Range(0, model.Levels.Length).Sum(k => (long)model.Levels[k].Count * model.Spec.Factors[k].Terms.Length);
        NutsSampler.RequireRoom(
            options, new ScaleCoordinates(model.Spec).Dimension + model.Spec.Population.Count(term => term.Prior?.FixedValue is null) + effects);
        var clock = Stopwatch.StartNew();
        var start = JointStart.Of(model);
        var system = start.System;
        var positions = start.Positions(options);
        var setup = clock.Elapsed;
        if (system.Dimension == 0)
            return RunNothing(system, options, setup);
        var run = NutsSampler.Run(_ => new JointDensity(system), positions, options);
        clock.Restart();
        return JointDraws.Of(system, run.DrawCount, run.Position, options) with
        {
            Sampler = run.Statistics,
            SamplingReason = system.Reason,
            Timings = new Timings(setup, run.WarmupTime, run.SamplingTime + clock.Elapsed),
            Warnings = SamplerWarnings.Of(run, options),
        };
    }

    // Every parameter is fixed: all draws are alike.
    private static Posterior RunNothing(JointSystem system, RunOptions options, TimeSpan setup) =>
        JointDraws.Of(system, options.Chains * options.Draws, _ => [], options) with
        {
            DrawKind = DrawKind.Independent,
            SamplingReason = "Nothing is sampled: every parameter is known",
            Timings = new Timings(setup, TimeSpan.Zero, TimeSpan.Zero),
        };
}
