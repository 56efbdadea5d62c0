using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>The estimates of a parametric bootstrap, replicate by replicate. Immutable.</summary>
/// <typeparam name="TRow">Type of the rows of the fit.</typeparam>
/// <remarks>Thread-safe: any number of threads may read it at once.</remarks>
public sealed class BootstrapSample<TRow> : ITabular
{
    private readonly Fit<TRow> fit;
    private readonly Posterior replicates;

    internal BootstrapSample(Fit<TRow> fit, BootstrapRun run)
    {
        this.fit = fit;
        replicates = run.Replicates;
        (SingularCount, FailedCount) = (run.SingularCount, run.FailedCount);
        Table = new SummaryTable(
            Parameters(replicates).Select(entry => (entry.Parameter, Quantity(entry.Block, entry.Index))), replicates.Probability);
    }

    /// <summary>Number of replicates with estimates: those asked for less <see cref="FailedCount"/>.</summary>
    public int Count => replicates.DrawCount;

    /// <summary>Number of replicates, among <see cref="Count"/>, with an estimate on the boundary: an sd of 0, a correlation of 1, an infinite
    /// shape.</summary>
    public int SingularCount { get; }

    /// <summary>Number of replicates that are left out since their likelihood has no maximum that the search reached, for example because the
    /// simulated responses are separated. Where there are many, intervals tell of the others only.</summary>
    public int FailedCount { get; }

    /// <summary>Mean, sd and interval of every parameter's estimates over the replicates.</summary>
    public SummaryTable Table { get; }

    /// <summary>The estimates of one parameter: its sd is the bootstrap standard error, its quantiles the percentile interval.</summary>
    /// <param name="quantity">A population effect or a scale of the fit that the bootstrap is of.</param>
    /// <returns>A quantity whose draws are the estimates. A correlation of an effect whose sd is estimated as 0 counts as 0.</returns>
    /// <exception cref="ModelException">The quantity is no parameter of that fit's table.</exception>
    public Quantity Of(Quantity quantity)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        var parameter = fit.ParameterOf(quantity);
        var (_, block, index) = Parameters(replicates).First(entry => entry.Parameter == parameter);
        return Quantity(block, index);
    }

    /// <summary>The table of estimates over the replicates.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => Table.ToTables();

    /// <summary>A line on the replicates, and the table.</summary>
    public override string ToString() => new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"Parametric bootstrap, seed {replicates.Seed}: ").AppendLine(replicates.SamplingReason)
        .AppendLine()
        .Append(Table)
        .ToString();

    private static IEnumerable<(Parameter Parameter, DrawBlock Block, int Index)> Parameters(Posterior replicates) =>
        new[] { replicates.Population, replicates.Scales }.SelectMany(
            block => Enumerable.Range(0, block.ParameterCount).Select(i => (block.Parameter(i), block, i)));

    private Quantity Quantity(DrawBlock block, int index) => new(block.Parameter(index).Name, replicates, () =>
    {
        var copy = new double[block.DrawCount];
        block.CopyDraws(index, copy);
        return copy;
    });
}
