using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Engines;

/// <summary>How an engine is to run. Immutable; change one with <c>with</c>.</summary>
/// <remarks>Where draws are independent, <see cref="Chains"/> times <see cref="Draws"/> of them are made, and warmup, target acceptance and tree
/// depth have no meaning.</remarks>
public sealed record RunOptions
{
    internal const int MostChains = 1_000;
    private const int MostThreads = 1_000;

    // Of a chain and of all chains together. More would not tell more: the standard error of a mean is then below 1/3000 of an sd.
    internal const int MostDraws = 10_000_000;

    /// <summary>The defaults: 4 chains of 1,000 draws after 1,000 warmup draws.</summary>
    public static RunOptions Default { get; } = new();

    /// <summary>Seed of every random number of the run.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How what cannot be integrated is drawn.</summary>
    public SamplingMethod Sampling { get; init; } = SamplingMethod.Automatic;

    /// <summary>Number of chains, from 1 to 1,000.</summary>
    public int Chains { get; init; } = 4;

    /// <summary>Warmup draws a chain, used to adapt and then thrown away; from 20, so that a sampler can adapt, to 10,000,000.</summary>
    public int Warmup { get; init; } = 1000;

    /// <summary>Draws a chain that are kept, at least 4; at most 10,000,000 in all chains together.</summary>
    public int Draws { get; init; } = 1000;

    /// <summary>Acceptance rate the step size is adapted to, between 0 and 1: nearer to 1 means smaller steps and fewer divergences.</summary>
    public double TargetAcceptance { get; init; } = 0.8;

    /// <summary>Greatest depth of a trajectory's tree: at most 2^depth - 1 gradients a draw. From 1 to 20.</summary>
    public int MaximumTreeDepth { get; init; } = 10;

    /// <summary>Posterior probability of the intervals of the fit where none is named: in tables, in <c>Interval()</c>, and of likelihood profiles.
    /// Strictly between 0 and 1. It changes what is shown, never the draws.</summary>
    public double Probability { get; init; } = Posterior.DefaultProbability;

    /// <summary>Greatest number of threads, at most 1,000; 0 means as many as the machine has. Never changes a bit of the result.</summary>
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
        Check(Chains is >= 1 and <= MostChains, nameof(Chains), Chains, "a value from 1 to 1,000");
        Check(Warmup is >= 20 and <= MostDraws, nameof(Warmup), Warmup, "a value from 20 to 10,000,000");
        Check(Draws is >= 4 and <= MostDraws, nameof(Draws), Draws, "a value from 4 to 10,000,000");
        Check(TargetAcceptance is > 0 and < 1, nameof(TargetAcceptance), TargetAcceptance, "a value between 0 and 1");
        Check(MaximumTreeDepth is >= 1 and <= 20, nameof(MaximumTreeDepth), MaximumTreeDepth, "a value from 1 to 20");
        Check(Enum.IsDefined(Sampling), nameof(Sampling), (int)Sampling, "Automatic, Importance or Nuts");
        Check(Probability is > 0 and < 1, nameof(Probability), Probability, "a value strictly between 0 and 1, such as 0.89 or 0.95");
        Check(Threads is >= 0 and <= MostThreads, nameof(Threads), Threads, "0 (all) or a value up to 1,000");
        if (problems.Count == 0 && (long)Chains * Draws > MostDraws)
        {
            problems.Add(new Problem(
                ProblemCode.OptionOutOfRange,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Chains:N0} chains of {Draws:N0} draws make {(long)Chains * Draws:N0} draws; the limit is {MostDraws:N0}."),
                string.Create(CultureInfo.InvariantCulture, $"Use at most {MostDraws / Chains:N0} draws per chain."))
            { Term = nameof(Draws) });
        }

        return problems.Count == 0 ? this : throw new ModelException(problems);

        void Check(bool holds, string option, double value, string rule)
        {
            if (!holds)
            {
                problems.Add(new Problem(
                    ProblemCode.OptionOutOfRange,
                    string.Create(CultureInfo.InvariantCulture, $"{option} is {value}."),
                    $"Use {rule}.")
                { Term = option });
            }
        }
    }

    /// <summary>Checks every option, and that the draws of a model's population effects and scales can be held.</summary>
    /// <param name="spec">The model.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ModelException">An option is out of range, or the draws of all population effects or all scales together are more than an
    /// array can hold.</exception>
    public RunOptions Validated(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Validated();

        // Of a factor of q terms q^2 numbers a draw, its Cholesky factor, are the most that any engine keeps.
        var width = Math.Max(spec.Population.Length, 2 + spec.Factors.Sum(factor => (long)factor.Terms.Length * factor.Terms.Length));
        var most = Array.MaxLength / Math.Max(1, width) / Chains;
        if (Draws <= most)
            return this;
        throw new ModelException(new Problem(
            ProblemCode.OptionOutOfRange,
            string.Create(CultureInfo.InvariantCulture, $"{(long)Chains * Draws:N0} draws of {width:N0} numbers are more than an array holds."),
            string.Create(CultureInfo.InvariantCulture, $"Use at most {most:N0} draws per chain."))
        { Term = nameof(Draws) });
    }
}
