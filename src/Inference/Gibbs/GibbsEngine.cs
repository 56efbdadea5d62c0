using System.Diagnostics;
using System.Runtime.ExceptionServices;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Inference.Gibbs;

/// <summary>Exact Gibbs sampling of normal hierarchies with any number of grouping factors, nested or crossed, from sums.</summary>
/// <remarks>
/// <para>
/// A sweep draws the coefficients from their normal conditional, all together where that is cheap, otherwise the population effects jointly with one
/// factor's effects at a time ([Papaspiliopoulos2020], [VanDykPark2008]); then the scales, conjugate where priors are, by slice steps otherwise
/// ([Neal2003]), each factor's given its effects and again given its spherical effects ([YuMeng2011]). <see cref="Plan"/> prints which.
/// </para>
/// <para>A sweep costs O(cells) where factors are drawn in turn, whatever the number of rows. Chains differ by their random stream alone, so the
/// number of threads changes no bit. <see cref="RunOptions.Sampling"/> has no meaning here.</para>
/// </remarks>
public sealed class GibbsEngine : IEstimatedEngine
{
    internal const string EngineName = "Gibbs";

    // Draws that are worth about one independent draw of the worst parameter, in the models of the tests.
    private const double DrawsPerEffectiveDraw = 5;

    // With fewer draws a chain there is nothing to split, so nothing to diagnose: the least that RunOptions.Draws allows, too.
    private const int LeastDraws = 4;

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <summary>What a sweep would do for a model: the blocks of coefficients, the update of every scale, and the cost of each.</summary>
    /// <param name="model">A model the engine supports.</param>
    /// <returns>The plan; <see cref="GibbsPlan.ToString"/> prints it.</returns>
    /// <exception cref="ModelException">The engine does not support the model; every reason is named.</exception>
    public static GibbsPlan Plan(NormalBoundModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        GibbsSupport.Of(model.Spec).Require();
        return GibbsPlan.Of(GibbsSystem.Reduce(model));
    }

    /// <inheritdoc/>
    public double EstimateCost(NormalBoundModel model, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        return (options.Warmup + options.Draws * DrawsPerEffectiveDraw) * options.Chains * GibbsSystem.EstimateCost(model);
    }

    /// <inheritdoc/>
    public Support Supports(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return GibbsSupport.Of(spec);
    }

    /// <inheritdoc/>
    public Posterior RunNormal(NormalBoundModel model, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated(model.Spec);
        GibbsSupport.Of(model.Spec).Require();
        options.Cancellation.ThrowIfCancellationRequested();
        if (model.Spec.Response is { KnownSd: null, Sigma.FixedValue: <= 0 })
        {
            throw new ModelException(new Problem(
                ProblemCode.ImproperPosterior,
                "Sigma is fixed at a value that is not positive, so the likelihood cannot be evaluated.",
                "Give sigma a positive value."));
        }

        var clock = Stopwatch.StartNew();
        return Run(GibbsSystem.Reduce(model), options, clock);
    }

    internal static Posterior Run(GibbsSystem system, RunOptions options, Stopwatch clock)
    {
        var starts = GibbsStart.Of(system, options);
        var setup = clock.Elapsed;
        var chains = RunChains(system, starts, options);
        var draws = chains.Min(chain => chain.Completed);
        if (draws < options.Draws && draws < LeastDraws)
            throw new OperationCanceledException("The run was cancelled before every chain had 4 draws.", options.Cancellation);
        var posterior = GibbsPosterior.Of(system, chains, draws, options);
        var rest = clock.Elapsed - setup;
        var warmup = rest
            * (chains.Sum(chain => chain.WarmupTime.TotalSeconds) / Math.Max(
                double.Epsilon, chains.Sum(chain => (chain.WarmupTime + chain.SamplingTime).TotalSeconds)));
        return posterior with { Timings = new Timings(setup, warmup, rest - warmup) };
    }

    private static GibbsDraws[] RunChains(GibbsSystem system, GibbsStart[] starts, RunOptions options)
    {
        var results = new GibbsDraws[options.Chains];
        var failures = new Exception?[options.Chains];
        var next = -1;
        var threads = Math.Min(options.Chains, options.Threads == 0 ? Environment.ProcessorCount : options.Threads);
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            int chain;
            while ((chain = Interlocked.Increment(ref next)) < options.Chains)
            {
                try
                {
                    results[chain] = new GibbsChain(chain, system, starts[chain], options).Run();
                }
                catch (Exception failure)
                {
                    failures[chain] = failure; // rethrown below: the first chain's, whatever the threads did
                }
            }
        });

        if (Array.Find(failures, failure => failure is not null) is { } first)
            ExceptionDispatchInfo.Throw(first);
        return results;
    }
}
