using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using TypedPooling.Binding;
using TypedPooling.Data;

namespace TypedPooling.Queries;

/// <summary>The levels of categorical predictors and their rows in each cell, counted by the database, in ascending order.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal sealed class CategoryLevels<TRow>
{
    private readonly List<(int Category, object?[] Leaves, long[] Rows)> indicators = [];

    private CategoryLevels(LevelTable[] tables) => Tables = tables;

    /// <summary>The levels by category.</summary>
    public LevelTable[] Tables { get; }

    /// <summary>Counts levels.</summary>
    /// <exception cref="ModelException">A level is null in some rows; the table changed meanwhile.</exception>
    public static async ValueTask<CategoryLevels<TRow>> Find(
        QueryShape<TRow> shape, IQueryable<TRow> rows, QueriedCells<TRow> cells, QueryRunner runner)
    {
        var found = new CategoryLevels<TRow>(shape.Plan.Reader.NewIndexes()[shape.Plan.FactorCount..]);
        var numbers = new Dictionary<object?[], int>(LeafComparer.Instance);
        for (var cell = 0; cell < cells.Count; cell++)
            numbers.Add(cells.Leaves[cell], cell);
        var faults = new RowFaultsWorkspace { HasNumbers = false };
        for (var c = 0; c < shape.Categories.Length; c++)
        {
            var key = shape.Categories[c];
            int[] leaves = [.. Enumerable.Range(0, shape.FactorLeafCount).Union(key.Leaves)];
            var query = GroupedQuery<TRow>.Of(rows, shape.Row, [.. leaves.Select(leaf => shape.Leaves[leaf])], runner);
            var counts = new SortedDictionary<object?[], long[]>(LeafComparer.Instance);
            var seen = new long[cells.Count];
            foreach (var group in await query.Ask([]).ConfigureAwait(false))
            {
                var all = new object?[shape.Leaves.Count];
                for (var i = 0; i < leaves.Length; i++)
                    all[leaves[i]] = group.Leaves[i];
                if (key.Of(all) is null)
                {
                    faults.Rows = group.Rows;
                    faults.NullKey(key.Selector.Name, 0);
                    continue;
                }

                if (!numbers.TryGetValue(all[..shape.FactorLeafCount], out var cell))
                    throw QueriedCells<TRow>.ChangedMeanwhile();
                object?[] own = [.. key.Leaves.Select(leaf => all[leaf])];
                if (!counts.TryGetValue(own, out var byCell))
                    counts.Add(own, byCell = new long[cells.Count]);
                byCell[cell] += group.Rows;
                seen[cell] += group.Rows;
            }

            if (!faults.HasAny && !seen.AsSpan().SequenceEqual(cells.Rows))
                throw QueriedCells<TRow>.ChangedMeanwhile();
            foreach (var (own, byCell) in counts)
            {
                var all = new object?[shape.Leaves.Count];
                for (var i = 0; i < own.Length; i++)
                    all[key.Leaves[i]] = own[i];
                key.Selector.NumberOf(found.Tables[c], key.Of(all));
                found.indicators.Add((c, own, byCell));
            }
        }

        faults.ThrowIfAny(cells.Rows.Sum());
        return found;
    }

    /// <summary>The indicators of all levels. Nothing is taken off them: sums of zeros and ones are exact.</summary>
    public IEnumerable<Measure> Indicators(QueryShape<TRow> shape, QueriedCells<TRow> cells)
    {
        foreach (var (category, own, byCell) in indicators)
        {
            double?[] constants = [.. byCell.Select((rows, cell) => rows == 0 ? 0 : rows == cells.Rows[cell] ? 1 : (double?)null)];
            yield return new(
                Expression.Condition(IsLevel(shape, category, own), Expression.Constant(1.0), Expression.Constant(0.0)), 0, constants);
        }
    }

    /// <summary>How many rows are at each level where levels are compared, as indicators compare them, and not grouped by.</summary>
    public IEnumerable<Aggregate> Counts(QueryShape<TRow> shape) =>
        indicators.Select(indicator => Aggregate.Count(IsLevel(shape, indicator.Category, indicator.Leaves)));

    /// <summary>Throws where a comparison found other rows of a level than the grouping.</summary>
    /// <param name="shape">The terms.</param>
    /// <param name="counts">For each cell the answers to <see cref="Counts"/>.</param>
    /// <exception cref="ModelException">CollationConflict.</exception>
    public void ThrowIfOtherRows(QueryShape<TRow> shape, IReadOnlyList<ReadOnlyMemory<double?>> counts)
    {
        foreach (var (i, (category, own, byCell)) in indicators.Index())
        {
            var compared = counts.Select(cell => (long)(cell.Span[i] ?? 0)).ToArray();
            if (!compared.AsSpan().SequenceEqual(byCell))
                throw LevelSpellings<TRow>.Compared(shape.Categories[category].Selector.Name, own, byCell.Sum(), compared.Sum());
        }
    }

    private static Expression IsLevel(QueryShape<TRow> shape, int category, object?[] own) =>
        shape.Categories[category].Leaves.Select(leaf => shape.Leaves[leaf])
            .Zip(own, (part, value) => (Expression)Expression.Equal(part, Parameter(value, part.Type)))
            .Aggregate(Expression.AndAlso);

    // A parameter of the level's own type, as a captured variable is.
    private static Expression Parameter(object? value, Type type) => Expression.Field(
        Expression.Constant(Activator.CreateInstance(typeof(Captured<>).MakeGenericType(type), value)), nameof(Captured<>.Value));
}
