using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using TypedPooling.Binding;

namespace TypedPooling.Queries;

/// <summary>What a model reads of a row, as trees for a LINQ provider over one parameter.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal sealed class QueryShape<TRow>
{
    public QueryShape(ReadingPlan<TRow> plan)
    {
        Plan = plan;
        Columns = [.. plan.Reader.Columns.Select(column => QueryColumn.Of(column, Row))];
        var leaves = new List<Expression>();
        Factors = [.. plan.Reader.Keys.Take(plan.FactorCount).Select(key => QueryKey.Of(key, Row, leaves))];
        FactorLeafCount = leaves.Count;
        Categories = [.. plan.Reader.Keys.Skip(plan.FactorCount).Select(key => QueryKey.Of(key, Row, leaves))];
        Leaves = leaves;
    }

    public ReadingPlan<TRow> Plan { get; }

    /// <summary>The row that all trees are over.</summary>
    public ParameterExpression Row { get; } = Expression.Parameter(typeof(TRow), "row");

    /// <summary>The columns of the plan, in its order.</summary>
    public Expression[] Columns { get; }

    /// <summary>What the keys are grouped by: first the factors', then what only categories need.</summary>
    public IReadOnlyList<Expression> Leaves { get; }

    /// <summary>Number of leaves that the factors need.</summary>
    public int FactorLeafCount { get; }

    public QueryKey[] Factors { get; }

    public QueryKey[] Categories { get; }

    public IEnumerable<QueryKey> Keys => Factors.Concat(Categories);

    /// <summary>The rows in which nothing is missing.</summary>
    public IQueryable<TRow> WithoutMissing(IQueryable<TRow> source)
    {
        var present = Columns.Concat(Keys.SelectMany(key => key.Required).Distinct().Select(leaf => Leaves[leaf]))
            .Select(QueryColumn.IsPresent)
            .OfType<Expression>()
            .ToArray();
        return present.Length == 0
            ? source
            : source.Where(Expression.Lambda<Func<TRow, bool>>(present.Aggregate(Expression.AndAlso), Row));
    }
}
