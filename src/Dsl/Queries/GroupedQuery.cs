using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Reflection;
using TypedPooling.Selectors;

namespace TypedPooling.Queries;

/// <summary>Rows grouped by some values: questions to all groups at once.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal abstract class GroupedQuery<TRow>
{
    /// <summary>Groups rows.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="row">The parameter of the leaves.</param>
    /// <param name="leaves">What the rows are grouped by; one group where it is empty.</param>
    /// <param name="runner">Runs the queries.</param>
    public static GroupedQuery<TRow> Of(IQueryable<TRow> source, ParameterExpression row, IReadOnlyList<Expression> leaves, QueryRunner runner)
    {
        // Providers know a constant by itself, not in a chain.
        var key = leaves.Count == 0 ? Expression.Constant(0) : (Expression)Leaf.Chain(leaves);
        return (GroupedQuery<TRow>)Activator.CreateInstance(
            typeof(GroupedQuery<,>).MakeGenericType(typeof(TRow), key.Type), source, row, leaves, key, runner)!;
    }

    /// <summary>Asks every group.</summary>
    /// <param name="aggregates">What is asked, at most 500 with the number of rows.</param>
    /// <returns>The groups, in the provider's order.</returns>
    public abstract ValueTask<List<QueryGroup>> Ask(IReadOnlyList<Aggregate> aggregates);

    /// <summary>Asks every group about deviations from the means that the same query computes.</summary>
    /// <param name="columns">The columns whose means are computed, each with what its rows weigh; null where each counts once.</param>
    /// <param name="aggregates">Makes what is asked from a map of trees over the row, and the means of the row's group.</param>
    /// <returns>The groups, in the provider's order.</returns>
    /// <exception cref="ModelException">NotTranslated: more keys than providers join by.</exception>
    public abstract ValueTask<List<QueryGroup>> AskAboutMeans(
        IReadOnlyList<(Expression Column, Expression? Weight)> columns,
        Func<Func<Expression, Expression>, IReadOnlyList<Expression>, IReadOnlyList<Aggregate>> aggregates);
}

/// <inheritdoc/>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TKey">Type of the groups' keys.</typeparam>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal sealed class GroupedQuery<TRow, TKey>(
    IQueryable<TRow> source, ParameterExpression row, IReadOnlyList<Expression> leaves, Expression key, QueryRunner runner)
    : GroupedQuery<TRow>
{
    private static readonly Type[] Tuples =
    [
        typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>), typeof(Tuple<,,,,>), typeof(Tuple<,,,,,>), typeof(Tuple<,,,,,,>),
    ];

    private static readonly MethodInfo RowCount = Method(rows => rows.LongCount());
    private static readonly MethodInfo Sum = Method(rows => rows.Sum(_ => (double?)null));
    private static readonly MethodInfo Average = Method(rows => rows.Average(_ => (double?)null));
    private static readonly MethodInfo Min = Method(rows => rows.Min(_ => (double?)null));
    private static readonly MethodInfo Max = Method(rows => rows.Max(_ => (double?)null));
    private static readonly MethodInfo Count = Method(rows => rows.LongCount(_ => true));

    public override async ValueTask<List<QueryGroup>> Ask(IReadOnlyList<Aggregate> aggregates)
    {
        var group = Expression.Parameter(typeof(IGrouping<TKey, TRow>), "group");
        var numbers = Expression.NewArrayInit(typeof(double?), aggregates.Select(aggregate => Call(group, aggregate)));
        var made = Leaf.New(
            typeof(QueryGroup<TKey>), [Expression.Property(group, nameof(IGrouping<,>.Key)), Expression.Call(RowCount, group), numbers]);
        var query = Grouped().Select(Expression.Lambda<Func<IGrouping<TKey, TRow>, QueryGroup<TKey>>>(made, group));
        var groups = new List<QueryGroup>();
        foreach (var answer in await runner.ToList(query).ConfigureAwait(false))
        {
            var values = new object?[leaves.Count];
            (answer.Key as IQueryKey)?.CopyTo(values, 0);
            groups.Add(new(values, answer.Rows, answer.Numbers));
        }

        return groups;
    }

    public override ValueTask<List<QueryGroup>> AskAboutMeans(
        IReadOnlyList<(Expression Column, Expression? Weight)> columns,
        Func<Func<Expression, Expression>, IReadOnlyList<Expression>, IReadOnlyList<Aggregate>> aggregates)
    {
        var group = Expression.Parameter(typeof(IGrouping<TKey, TRow>), "group");
        var means = Leaf.Chain([.. columns.Select(own => Mean(group, own.Column, own.Weight))]);
        var ask = typeof(GroupedQuery<TRow, TKey>).GetMethod(nameof(AskBesideMeans), BindingFlags.Instance | BindingFlags.NonPublic)!;
        var joined = JoinKey(leaves);
        var made = ask.MakeGenericMethod(means.Type, joined.Type);
        return (ValueTask<List<QueryGroup>>)made.Invoke(
            this, BindingFlags.DoNotWrapExceptions, null, [group, means, joined, columns.Count, aggregates], null)!;
    }

    // The rows, each beside the means of its group, grouped as before.
    private ValueTask<List<QueryGroup>> AskBesideMeans<TMeans, TJoined>(
        ParameterExpression group,
        NewExpression means,
        Expression joined,
        int meanCount,
        Func<Func<Expression, Expression>, IReadOnlyList<Expression>, IReadOnlyList<Aggregate>> aggregates)
    {
        var made = Leaf.New(typeof(GroupMeans<TKey, TMeans>), [Expression.Property(group, nameof(IGrouping<,>.Key)), means]);
        var groups = Grouped().Select(Expression.Lambda<Func<IGrouping<TKey, TRow>, GroupMeans<TKey, TMeans>>>(made, group));

        var inner = Expression.Parameter(typeof(GroupMeans<TKey, TMeans>), "means");
        var key = Expression.Property(inner, nameof(GroupMeans<,>.Key));
        var ofGroup = Expression.Lambda<Func<GroupMeans<TKey, TMeans>, TJoined>>(
            JoinKey([.. Enumerable.Range(0, leaves.Count).Select(i => Leaf.Value(key, i))]), inner);
        var result = Expression.Parameter(typeof(TRow), "row");
        var found = Expression.Parameter(typeof(GroupMeans<TKey, TMeans>), "means");
        var beside = source.Join(
            groups,
            OverRow<TJoined>(joined),
            ofGroup,
            Expression.Lambda<Func<TRow, GroupMeans<TKey, TMeans>, RowWithMeans<TRow, TMeans>>>(
                Leaf.New(typeof(RowWithMeans<TRow, TMeans>), [result, Expression.Property(found, nameof(GroupMeans<,>.Means))]), result, found));

        var both = Expression.Parameter(typeof(RowWithMeans<TRow, TMeans>), "row");
        var ownMeans = Expression.Property(both, nameof(RowWithMeans<,>.Means));
        var asked = aggregates(Moved, [.. Enumerable.Range(0, meanCount).Select(i => Leaf.Value(ownMeans, i))]);
        return GroupedQuery<RowWithMeans<TRow, TMeans>>.Of(beside, both, [.. leaves.Select(Moved)], runner).Ask(asked);

        Expression Moved(Expression tree) => new Substitution(row, Expression.Property(both, nameof(RowWithMeans<,>.Row))).Visit(tree);
    }

    // Providers join by a value or by a flat list of values, not by a chain. A tuple of more than seven has a chain in it.
    private static Expression JoinKey(IReadOnlyList<Expression> leaves)
    {
        if (leaves.Count == 1)
            return leaves[0];
        if (leaves.Count > Tuples.Length)
            throw TooManyKeys(leaves.Count);
        return Leaf.New(Tuples[leaves.Count - 1].MakeGenericType([.. leaves.Select(leaf => leaf.Type)]), leaves);
    }

    private static ModelException TooManyKeys(int count) => new(new Problem(
        ProblemCode.NotTranslated,
        $"Groups lie so far apart that rows must be joined with their groups' means, by {count} parts of keys; providers join by at most 7.",
        "Take a constant off the columns and the response that differ most between groups, name fewer parts of keys, or read the rows by Read."));

    private static MethodInfo Method(Expression<Func<IEnumerable<TRow>, object?>> call)
    {
        var body = call.Body;
        while (body is UnaryExpression cast)
            body = cast.Operand;
        return ((MethodCallExpression)body).Method;
    }

    private IQueryable<IGrouping<TKey, TRow>> Grouped() => source.GroupBy((Expression<Func<TRow, TKey>>)OverRow<TKey>(key));

    private Expression Mean(ParameterExpression group, Expression column, Expression? weight) => weight is null
        ? Call(group, Aggregate.Average(column))
        : Expression.Divide(
            Call(group, Aggregate.Sum(Expression.Multiply(QueryColumn.Lifted(weight), QueryColumn.Lifted(column)))),
            Call(group, Aggregate.Sum(weight)));

    private Expression Call(ParameterExpression group, Aggregate aggregate) => aggregate.Kind switch
    {
        AggregateKind.Sum => Expression.Call(Sum, group, OverRow<double?>(aggregate.Body)),
        AggregateKind.Average => Expression.Call(Average, group, OverRow<double?>(aggregate.Body)),
        AggregateKind.Min => Expression.Call(Min, group, OverRow<double?>(aggregate.Body)),
        AggregateKind.Max => Expression.Call(Max, group, OverRow<double?>(aggregate.Body)),
        _ => Expression.Convert(Expression.Call(Count, group, OverRow<bool>(aggregate.Body)), typeof(double?)),
    };

    // A parameter of its own for each lambda: providers replace parameters wherever they stand.
    private Expression<Func<TRow, T>> OverRow<T>(Expression body)
    {
        var own = Expression.Parameter(typeof(TRow), "row");
        return Expression.Lambda<Func<TRow, T>>(new Substitution(row, own).Visit(body), own);
    }
}
