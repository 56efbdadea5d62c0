using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using TypedPooling.Binding;
using TypedPooling.Selectors;

namespace TypedPooling.Queries;

/// <summary>Cells of rows by a database: what a response that is not Normal needs, grouped where the rows are.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>One query, grouped by all keys and all columns, counts equal rows. Each of its groups is then read as a row that stands for so
/// many. One more for a key of text counts levels that look alike, see <see cref="LevelSpellings{TRow}"/>.</remarks>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal sealed class CellsQuery<TRow>(ReadingPlan<TRow> plan, IQueryable<TRow> source, QueryRunner runner)
{
    private readonly QueryShape<TRow> shape = new(plan);

    /// <summary>Runs the query.</summary>
    /// <param name="workspace">An empty workspace of the model.</param>
    /// <exception cref="ModelException">Values that the model cannot use, with their number.</exception>
    public async ValueTask<CollapsedRows> Run(CollapsingWorkspace<TRow> workspace)
    {
        var keyCount = shape.Leaves.Count;
        Expression[] leaves = [.. shape.Leaves, .. shape.Columns.Select(QueryColumn.Lifted)];
        var groups = await GroupedQuery<TRow>.Of(source, shape.Row, leaves, runner).Ask([]).ConfigureAwait(false);
        groups.Sort((a, b) => LeafComparer.Instance.Compare(a.Leaves, b.Leaves));
        ThrowIfNull(groups);
        var values = new double[shape.Columns.Length];
        QueryKey[] keys = [.. shape.Keys];
        var numbers = new object?[keys.Length];
        foreach (var group in groups)
        {
            for (var c = 0; c < values.Length; c++)
                values[c] = (double?)group.Leaves[keyCount + c] ?? ValueFaults.Missing;
            for (var k = 0; k < keys.Length; k++)
                numbers[k] = keys[k].Of(group.Leaves);
            workspace.AddEqual(values, numbers, group.Rows);
        }

        var result = workspace.BuildFromQuery();
        await LevelSpellings<TRow>.ThrowIfSeveral(
            shape, keys, source, [.. groups.Select(group => group.Leaves)], groups.Sum(group => group.Rows), runner).ConfigureAwait(false);
        return result;
    }

    // A null of a column that cannot be missing is no missing value, which a model might leave out, but a number that the database has not.
    private void ThrowIfNull(List<QueryGroup> groups)
    {
        var faults = new RowFaultsWorkspace { HasNumbers = false };
        for (var c = 0; c < shape.Columns.Length; c++)
        {
            if (QueryColumn.IsPresent(shape.Columns[c]) is not null)
                continue;
            faults.Rows = groups.Where(group => group.Leaves[shape.Leaves.Count + c] is null).Sum(group => group.Rows);
            if (faults.Rows > 0)
                faults.NullOfDatabase(plan.Reader.Columns[c].Name);
        }

        faults.ThrowIfAny(groups.Sum(group => group.Rows));
    }
}
