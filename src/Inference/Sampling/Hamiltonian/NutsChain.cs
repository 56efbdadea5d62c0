using System.Diagnostics;
using System.Globalization;
using TypedPooling.Engines;
using TypedPooling.Inference.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>One chain: start, warmup, draws. Everything it needs is allocated when it is made.</summary>
internal sealed class NutsChain
{
    // How often a start where the density is not finite is moved, and by how much at most (Stan's radius), halved four times in turn.
    public const int StartAttempts = 100;
    private const double StartRadius = 2;

    // Bounds of the search for a first step size: beyond them the density is flat or not continuous. Upper one: [StanReference].
    private const double GreatestStepSize = 1e7;
    private const double SmallestStepSize = 1e-300;

    private readonly int number;
    private readonly int dimension;
    private readonly RunOptions options;
    private readonly PhiloxStream random;
    private readonly Metric metric;
    private readonly CovarianceWorkspace covariance;
    private readonly Integrator integrator;
    private readonly NutsTransition transition;
    private readonly PhasePoint state;
    private readonly PhasePoint trial;
    private readonly ChainResult result;

    public NutsChain(int number, ILogDensity density, RunOptions options, NutsSettings settings)
    {
        this.number = number;
        this.options = options;
        dimension = density.Dimension;
        random = RandomAddresses.Chain(options.Seed, number);
        var isDense = settings.IsDense(dimension);
        metric = new(dimension, isDense);
        covariance = new(dimension, isDense);
        integrator = new(density, metric);
        transition = new(integrator, random, dimension, options.MaximumTreeDepth, settings.DivergenceThreshold);
        state = new(dimension);
        trial = new(dimension);
        result = new(dimension, options.Draws);
    }

    /// <summary>Runs the chain to its end or to cancellation.</summary>
    public ChainResult Run(ReadOnlySpan<double> initialPosition)
    {
        var clock = Stopwatch.StartNew();
        Start(initialPosition);
        Warmup();
        result.WarmupTime = clock.Elapsed;
        Sample();
        result.SamplingTime = clock.Elapsed - result.WarmupTime;
        result.Evaluations = integrator.Evaluations;
        return result;
    }

    private void Start(ReadOnlySpan<double> initialPosition)
    {
        var position = Lanes.AsNumbers(state.Position, dimension);
        initialPosition.CopyTo(position);
        for (var attempt = 0; attempt < StartAttempts; attempt++)
        {
            integrator.Evaluate(state);
            if (double.IsFinite(state.LogDensity) && double.IsFinite(Lanes.SquaredNorm(state.Gradient)))
                return;

            var radius = StartRadius / (1 << (attempt % 5));
            for (var i = 0; i < dimension; i++)
                position[i] = initialPosition[i] + (radius * ((2 * random.NextDouble()) - 1));
        }

        throw new ModelException(new Problem(
            ProblemCode.ImproperPosterior,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The log density or its gradient is not finite at the start of chain {number + 1}, nor at {StartAttempts - 1} points around it."),
            "Start the chain where the density is positive, or check that priors and data do not contradict each other."));
    }

    private void Warmup()
    {
        var windows = AdaptationWindows.Of(options.Warmup);
        var adaptation = new StepSizeAdaptation(options.TargetAcceptance);
        adaptation.Restart(FirstStepSize(1));
        var window = 0;
        for (var draw = 0; draw < options.Warmup && !options.Cancellation.IsCancellationRequested; draw++)
        {
            var info = transition.Run(state, adaptation.Current);
            adaptation.Learn(info.AcceptanceRate);
            Report(draw + 1, isWarmup: true);
            if (draw < windows.Start || window == windows.Ends.Length)
                continue;

            covariance.Add(Lanes.AsNumbers(state.Position, dimension));
            if (draw + 1 == windows.Ends[window])
            {
                window++;
                metric.SetCovariance(covariance.Regularized());
                covariance.Restart();
                integrator.Evaluate(state); // the gradient moves to the new metric's coordinates
                adaptation.Restart(FirstStepSize(adaptation.Current));
            }
        }

        result.StepSize = adaptation.Averaged;
    }

    private void Sample()
    {
        for (var draw = 0; draw < options.Draws && !options.Cancellation.IsCancellationRequested; draw++)
        {
            var info = transition.Run(state, result.StepSize);
            Lanes.AsNumbers(state.Position, dimension).CopyTo(result.Positions.AsSpan(draw * dimension));
            result.LogDensity[draw] = state.LogDensity;
            result.Energy[draw] = info.Energy;
            result.AcceptanceRate[draw] = info.AcceptanceRate;
            result.Divergent[draw] = info.IsDivergent;
            result.TreeDepth[draw] = info.Depth;
            result.Leapfrogs[draw] = info.Leapfrogs;
            result.Completed = draw + 1;
            Report(options.Warmup + draw + 1, isWarmup: false);
        }
    }

    // Doubles or halves until the acceptance of a single step crosses 0.8: [HoffmanGelman2014], algorithm 4, with Stan's threshold.
    private double FirstStepSize(double stepSize)
    {
        const double LogThreshold = -0.22314355131420976; // log 0.8
        var grows = LogAcceptanceOfOneStep(stepSize) > LogThreshold;
        while (true)
        {
            var next = grows ? 2 * stepSize : 0.5 * stepSize;
            if (next is > GreatestStepSize or < SmallestStepSize)
            {
                throw new ModelException(new Problem(
                    ProblemCode.ImproperPosterior,
                    grows
                        ? "The log density is too flat: even the largest step is accepted."
                        : "The log density is too rough: even the smallest step is rejected.",
                    grows
                        ? "Give every parameter a proper prior, or data that inform it."
                        : "Check that priors and data do not contradict each other, and start the chain elsewhere."));
            }

            var isAbove = LogAcceptanceOfOneStep(next) > LogThreshold;

            // The last step that was still accepted when growing; the first one that is when shrinking.
            if (grows && !isAbove)
                return stepSize;
            stepSize = next;
            if (!grows && isAbove)
                return stepSize;
        }
    }

    private double LogAcceptanceOfOneStep(double stepSize)
    {
        trial.CopyFrom(state);
        transition.DrawMomentum(trial);
        var energy = trial.Energy;
        integrator.Step(trial, stepSize);
        return energy - trial.Energy; // NaN compares as not accepted
    }

    private void Report(int completed, bool isWarmup)
    {
        if (options.Progress is { } progress
            && (completed % Math.Clamp((options.Warmup + options.Draws) / 100, 1, 100) == 0 || completed == options.Warmup
                || completed == options.Warmup + options.Draws))
            progress.Report(new(number, completed, options.Warmup + options.Draws, isWarmup));
    }
}
