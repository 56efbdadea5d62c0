using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>Draws without chains from a log density of few dimensions: importance sampling from a mixture of multivariate t's that is fitted to the
/// density, with checks that refuse what cannot be trusted.</summary>
/// <remarks>
/// <para>
/// The mixture has t's on the coordinates z, t's on the sds folded at 0 (those of <see cref="ImportanceSettings.LogSds"/> whose mode is near 0),
/// since small sds give their logs a long left tail, and a wide t. It starts at the modes of both densities and is refitted to the weighted proposals
/// of each adaptive round. Estimates use the final round alone, whose weights are target / mixture. A final round that fails a check is refitted to
/// and replaced once.
/// </para>
/// <para>
/// Proposals of adaptive rounds are independent. Those of the final round are quasi-random where <see cref="ImportanceSettings.Proposals"/> says so:
/// scrambled Sobol points in independent replicates, numbered so that blocks of 64 come from the replicates in turn. Every point by itself has the
/// distribution of the mixture, so weights, their ESS and k-hat mean what they mean otherwise; points of a replicate depend on each other, so errors
/// of estimates come from the variance between replicates (<see cref="DrawWeights"/>), and the halves that are compared are whole replicates. A round
/// that is cancelled keeps the same part of each replicate.
/// </para>
/// <para>
/// Refused are D above 6, k-hat not below 0.5, an ESS of the weights below the draws asked for, halves that disagree: see
/// <see cref="ImportanceRun.Refusals"/>. No check sees mass that no proposal has met. Sources: [Cappe2008], [OwenZhou2000], [Vehtari2024],
/// [Owen1995], [LEcuyer2023].
/// </para>
/// </remarks>
internal static class ImportanceSampler
{
    // Fitted components of each kind, and passes of EM after each adaptive round.
    private const int ComponentsOfKind = 2;
    private const int Passes = 3;

    // A final round that fails a check is not thrown away: the mixture is refitted to it, with more components, and one more final round decides.
    private const int Attempts = 2;
    private const int ComponentsOfSecondAttempt = 4;

    // Another adaptive round is made while fewer proposals than this count, at most this often.
    private const double GoodEfficiency = 0.3;
    private const int ExtraRounds = 2;

    // The final round is made larger than the efficiency so far asks for, by this factor.
    private const double Margin = 1.25;

    /// <summary>Runs mode search, adaptive rounds, the final round and the checks.</summary>
    /// <param name="densityForWorker">Makes the density of a worker thread, given its number from 0; instances share nothing mutable. All of the same
    /// dimension D, at least 1.</param>
    /// <param name="starts">Where searches for modes start, on unconstrained space (any number above 0, each of length D). Not changed.</param>
    /// <param name="options">Seed, draws asked for (chains times draws), threads, progress (in proposals, as chain 0) and cancellation.</param>
    /// <param name="settings">Which coordinates are log sds, sizes and limits; null for the defaults.</param>
    /// <returns>Weighted proposals with their checks. A sample that cannot be trusted is a value: <see cref="ImportanceRun.IsAccepted"/> is false and
    /// the reasons are named.</returns>
    /// <exception cref="ModelException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled before it had the least number of proposals; one cancelled later keeps the
    /// proposals it has.</exception>
    /// <exception cref="ArgumentException">There is no start, starts and densities do not agree on D, or a setting is out of range.</exception>
    /// <remarks>
    /// The same seed gives the same bits whatever the number of threads: random numbers are addressed by round and block of 64 proposals, scramblings
    /// by round and replicate. Allocates a few arrays of S (D + 2) numbers, nothing a proposal.
    /// </remarks>
    public static ImportanceRun Run(
        Func<int, ILogDensity> densityForWorker, double[][] starts, RunOptions options, ImportanceSettings? settings = null) =>
        Run(densityForWorker, starts, options, settings, null);

    public static ImportanceRun Run(
        Func<int, ILogDensity> densityForWorker, double[][] starts, RunOptions options, ImportanceSettings? settings, IProposalSink? sink)
    {
        ArgumentNullException.ThrowIfNull(densityForWorker);
        ArgumentNullException.ThrowIfNull(starts);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated();
        settings ??= ImportanceSettings.Default;
        var workers = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var densities = new ILogDensity[workers];
        for (var worker = 0; worker < workers; worker++)
            densities[worker] = densityForWorker(worker);
        var d = densities[0].Dimension;
        if (d < 1 || starts.Length == 0 || Array.Exists(starts, start => start.Length != d))
            throw new ArgumentException("There must be a start, and starts and densities must have one dimension, at least 1.", nameof(starts));
        settings.Validate(d);

        if (d > settings.MaximumDimension)
        {
            return Refused(d, options, 0, [], new(
                ImportanceRefusalCode.Dimension,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The density has {d} dimensions; importance sampling is reliable up to {settings.MaximumDimension}.")));
        }

        return Sample(densities, starts, options, settings, sink);
    }

    private static ImportanceRun Sample(
        ILogDensity[] densities, double[][] starts, RunOptions options, ImportanceSettings settings, IProposalSink? sink)
    {
        var d = densities[0].Dimension;
        var progress = new ProposalProgress(options.Progress, settings.AdaptiveRounds.Sum() + settings.MinimumProposals);
        if (sink is not null)
            sink.Evaluated = progress.Add;
        var search = new ModeSearch(densities[0], () =>
        {
            options.Cancellation.ThrowIfCancellationRequested();
            progress.Search();
        });
        if (FirstMixture.Of(search, starts, settings) is not { } mixture)
        {
            return Refused(d, options, search.Evaluations, [], new(
                ImportanceRefusalCode.NoMode,
                string.Create(CultureInfo.InvariantCulture, $"No search from {starts.Length} starts found a mode with a finite density and "
                    + $"curvature.")));
        }

        var efficiencies = ImmutableArray.CreateBuilder<double>();
        mixture = Adapt(mixture, densities, options, settings, progress, efficiencies);

        var draws = checked(options.Chains * options.Draws);
        for (var attempt = 1; ; attempt++)
        {
            var needed = Math.Max(Math.Max(settings.MinimumProposals, (double)settings.ProposalsPerDraw * draws), Margin * draws / efficiencies[^1]);
            if (!(needed <= settings.MaximumProposals))
            {
                return Refused(d, options, search.Evaluations + progress.Completed, efficiencies.ToImmutable(), new(
                    ImportanceRefusalCode.Inefficient,
                    string.Create(CultureInfo.InvariantCulture, $"One proposal adds {efficiencies[^1]:G3} to the ESS of the weights, so {draws} "
                        + $"draws need "
                        + $"{needed:F0} proposals; the limit is {settings.MaximumProposals}.")));
            }

            var layout = ProposalLayout.Of((int)needed, d, settings.Proposals);
            progress.Begin(layout.Count, sink is { EvaluatesDraws: true } ? draws : 0);
            var final = ProposalRound.Run(mixture, layout, efficiencies.Count, densities, options, progress.Add, sink, settings.MinimumProposals);
            efficiencies.Add(final.Ess / final.Count);
            var isCutShort = final.Count < layout.Count;
            if (isCutShort)
                draws = Math.Min(draws, final.Count / settings.ProposalsPerDraw);
            var checks = ImportanceChecks.Of(final, d, draws, settings);
            if (checks.Refusals.IsEmpty || attempt == Attempts || isCutShort)
                return Judged(final, d, checks, options, efficiencies.ToImmutable(), search.Evaluations + progress.Completed);
            mixture = MixtureRefit.Of(mixture.Split(ComponentsOfSecondAttempt), final, Passes);
        }
    }

    private static StudentMixture Adapt(
        StudentMixture mixture,
        ILogDensity[] densities,
        RunOptions options,
        ImportanceSettings settings,
        ProposalProgress progress,
        ImmutableArray<double>.Builder efficiencies)
    {
        var size = settings.AdaptiveRounds[0];
        for (var number = 0; number < settings.AdaptiveRounds.Length + ExtraRounds; number++)
        {
            var isExtra = number >= settings.AdaptiveRounds.Length;
            if (isExtra && efficiencies[^1] >= GoodEfficiency)
                break;
            size = isExtra ? 2 * size : settings.AdaptiveRounds[number];
            var round = ProposalRound.Run(mixture, ProposalLayout.Independent(size), number, densities, options, progress.Add);
            efficiencies.Add(round.Ess / round.Count);
            mixture = MixtureRefit.Of(number == 0 ? mixture.Split(ComponentsOfKind) : mixture, round, Passes);
        }

        return mixture;
    }

    private static ImportanceRun Judged(
        ProposalRound round, int dimension, ImportanceChecks checks, RunOptions options, ImmutableArray<double> efficiencies, long evaluations)
    {
        var weights = round.ErrorsOf();
        return new ImportanceRun(dimension, round.Positions, weights, options.Seed)
        {
            LogNormalizer = round.LogMean,
            LogNormalizerError = weights.McseLogMeanWeight(),
            ParetoK = checks.ParetoK,
            WeightEss = round.Ess,
            HalvesDifference = checks.HalvesDifference,
            Efficiencies = efficiencies,
            DensityEvaluations = evaluations,
            Refusals = checks.Refusals,
        };
    }

    private static ImportanceRun Refused(
        int dimension, RunOptions options, long evaluations, ImmutableArray<double> efficiencies, ImportanceRefusal refusal) =>
        new(
            dimension,
            [],
            new DrawWeights([], []),
            options.Seed)
        { DensityEvaluations = evaluations, Efficiencies = efficiencies, Refusals = [refusal] };
}
