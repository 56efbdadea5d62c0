using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Makes the posterior of a run from its blocks of draws: the one place where what an engine has drawn becomes a <see cref="Posterior"/>.
/// What only one way of drawing knows (statistics, weights, moments, timings) the engine adds to the result.</summary>
/// <param name="Engine">Name of the engine.</param>
/// <param name="Exactness">Whether the draws are of the posterior itself.</param>
/// <param name="Spec">The model.</param>
/// <param name="Options">The options of the run: chains, draws, seed, probability of intervals.</param>
internal sealed record PosteriorBuilder(string Engine, Exactness Exactness, ModelSpec Spec, RunOptions Options)
{
    /// <summary>How the draws depend on each other; independent unless said otherwise.</summary>
    public DrawKind DrawKind { get; init; } = DrawKind.Independent;

    /// <summary>Draws of each chain; fewer than asked for where the run was cancelled.</summary>
    public int DrawsPerChain { get; init; } = Options.Draws;

    /// <summary>Number of draws over all chains.</summary>
    public int DrawCount => Options.Chains * DrawsPerChain;

    /// <summary>What a reader must know of a run that was cancelled; empty where it was not.</summary>
    public ImmutableArray<FitWarning> Cancelled => DrawsPerChain == Options.Draws
        ? []
        : [new FitWarning(FitWarningCode.Cancelled, string.Create(
            CultureInfo.InvariantCulture, $"The run was cancelled and holds {DrawsPerChain} of {Options.Draws} draws per chain; run it to the end "
                + $"before you report it."))];

    /// <summary>The population effects as parameters, in the order of the model.</summary>
    public static ImmutableArray<Parameter> PopulationOf(ModelSpec spec) =>
        [.. spec.Population.Select(term => new Parameter(ParameterKind.PopulationEffect, term.Name))];

    /// <summary>The posterior of the blocks, without timings and warnings.</summary>
    /// <param name="population">The population effects.</param>
    /// <param name="scales">The scales.</param>
    /// <param name="effects">The varying effects of each factor.</param>
    public Posterior Of(DrawBlock population, DrawBlock scales, ImmutableArray<EffectsBlock> effects) => new()
    {
        Spec = Spec,
        Engine = Engine,
        Exactness = Exactness,
        DrawKind = DrawKind,
        ChainCount = Options.Chains,
        DrawsPerChain = DrawsPerChain,
        Seed = Options.Seed,
        Probability = Options.Probability,
        Population = population,
        Scales = scales,
        Effects = effects,
        Timings = new Timings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
    };
}
