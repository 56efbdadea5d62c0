using System.Globalization;

namespace TypedPooling.Engines;

/// <summary>How an engine is to run. Immutable; change one with <c>with</c>.</summary>
/// <remarks>Where draws are independent, <see cref="Chains"/> times <see cref="Draws"/> of them are made, and warmup, target acceptance and tree depth have no meaning.</remarks>
public sealed record RunOptions
{
    /// <summary>The defaults: 4 chains of 1,000 draws after 1,000 warmup draws.</summary>
    public static RunOptions Default { get; } = new();

    /// <summary>Seed of every random number of the run.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How what cannot be integrated is drawn.</summary>
    public SamplingMethod Sampling { get; init; } = SamplingMethod.Automatic;

    /// <summary>Number of chains, at least 1.</summary>
    public int Chains { get; init; } = 4;

    /// <summary>Warmup draws a chain, used to adapt and then thrown away; at least 20 where a sampler adapts.</summary>
    public int Warmup { get; init; } = 1000;

    /// <summary>Draws a chain that are kept, at least 4.</summary>
    public int Draws { get; init; } = 1000;

    /// <summary>Acceptance rate the step size is adapted to, between 0 and 1: nearer to 1 means smaller steps and fewer divergences.</summary>
    public double TargetAcceptance { get; init; } = 0.8;

    /// <summary>Greatest depth of a trajectory's tree: at most 2^depth - 1 gradients a draw.</summary>
    public int MaximumTreeDepth { get; init; } = 10;

    /// <summary>Greatest number of threads; 0 means as many as the machine has. Never changes a bit of the result.</summary>
    public int Threads { get; init; }

    /// <summary>Told of progress from the threads of the run; null where nobody listens.</summary>
    public IProgress<RunProgress>? Progress { get; init; }

    /// <summary>Stops the run.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Checks every option.</summary>
    /// <returns>These options.</returns>
    /// <exception cref="ModelException">An option is out of range; all that are get named.</exception>
    public RunOptions Validated()
    {
        var problems = new List<Problem>();
        Check(Chains >= 1, nameof(Chains), Chains, "at least 1");
        Check(Warmup >= 20, nameof(Warmup), Warmup, "at least 20");
        Check(Draws >= 4, nameof(Draws), Draws, "at least 4");
        Check(TargetAcceptance is > 0 and < 1, nameof(TargetAcceptance), TargetAcceptance, "between 0 and 1");
        Check(MaximumTreeDepth is >= 1 and <= 20, nameof(MaximumTreeDepth), MaximumTreeDepth, "from 1 to 20");
        Check(Enum.IsDefined(Sampling), nameof(Sampling), (int)Sampling, "Automatic, Importance or Nuts");
        Check(Threads >= 0, nameof(Threads), Threads, "0 (all) or more");
        return problems.Count == 0 ? this : throw new ModelException(problems);

        void Check(bool holds, string option, double value, string rule)
        {
            if (!holds)
            {
                problems.Add(new Problem(
                    ProblemCode.OptionOutOfRange,
                    string.Create(CultureInfo.InvariantCulture, $"{option} is {value}."),
                    $"Set it to {rule}.")
                { Term = option });
            }
        }
    }
}
