using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Csv;
using TypedPooling.Draws;
using TypedPooling.Json;
using TypedPooling.Keys;

namespace TypedPooling;

/// <summary>Joint draws as columns by name: for data frames, for JSON, and for CSV files in the form of CmdStan. Immutable.</summary>
/// <remarks>
/// Rows of all columns are aligned: row s of each belongs to draw s, chain after chain. A column is copied when it is first asked for; a CSV file
/// needs all of them at once, 8 bytes a draw and column. Thread-safe: any number of threads may read it at once.
/// </remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class DrawColumns : IJsonAnswer
{
    private readonly Posterior posterior;
    private readonly string model;
    private readonly DrawBlock[] blocks;
    private readonly int firstChain;
    private readonly Dictionary<string, Lazy<ImmutableArray<double>>> columns;

    internal DrawColumns(Posterior posterior, string model, params DrawBlock[] blocks)
        : this(posterior, model, blocks, 0, posterior.ChainCount)
    {
    }

    private DrawColumns(Posterior posterior, string model, DrawBlock[] blocks, int firstChain, int chainCount)
    {
        (this.posterior, this.model, this.blocks, this.firstChain, ChainCount) = (posterior, model, blocks, firstChain, chainCount);
        DrawsPerChain = posterior.DrawsPerChain;
        columns = new(StringComparer.Ordinal);
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var block in blocks)
        {
            for (var i = 0; i < block.ParameterCount; i++)
            {
                var (from, index) = (block, i);
                var name = block.Parameter(i).Name;
                names.Add(name);
                if (columns.TryAdd(name, new(() => Copy(from, index))))
                    continue;
                throw new ModelException(new Problem(
                    ProblemCode.NameNeeded, $"Two columns of draws are called '{name}'.", "Use keys whose printed texts differ.")
                { Term = name });
            }
        }

        Names = names.ToImmutable();
    }

    /// <summary>Names of the columns: those of the summary table, or of varying effects, <c>Cafe[Blue Door, Intercept]</c>.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Number of chains. Draws that are independent are split into as many parts of equal length.</summary>
    public int ChainCount { get; }

    /// <summary>Number of draws of each chain.</summary>
    public int DrawsPerChain { get; }

    /// <summary>Number of draws over all chains: the length of each column.</summary>
    public int DrawCount => ChainCount * DrawsPerChain;

    /// <summary>A column by name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>The draws, chain after chain. Length <see cref="DrawCount"/>.</returns>
    /// <exception cref="ModelException">No column has the name.</exception>
    public ImmutableArray<double> this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            return columns.TryGetValue(name, out var column)
                ? column.Value
                : throw new ModelException(new Problem(
                    ProblemCode.UnknownTerm, $"No column of draws is called '{name}'.", "Ask for a name in Names.")
                { Term = name });
        }
    }

    /// <summary>The columns of one chain.</summary>
    /// <param name="chain">Number of the chain, from 1, as CmdStan counts.</param>
    /// <returns>Columns of <see cref="DrawsPerChain"/> draws.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chain.</exception>
    public DrawColumns Chain(int chain)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chain, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chain, ChainCount);
        return new(posterior, model, blocks, firstChain + chain - 1, 1);
    }

    /// <summary>Writes the draws to a file, as <see cref="WriteCsv(TextWriter)"/> does, in UTF-8.</summary>
    /// <param name="path">Path of the file; one that is there is replaced.</param>
    public void WriteCsv(string path)
    {
        using var writer = CsvText.Create(path);
        WriteCsv(writer);
    }

    /// <summary>Writes the draws as CSV in the form of CmdStan: lines of comment that begin with <c>#</c>, a line of names, a line a draw.</summary>
    /// <param name="writer">Written to, and left open.</param>
    /// <remarks>
    /// Where the draws come from Nuts, the columns <c>lp__</c>, <c>accept_stat__</c>, <c>stepsize__</c>, <c>treedepth__</c>, <c>n_leapfrog__</c> and
    /// <c>divergent__</c> come first. The draws of several chains begin each line with <c>.chain</c>, <c>.iteration</c> and <c>.draw</c>, by which
    /// the R package posterior knows chains. Write <see cref="Chain"/> by chain where a reader wants one file a chain, as CmdStan writes them. Names
    /// with a comma stand in quotes. Numbers are in the invariant culture and give the same bits back; NaN and infinities are <c>NaN</c>,
    /// <c>Inf</c> and <c>-Inf</c>.
    /// </remarks>
    public void WriteCsv(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        foreach (var line in Header())
            writer.Write($"# {KeyText.Printed(line)}\n");
        var values = Names.Select(name => this[name]).ToArray();
        (string Name, Func<int, double> Value)[] sampler = posterior.Sampler is { } statistics ? Sampler(statistics) : [];
        string[] place = ChainCount > 1 ? [".chain", ".iteration", ".draw"] : [];
        writer.Write(string.Join(',', [.. place, .. sampler.Select(column => column.Name), .. Names.Select(CsvText.Text)]));
        writer.Write('\n');
        for (var s = 0; s < DrawCount; s++)
        {
            var separator = string.Empty;
            if (ChainCount > 1)
            {
                var (chain, iteration) = (s / DrawsPerChain + 1, s % DrawsPerChain + 1);
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{chain},{iteration},{s + 1}"));
                separator = ",";
            }

            foreach (var column in sampler)
                Write(column.Value(firstChain * DrawsPerChain + s));
            foreach (var column in values)
                Write(column[s]);
            writer.Write('\n');

            void Write(double value)
            {
                writer.Write(separator);
                writer.Write(CsvText.Number(value));
                separator = ",";
            }
        }
    }

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var name in Names)
            writer.WriteReals(name, this[name]);
        writer.WriteEndObject();
    }

    private IEnumerable<string> Header()
    {
        yield return "Draws by TypedPooling";
        yield return $"model = {model}";
        yield return $"engine = {posterior.Engine}";
        yield return "draws are " + posterior switch
        {
            { Point: not null } => "of the normal approximation of a point estimate",
            { Exactness: Exactness.Approximate } => "of an approximation of the posterior",
            { DrawKind: DrawKind.Independent } => "independent",
            _ => "of Markov chains",
        };
        yield return string.Create(CultureInfo.InvariantCulture, $"num_chains = {ChainCount}");
        yield return string.Create(CultureInfo.InvariantCulture, $"num_samples = {DrawsPerChain}");
        if (ChainCount == 1)
            yield return string.Create(CultureInfo.InvariantCulture, $"id = {firstChain + 1}");
        yield return string.Create(CultureInfo.InvariantCulture, $"seed = {posterior.Seed}");
        foreach (var warning in posterior.Warnings)
            yield return $"warning: {warning.Message}";
    }

    // By number of the draw over all chains of the posterior.
    private (string Name, Func<int, double> Value)[] Sampler(SamplerStatistics statistics) =>
    [
        ("lp__", s => statistics.LogDensity[s]),
        ("accept_stat__", s => statistics.AcceptanceRate[s]),
        ("stepsize__", s => statistics.StepSize[s / DrawsPerChain]),
        ("treedepth__", s => statistics.TreeDepth[s]),
        ("n_leapfrog__", s => statistics.Leapfrogs[s]),
        ("divergent__", s => statistics.Divergent[s] ? 1 : 0),
    ];

    private ImmutableArray<double> Copy(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return ImmutableCollectionsMarshal.AsImmutableArray(
            DrawCount == draws.Length ? draws : draws.AsSpan(firstChain * DrawsPerChain, DrawCount).ToArray());
    }
}
