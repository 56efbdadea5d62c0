namespace TypedPooling.Randomness;

/// <summary>Where every random number of the library comes from: which stream of a seed, or which hash, serves which purpose. All are named here, so
/// that no two purposes share numbers unseen.</summary>
/// <remarks>
/// <para>Streams (<see cref="PhiloxStream"/>) are numbered below 2^63. Hashes address <see cref="PhiloxNormals"/> and <see cref="PhiloxUniforms"/> by
/// draw; they never share bits with a stream.</para>
/// <list type="table">
/// <listheader><term>purpose</term><description>stream under the seed of the run</description></listheader>
/// <item><term><see cref="Chain"/></term><description>number of the chain, from 0</description></item>
/// <item><term><see cref="Approximation"/></term><description>0: a run that approximates has no chains</description></item>
/// <item><term><see cref="BootstrapReplicate"/></term><description>number of the replicate, from 0: a bootstrap has no chains</description></item>
/// <item><term><see cref="Starts"/></term><description>2^40</description></item>
/// <item><term><see cref="QuadratureProbes"/></term><description>2^40 + 1, under seed 0: probes do not depend on the run</description></item>
/// <item><term><see cref="Folds"/></term><description>2^40 + 2</description></item>
/// <item><term><see cref="Subsample"/></term><description>2^40 + 3</description></item>
/// <item><term><see cref="Resampling"/></term><description>2^41 - 1</description></item>
/// <item><term><see cref="ProposalBlock"/></term><description>2^41 + 2^32 round + block; rounds below 512, blocks below 2^31</description></item>
/// <item><term><see cref="FirstScrambling"/></term><description>2^41 + 2^32 round + 2^31 + replicate</description></item>
/// <item><term><see cref="PriorDraw"/></term><description>2^42 + number of the draw</description></item>
/// <item><term><see cref="NewObservation(ulong, ulong, int)"/></term><description>number of the draw, under the seed xor the row's
/// <see cref="Noise"/>: a seed of the row's own</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>purpose</term><description>hash, with the number of the draw under the seed of the run</description></listheader>
/// <item><term><see cref="PopulationEffects"/></term><description>of a text that begins with a null character</description></item>
/// <item><term><see cref="Level"/></term><description>of the key's text: the level of the only grouping factor</description></item>
/// <item><term><see cref="LevelOf"/></term><description>of the factor's name, a null character and the key's text: with several
/// factors</description></item>
/// <item><term><see cref="NumberedLevel"/></term><description>that of the key's text moved by the factor's number: with one factor equal to
/// <see cref="Level"/></description></item>
/// <item><term><see cref="PriorLevel"/>, <see cref="NewLevel"/>, <see cref="Noise"/>, <see cref="ResidualShare"/>, <see cref="OtherRows"/>
/// </term><description>of texts that begin with a null character and the purpose; a residual's with draw 0</description></item>
/// </list>
/// <para>
/// <see cref="Chain"/>, <see cref="Approximation"/> and <see cref="BootstrapReplicate"/> share streams, and so does what different engines use for
/// one purpose: two runs of one seed are not independent of each other. A level whose key has a text with a null character can have the hash of
/// another purpose; texts of keys are data, and such keys do not occur by chance.
/// </para>
/// </remarks>
internal static class RandomAddresses
{
    /// <summary>Names how draws follow from a seed, in files. It changes where a seed gives other draws than before: other streams or addresses, or
    /// another way to make numbers or effects from them.</summary>
    public const string Scheme = "1";

    private const ulong StartStream = 1UL << 40;
    private const ulong ProbeStream = StartStream + 1;
    private const ulong FoldStream = StartStream + 2;
    private const ulong SubsampleStream = StartStream + 3;
    private const ulong FirstProposalStream = 1UL << 41;
    private const ulong ResamplingStream = FirstProposalStream - 1;
    private const ulong FirstPriorStream = 1UL << 42;

    // Streams of a round: blocks have the first 2^31, scramblings of replicates the others.
    private const int LogStreamsOfRound = 32;
    private const ulong FirstScramblingOfRound = 1UL << 31;

    // 2^64 divided by the golden ratio: multiples of it are far apart.
    private const ulong FactorStep = 0x9E3779B97F4A7C15;

    /// <summary>Population effects of a draw, given its scales.</summary>
    public static readonly ulong PopulationEffects = StableHash.Of("\0population effects");

    /// <summary>The numbers of a Markov chain.</summary>
    public static PhiloxStream Chain(ulong seed, int chain) => new(seed, (ulong)chain);

    /// <summary>Scales (and population effects, where those are not addressed) drawn from an approximation or a point's neighbourhood, draw after
    /// draw.</summary>
    public static PhiloxStream Approximation(ulong seed) => new(seed, 0);

    /// <summary>Responses of a parametric bootstrap.</summary>
    public static PhiloxStream BootstrapReplicate(ulong seed, int replicate) => new(seed, (ulong)replicate);

    /// <summary>Where chains and searches start, one start after the other.</summary>
    public static PhiloxStream Starts(ulong seed) => new(seed, StartStream);

    /// <summary>Points at which rules of quadrature are compared before a run.</summary>
    public static PhiloxStream QuadratureProbes() => new(0, ProbeStream);

    /// <summary>Which rows or levels belong to which fold of a cross-validation, one number each.</summary>
    public static PhiloxStream Folds(ulong seed) => new(seed, FoldStream);

    /// <summary>Which rows are left out where only some are, one number each.</summary>
    public static PhiloxStream Subsample(ulong seed) => new(seed, SubsampleStream);

    /// <summary>Which proposals become draws, and their order.</summary>
    public static PhiloxStream Resampling(ulong seed) => new(seed, ResamplingStream);

    /// <summary>Proposals of an importance sampler.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="round">Number of the round, from 0.</param>
    /// <param name="block">Number of the block of proposals in the round, from 0.</param>
    public static PhiloxStream ProposalBlock(ulong seed, int round, int block) => new(seed, RoundStream(round) + (ulong)block);

    /// <summary>Number of the stream that scrambles the first replicate of a round's quasi-random points; the next replicates have the next
    /// streams.</summary>
    public static ulong FirstScrambling(int round) => RoundStream(round) + FirstScramblingOfRound;

    /// <summary>Parameters drawn from their prior, and then what is simulated from them.</summary>
    public static PhiloxStream PriorDraw(ulong seed, int draw) => new(seed, FirstPriorStream + (ulong)draw);

    /// <summary>A new observation of a predicted row, where a draw takes more numbers than one normal.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="noise">The row's <see cref="Noise"/>.</param>
    /// <param name="draw">Number of the draw.</param>
    public static PhiloxStream NewObservation(ulong seed, ulong noise, int draw) => new(seed ^ noise, (ulong)draw);

    /// <summary>A stream that is to become that of one new observation after the other.</summary>
    public static PhiloxStream Observations() => new(0, 0);

    /// <summary>Makes a stream that of a new observation: <see cref="NewObservation(ulong, ulong, int)"/>, without a new object.</summary>
    /// <param name="stream">Becomes that stream.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="noise">The row's <see cref="Noise"/>.</param>
    /// <param name="draw">Number of the draw.</param>
    public static void NewObservation(PhiloxStream stream, ulong seed, ulong noise, int draw) => stream.Restart(seed ^ noise, (ulong)draw);

    /// <summary>Varying effects of a level of the only grouping factor.</summary>
    public static ulong Level(string text) => StableHash.Of(text);

    /// <summary>Varying effects of a level where there are several factors, which may have equal keys.</summary>
    public static ulong LevelOf(string factor, string text) => StableHash.Of($"{factor}\0{text}");

    /// <summary>The same by number of the factor.</summary>
    public static ulong NumberedLevel(int factor, string text) => StableHash.Of(text) + (ulong)factor * FactorStep;

    /// <summary>Varying effects of a level simulated from the prior.</summary>
    public static ulong PriorLevel(string factor, string text) => StableHash.Of($"\0prior\0{factor}\0{text}");

    /// <summary>Varying effects of a level that was not among the data.</summary>
    public static ulong NewLevel(string factor, string text) => StableHash.Of($"\0new\0{factor}\0{text}");

    /// <summary>Residual noise of a predicted row.</summary>
    /// <param name="levels">Kind and text of the row's level of each factor, joined by null characters.</param>
    /// <param name="numbers">All else that the prediction sees of the row, as text.</param>
    public static ulong Noise(string levels, ReadOnlySpan<char> numbers) => StableHash.Of($"\0noise\0{levels}\0{numbers}");

    /// <summary>The share of the probability of a discrete response that its quantile residual counts as below it.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="noise">The row's <see cref="Noise"/>.</param>
    /// <returns>Uniform, strictly between 0 and 1.</returns>
    public static double ResidualShare(ulong seed, ulong noise) => new PhiloxUniforms(seed, 0, ResidualHash(noise)).Next();

    /// <summary>Which effects a level has given its other rows, where a row is left out: with the number of the draw.</summary>
    /// <param name="noise">The row's <see cref="Noise"/>.</param>
    public static ulong OtherRows(ulong noise) => StableHash.Of(FormattableString.Invariant($"\0others\0{noise}"));

    /// <summary>What addresses <see cref="ResidualShare"/>.</summary>
    public static ulong ResidualHash(ulong noise) => StableHash.Of(FormattableString.Invariant($"\0residual\0{noise}"));

    private static ulong RoundStream(int round) => FirstProposalStream + ((ulong)round << LogStreamsOfRound);
}
