using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Unpooled;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>No pooling, partial pooling and complete pooling of every level side by side.</summary>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <remarks>Thread-safe: any number of threads may read it at once.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class ShrinkageTable<TKey> : IJsonAnswer<ShrinkageTable<TKey>>, ITabular
{
    private readonly string factorName;

    private ShrinkageTable(
        string factorName,
        ImmutableArray<string> terms,
        ImmutableArray<LevelShrinkage<TKey>> levels,
        ImmutableArray<double> complete,
        ImmutableArray<double> population)
    {
        this.factorName = factorName;
        Terms = terms;
        Levels = levels;
        CompletePooling = complete;
        Population = population;
    }

    /// <summary>Names of the varying terms, the order of every list of coefficients here. Length q.</summary>
    public ImmutableArray<string> Terms { get; }

    /// <summary>A row a level, in order of first appearance.</summary>
    public ImmutableArray<LevelShrinkage<TKey>> Levels { get; }

    /// <summary>Least squares, or maximum likelihood, of all rows together, the grouping ignored; NaN where they do not determine a coefficient.
    /// Length q.</summary>
    public ImmutableArray<double> CompletePooling { get; }

    /// <summary>Posterior means of the population effects of the varying terms, towards which levels are pulled; 0 where the model has none. Length
    /// q.</summary>
    public ImmutableArray<double> Population { get; }

    /// <summary>The table as text. A pooling factor is 1 less an eigenvalue of the level's pooling matrix: 0 is the level's own rows only, 1 the
    /// population only. A line below the table says so.</summary>
    public override string ToString() => Printed().ToString();

    /// <summary>The table as <see cref="ToString"/> shows it.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => [Printed()];

    private PrintedTable Printed()
    {
        string[] header = [
            factorName, "rows", .. Terms.SelectMany(t => new[] { t + " none", "partial" }), Terms.Length == 1 ? "pooling factor" : "pooling factors"];
        var table = new TableBuilder(header);
        var decimals = Terms.Select((_, a) => Figures.Decimals(Spread(a))).ToArray();
        foreach (var level in Levels)
        {
            table.Add(
            [
                LevelIndex<TKey>.ToText(level.Key),
                level.Rows.ToString(CultureInfo.InvariantCulture),
                .. Terms.SelectMany((_, a) => new[]
                {
                    level.NoPooling is { } own ? Figures.Fixed(own[a], decimals[a]) : "-",
                    Figures.Fixed(level.PartialPooling[a], decimals[a]),
                }),
                string.Join(" ", level.PoolingEigenvalues.Select(w => Figures.Fixed(1 - w, 2))),
            ]);
        }

        table.Add(
            ["population", string.Empty, .. Terms.SelectMany(
                (_, a) => new[] { string.Empty, Figures.Fixed(Population[a], decimals[a]) }), string.Empty]);
        table.Add(
            ["complete pooling", string.Empty, .. Terms.SelectMany(
                (_, a) => new[] { string.Empty, Figures.Fixed(CompletePooling[a], decimals[a]) }), string.Empty]);
        return table.Build(notes: Terms.Length == 1
            ? "Pooling factor: 0 is the level's own rows only, 1 the population only."
            : $"Pooling factors, one for each of {Terms.Length} directions in which levels vary: 0 is the level's own rows only, 1 the population "
                + $"only.");
    }

    internal static ShrinkageTable<TKey> Of<TRow>(Fit<TRow> fit, int factor, LevelIndex<TKey> levels, Func<TKey, LevelFit<TRow>> levelOf)
    {
        IPoolingAnalysis analysis = fit.Bound switch
        {
            NormalBoundModel normal => PoolingAnalysis.Of(normal, fit.Posterior, factor),
            CellBoundModel cells => CellPoolingAnalysis.Of(cells, fit.Posterior, factor),
            _ => throw new NotSupportedException(),
        };
        var terms = fit.Spec.Factors[factor].Terms;
        var rows = ImmutableArray.CreateBuilder<LevelShrinkage<TKey>>(levels.Count);
        for (var j = 0; j < levels.Count; j++)
        {
            var level = levelOf(levels.Key(j));
            rows.Add(new LevelShrinkage<TKey>(
                levels.Key(j),
                analysis.Rows(j),
                analysis.NoPooling(j) is { } own ? [.. own] : null,
                [.. terms.Select(t => level.Coefficient(t.Name).Mean)],
                [.. analysis.PoolingMatrix(j)],
                [.. analysis.PoolingEigenvalues(j)]));
        }

        ImmutableArray<double> population = [
            .. terms.Select(t => TermLookup.FindPopulation(fit.Spec, t.Name) < 0 ? 0 : fit.Coefficient(t.Name).Mean)];
        return new ShrinkageTable<TKey>(
            fit.Spec.Factors[factor].Name, [.. terms.Select(t => t.Name)], rows.MoveToImmutable(), analysis.CompletePooling, population);
    }

    // How much the partial-pooling estimates differ sets the decimals.
    private double Spread(int a)
    {
        var values = Levels.Select(l => l.PartialPooling[a]).ToArray();
        var range = values.Max() - values.Min();
        return range > 0 ? range / 4 : Math.Abs(values[0]);
    }

    static ShrinkageTable<TKey> IJsonAnswer<ShrinkageTable<TKey>>.ReadFrom(JsonElement json) => new(
        json.Text("factor"),
        json.Texts("terms"),
        json.Answers<LevelShrinkage<TKey>>("levels"),
        json.Reals("completePooling"),
        json.Reals("population"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("factor", factorName);
        writer.WriteTexts("terms", Terms);
        writer.WriteAnswers("levels", Levels);
        writer.WriteReals("completePooling", CompletePooling);
        writer.WriteReals("population", Population);
        writer.WriteEndObject();
    }
}
