using System.Runtime.CompilerServices;
using TypedPooling.Draws;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>Draws of equal weight, made from weighted proposals by systematic resampling and put in random order. Immutable.</summary>
/// <remarks>
/// <para>
/// Proposal i appears floor(N w_i) times or once more. With f_i the fractional part of N w_i the resampling adds (1/N^2) sum f_i (1 - f_i) (h_i -
/// mean)^2 to the variance of a mean, since proposals come in random order: [Tille2006], section 7.4. So MCSE^2 = sum over proposals of (w_i^2 + f_i
/// (1 - f_i) / N^2) (h_i - mean)^2, which a sum over the draws estimates with the weights v = w / N + f (1 - f) / (N^3 w) of <see cref="Weights"/>.
/// </para>
/// <para>
/// Quasi-random proposals are put in random order first: the number of a Sobol point says where it lies, and a step of a fixed number of proposals
/// would choose from a part of the space. What their mean gains in accuracy is not counted: MCSE^2 is that of independent proposals, an upper bound,
/// since it is mostly the resampling's.
/// </para>
/// <para>
/// A quantity may hold further randomness, drawn for each draw given its position (a coefficient given the scales): the same v then bounds its error
/// from above, since w_i^2 + f_i (1 - f_i) / N^2 is never below w_i / N. Its ESS is never claimed too large.
/// </para>
/// </remarks>
internal sealed class ResampledDraws
{
    private readonly ImportanceRun run;
    private readonly int[] proposals;

    public ResampledDraws(ImportanceRun run, int count, PhiloxStream random)
    {
        this.run = run;
        proposals = run.Weights.ReplicateCount == 0
            ? Systematic(run.Weights.Weights, [], count, random.NextDouble())
            : Systematic(run.Weights.Weights, InRandomOrder(run.ProposalCount, random), count, random.NextDouble());
        Permute(proposals, random);

        var weights = new double[count];
        var errorWeights = new double[count];
        for (var d = 0; d < count; d++)
        {
            var weight = run.Weights.Weights[proposals[d]];
            var expected = count * weight;
            var fraction = expected - Math.Floor(expected);
            weights[d] = 1.0 / count;
            errorWeights[d] = (weight + fraction * (1 - fraction) / (count * expected)) / count;
        }

        Weights = new DrawWeights(weights, errorWeights);
    }

    /// <summary>Number of draws N.</summary>
    public int Count => proposals.Length;

    /// <summary>For each draw the number of the proposal it repeats, without a copy. Length N.</summary>
    public ReadOnlySpan<int> Proposals => proposals;

    /// <summary>Equal weights, with the error weights that count the resampling.</summary>
    public DrawWeights Weights { get; }

    /// <summary>One draw's position.</summary>
    /// <param name="draw">Number of the draw, from 0.</param>
    /// <returns>The unconstrained position, without a copy. Length D.</returns>
    public ReadOnlySpan<double> Position(int draw) => run.Position(proposals[draw]);

    private static int[] InRandomOrder(int count, PhiloxStream random)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++)
            order[i] = i;
        Permute(order, random);
        return order;
    }

    // One uniform number for all: the proposals whose cumulated N w pass start + 0, 1, 2, ..., in the order given, or as they come where there is
    // none.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] Systematic(ReadOnlySpan<double> weights, ReadOnlySpan<int> order, int count, double start)
    {
        var chosen = new int[count];
        var (cumulated, last, at) = (0.0, 0, 0);
        for (var place = 0; place < weights.Length && at < count; place++)
        {
            var i = order.IsEmpty ? place : order[place];
            if (!(weights[i] > 0))
                continue;
            (cumulated, last) = (cumulated + count * weights[i], i);
            while (at < count && start + at < cumulated)
                chosen[at++] = i;
        }

        // Rounding may leave the sum below N.
        while (at < count)
            chosen[at++] = last;
        return chosen;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Permute(int[] items, PhiloxStream random)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var other = (int)(random.NextDouble() * (i + 1));
            (items[i], items[other]) = (items[other], items[i]);
        }
    }
}
