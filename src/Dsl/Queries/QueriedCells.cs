using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;

namespace TypedPooling.Queries;

/// <summary>The cells of a source, that is, what all its queries are grouped by, and answers of further queries in the same order.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal sealed class QueriedCells<TRow>
{
    /// <summary>How much a query asks at most, with the number of rows: databases limit the columns of an answer.</summary>
    public const int MostAggregates = 500;

    private readonly GroupedQuery<TRow> query;
    private readonly Dictionary<object?[], int> numbers = new(LeafComparer.Instance);

    private QueriedCells(GroupedQuery<TRow> query, object?[][] leaves, long[] rows)
    {
        this.query = query;
        Leaves = leaves;
        Rows = rows;
        for (var cell = 0; cell < leaves.Length; cell++)
        {
            if (!numbers.TryAdd(leaves[cell], cell))
                throw ChangedMeanwhile();
        }
    }

    /// <summary>Number of cells.</summary>
    public int Count => Rows.Length;

    /// <summary>What each cell is grouped by, in ascending order.</summary>
    public object?[][] Leaves { get; }

    /// <summary>Number of rows of each cell, as the first query counted them.</summary>
    public long[] Rows { get; }

    /// <summary>Finds the cells by a first question.</summary>
    /// <param name="query">The grouped source.</param>
    /// <param name="aggregates">What is asked.</param>
    /// <returns>The cells, and the answers: for each cell those to all aggregates.</returns>
    public static async ValueTask<(QueriedCells<TRow> Cells, double?[][] Numbers)> Find(GroupedQuery<TRow> query, IReadOnlyList<Aggregate> aggregates)
    {
        var first = await query.Ask([.. aggregates.Take(MostAggregates - 1)]).ConfigureAwait(false);
        first.Sort((a, b) => LeafComparer.Instance.Compare(a.Leaves, b.Leaves));
        var cells = new QueriedCells<TRow>(query, [.. first.Select(group => group.Leaves)], [.. first.Select(group => group.Rows)]);
        double?[][] numbers = [.. first.Select(group => group.Numbers)];
        var rest = await cells.Ask([.. aggregates.Skip(MostAggregates - 1)]).ConfigureAwait(false);
        return (cells, [.. numbers.Zip(rest, (own, more) => (double?[])[.. own, .. more])]);
    }

    /// <summary>Asks the cells.</summary>
    /// <param name="aggregates">What is asked; as many queries as that needs.</param>
    /// <returns>For each cell the answers to all aggregates.</returns>
    /// <exception cref="ModelException">ChangedMeanwhile.</exception>
    public async ValueTask<double?[][]> Ask(IReadOnlyList<Aggregate> aggregates)
    {
        var numbers = new double?[Count][];
        for (var cell = 0; cell < Count; cell++)
            numbers[cell] = new double?[aggregates.Count];
        var at = 0;
        foreach (var chunk in aggregates.Chunk(MostAggregates - 1))
        {
            var answers = InOrder(await query.Ask(chunk).ConfigureAwait(false));
            for (var cell = 0; cell < Count; cell++)
                answers[cell].CopyTo(numbers[cell], at);
            at += chunk.Length;
        }

        return numbers;
    }

    /// <summary>Asks the cells about deviations from their own means, see <see cref="GroupedQuery{TRow}.AskAboutMeans"/>.</summary>
    /// <exception cref="ModelException">ChangedMeanwhile.</exception>
    public async ValueTask<double?[][]> AskAboutMeans(
        IReadOnlyList<(Expression Column, Expression? Weight)> columns,
        Func<Func<Expression, Expression>,
            IReadOnlyList<Expression>, IReadOnlyList<Aggregate>> aggregates) =>
        InOrder(await query.AskAboutMeans(columns, aggregates).ConfigureAwait(false));

    /// <summary>The refusal of answers that are not of the same rows.</summary>
    public static ModelException ChangedMeanwhile() => new(new Problem(
        ProblemCode.ChangedMeanwhile,
        "Two queries of one reading counted different rows: the table changed meanwhile.",
        "Run Query within a transaction whose isolation is snapshot (repeatable read in PostgreSQL), or on a copy of the table. "
            + "Where the table did not change, the database takes different keys for equal: use a binary collation for the keys."));

    private double?[][] InOrder(List<QueryGroup> groups)
    {
        if (groups.Count != Count)
            throw ChangedMeanwhile();
        var answers = new double?[Count][];
        foreach (var group in groups)
        {
            if (!numbers.TryGetValue(group.Leaves, out var cell) || Rows[cell] != group.Rows || answers[cell] is not null)
                throw ChangedMeanwhile();
            answers[cell] = group.Numbers;
        }

        return answers;
    }
}
