using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>The no-U-turn sampler: draws from any log density with a gradient, its step size and metric adapted during warmup.</summary>
internal static class NutsSampler
{
    // With fewer draws a chain there is nothing to split, so nothing to diagnose: the least that RunOptions.Draws allows, too.
    private const int LeastDraws = 4;

    /// <summary>Runs all chains.</summary>
    /// <param name="densityForChain">Makes the density of a chain, given its number from 0; called on the chain's thread, so instances share nothing
    /// mutable. All of the same dimension D, at least 1.</param>
    /// <param name="initialPositions">Where each chain starts, on unconstrained space (chains x D). Not changed.</param>
    /// <param name="options">Seed, chains, draws, threads, progress and cancellation.</param>
    /// <param name="settings">Metric and divergence threshold; null for the defaults.</param>
    /// <returns>
    /// The draws after warmup. A cancelled run returns what there is if every chain has at least 4 draws after warmup, cut to the shortest chain and
    /// flagged <see cref="NutsRun.IsCutShort"/>. Trajectories into regions where the density cannot be evaluated are divergences, counted, not
    /// exceptions.
    /// </returns>
    /// <exception cref="ModelException">An option or a setting is out of range, or the draws are more than an array can hold; a chain found no start
    /// with a finite density and gradient, its own and 99 points within a distance of 2, 1, 1/2, 1/4 or 1/8 in each coordinate; or no step size fits
    /// the density.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled before every chain had 4 draws.</exception>
    /// <exception cref="ArgumentException">Positions and options do not agree on the number of chains, or positions and densities on D.</exception>
    /// <remarks>
    /// Chain c uses the random stream c of the seed and nothing else, so the bits depend neither on the number of threads nor on other chains.
    /// Progress is reported every 1 % of a chain's draws, at least every 100, and at the end of warmup and run. The loop allocates nothing; its own
    /// cost is about 0.11 microseconds a leapfrog step at D = 4 on a busy machine. Sources: [HoffmanGelman2014], [Betancourt2017], [StanReference].
    /// </remarks>
    public static NutsRun Run(Func<int, ILogDensity> densityForChain, double[][] initialPositions, RunOptions options, NutsSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(densityForChain);
        ArgumentNullException.ThrowIfNull(initialPositions);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated();
        if (initialPositions.Length != options.Chains)
            throw new ArgumentException("Give one initial position per chain.", nameof(initialPositions));
        settings ??= NutsSettings.Default;
        settings.Validate(initialPositions[0].Length);
        RequireRoom(options, initialPositions[0].Length);

        var clock = Stopwatch.StartNew();
        var chains = RunChains(densityForChain, initialPositions, options, settings);
        var draws = chains.Min(chain => chain.Completed);
        if (draws < options.Draws && draws < LeastDraws)
            throw new OperationCanceledException("The run was cancelled before every chain had 4 draws.", options.Cancellation);
        return Collect(chains, draws, initialPositions[0].Length, options, clock.Elapsed);
    }

    /// <summary>Refuses draws that an array cannot hold.</summary>
    /// <exception cref="ModelException">OptionOutOfRange.</exception>
    public static void RequireRoom(RunOptions options, long dimension)
    {
        var most = Array.MaxLength / Math.Max(1, dimension) / options.Chains;
        if (options.Draws <= most)
            return;
        throw new ModelException(new Problem(
            ProblemCode.OptionOutOfRange,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{options.Chains:N0} {(options.Chains == 1 ? "chain" : "chains")} of {options.Draws:N0} draws of {dimension:N0} "
                    + $"parameters {(options.Chains == 1 ? "is" : "are")} more than an array holds."),
            most >= 4
                ? string.Create(
                    CultureInfo.InvariantCulture, $"Use at most {most:N0} draws per chain, or an engine that does not keep varying effects.")
                : "Use an engine that does not keep varying effects.")
        { Term = nameof(RunOptions.Draws) });
    }

    private static ChainResult[] RunChains(
        Func<int, ILogDensity> densityForChain, double[][] initialPositions, RunOptions options, NutsSettings settings)
    {
        var results = new ChainResult[options.Chains];
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
                    results[chain] = RunChain(chain);
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

        ChainResult RunChain(int chain)
        {
            options.Cancellation.ThrowIfCancellationRequested();
            var density = densityForChain(chain);
            if (density.Dimension < 1 || density.Dimension != initialPositions[chain].Length)
                throw new ArgumentException("Densities and initial positions must have one dimension, at least 1.", nameof(initialPositions));
            return new NutsChain(chain, density, options, settings).Run(initialPositions[chain]);
        }
    }

    private static NutsRun Collect(ChainResult[] chains, int draws, int dimension, RunOptions options, TimeSpan elapsed)
    {
        var positions = new double[chains.Length * draws * dimension];
        for (var chain = 0; chain < chains.Length; chain++)
            chains[chain].Positions.AsSpan(0, draws * dimension).CopyTo(positions.AsSpan(chain * draws * dimension));

        var warmup = chains.Sum(chain => chain.WarmupTime.TotalSeconds);
        var sampling = chains.Sum(chain => chain.SamplingTime.TotalSeconds);
        var warmupTime = elapsed * (warmup / (warmup + sampling));
        return new(dimension, chains.Length, draws, positions)
        {
            IsCutShort = draws < options.Draws,
            WarmupTime = warmupTime,
            SamplingTime = elapsed - warmupTime,
            DensityEvaluations = [.. chains.Select(chain => chain.Evaluations)],
            Statistics = new SamplerStatistics(
                Joined(chain => chain.LogDensity),
                Joined(chain => chain.AcceptanceRate),
                Joined(chain => chain.Divergent),
                Joined(chain => chain.TreeDepth),
                Joined(chain => chain.Leapfrogs),
                [.. chains.Select(chain => chain.StepSize)],
                [.. chains.Select(chain => chain.EnergyBfmi(draws))],
                options.MaximumTreeDepth),
        };

        ImmutableArray<T> Joined<T>(Func<ChainResult, T[]> column) => [.. chains.SelectMany(chain => column(chain).Take(draws))];
    }
}
