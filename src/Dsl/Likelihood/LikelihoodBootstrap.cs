using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Randomness;

namespace TypedPooling.Likelihood;

/// <summary>Simulates responses from a maximum and maximises again. Its estimates come in the shape of independent draws.</summary>
internal static class LikelihoodBootstrap
{
    /// <summary>Fewest replicates with estimates.</summary>
    public const int FewestReplicates = 4;

    /// <exception cref="ModelException">Fewer than four replicates have estimates.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static BootstrapRun Run(LikelihoodRefits refits, int replicates, RunOptions options)
    {
        var all = new Refit?[replicates];
        var threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var done = 0;
        try
        {
            Parallel.For(0, replicates, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = options.Cancellation }, i =>
            {
                all[i] = Replicate(refits, RandomAddresses.BootstrapReplicate(options.Seed, i), options.Cancellation);
                options.Progress?.Report(new RunProgress(0, Interlocked.Increment(ref done), replicates, IsWarmup: false));
            });
        }
        catch (AggregateException several) when (several.InnerExceptions.All(one => one is ModelException))
        {
            throw several.InnerExceptions[0];
        }

        var kept = all.OfType<Refit>().ToArray();
        var failed = replicates - kept.Length;
        if (kept.Length < FewestReplicates)
        {
            throw new ModelException(new Problem(
                ProblemCode.NotIdentified,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Only {kept.Length} of {replicates} replicates have estimates: in the others the likelihood has no maximum that the search "
                        + $"reached."),
                "Leave effects out, or use priors and an engine that knows priors."));
        }

        return new(Posterior(refits, kept, replicates, failed, options), kept.Count(one => one.IsSingular), failed);
    }

    // Null where the simulated responses have no maximum, being separated for example, or the search did not reach it.
    private static Refit? Replicate(LikelihoodRefits refits, PhiloxStream stream, CancellationToken cancellation)
    {
        try
        {
            var refit = refits.Simulated(stream, cancellation);
            return refit.IsConverged ? refit : null;
        }
        catch (ModelException none) when (none.Problems.All(problem => problem.Code is ProblemCode.Separated or ProblemCode.NotIdentified))
        {
            return null;
        }
    }

    private static Posterior Posterior(LikelihoodRefits refits, Refit[] kept, int replicates, int failed, RunOptions options)
    {
        var spec = refits.Model.Spec;
        var population = DrawTable.OfPopulation(spec, kept.Length);
        var scales = new DrawTable(new ScaleCoordinates(spec).Parameters, kept.Length);
        for (var i = 0; i < kept.Length; i++)
        {
            population.Set(i, kept[i].Population);
            scales.Set(i, [.. kept[i].Scales.Select(value => double.IsNaN(value) ? 0 : value)]);
        }

        var builder = new PosteriorBuilder(
            new MaximumLikelihoodEngine().Name, Exactness.Approximate, spec, options with { Chains = 1, Draws = kept.Length });
        var left = failed == 0 ? string.Empty : string.Create(
            CultureInfo.InvariantCulture, $"; {failed:N0} without estimates are left out: their likelihood has no maximum that the search reached");
        return builder.Of(population.ToBlock(), scales.ToBlock(), []) with
        {
            SamplingReason = string.Create(
                CultureInfo.InvariantCulture,
                $"{replicates:N0} replicates simulated from the fit, {kept.Count(one => one.IsSingular):N0} of them with an estimate on the "
                    + $"boundary{left}"),
        };
    }
}
