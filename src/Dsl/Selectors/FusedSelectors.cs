using System.Linq.Expressions;
using System.Reflection;
using TypedPooling.Data;

namespace TypedPooling.Selectors;

/// <summary>Fuses all columns and keys of a model into one tree, which is compiled once.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
internal static class FusedSelectors<TRow>
{
    /// <summary>The tree of columns and keys.</summary>
    /// <param name="columns">The numeric columns, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    /// <returns>The tree; compiling it costs some milliseconds.</returns>
    public static Expression<ReadRow<TRow>> Fuse(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys)
    {
        var row = Expression.Parameter(typeof(TRow), "row");
        var values = Expression.Parameter(typeof(double[]), "values");
        var levels = Expression.Parameter(typeof(int[]), "levels");
        var indexes = Expression.Parameter(typeof(LevelTable[]), "indexes");
        var statements = new List<Expression>();
        for (var i = 0; i < columns.Count; i++)
            statements.Add(Expression.Assign(Expression.ArrayAccess(values, Expression.Constant(i)), Number(columns[i], row)));
        for (var number = 0; number < keys.Count; number++)
        {
            var position = Expression.Constant(number);
            var getOrAdd = keys[number].GetOrAdd;
            var index = Expression.Convert(Expression.ArrayIndex(indexes, position), getOrAdd.DeclaringType!);
            var level = Level(index, getOrAdd, Lowered(keys[number].Body, row), keys[number].Depth);
            statements.Add(Expression.Assign(Expression.ArrayAccess(levels, position), level));
        }

        statements.Add(Expression.Empty());
        return Expression.Lambda<ReadRow<TRow>>(Expression.Block(statements), row, values, levels, indexes);
    }

    /// <summary>A column as a double, <see cref="ValueFaults.Missing"/> where it is null.</summary>
    /// <param name="column">The column.</param>
    /// <param name="row">The row.</param>
    /// <returns>An expression over the row.</returns>
    public static Expression Number(ColumnSelector column, ParameterExpression row)
    {
        var body = Lowered(column.Body, row);
        return body.Type == typeof(double) ? body : Expression.Coalesce(body, Expression.Constant(ValueFaults.Missing));
    }

    // The number of a key. The parts of a nested one are read first: -1, as for a null key, where one of them is null.
    private static Expression Level(Expression index, MethodInfo getOrAdd, Expression key, int depth)
    {
        if (depth == 0)
            return Expression.Call(index, getOrAdd, key);
        var parts = new List<ParameterExpression>();
        var statements = new List<Expression>();
        var level = Expression.Call(index, getOrAdd, Parts(key, depth, parts, statements));
        var missing = parts.Where(part => !part.Type.IsValueType || Nullable.GetUnderlyingType(part.Type) is not null)
            .Select(part => part.Type.IsValueType
                ? (Expression)Expression.Not(Expression.TypeIs(part, Nullable.GetUnderlyingType(part.Type)!))
                : Expression.ReferenceEqual(part, Expression.Constant(null)))
            .ToArray();
        statements.Add(missing.Length == 0 ? level : Expression.Condition(missing.Aggregate(Expression.OrElse), Expression.Constant(-1), level));
        return Expression.Block(parts, statements);
    }

    // The key made of variables; statements read them from the row.
    private static Expression Parts(Expression key, int depth, List<ParameterExpression> parts, List<Expression> statements)
    {
        if (depth > 0)
        {
            var pair = (NewExpression)key;
            return pair.Update([Parts(pair.Arguments[0], depth - 1, parts, statements), Parts(pair.Arguments[1], 0, parts, statements)]);
        }

        var part = Expression.Variable(key.Type);
        parts.Add(part);
        statements.Add(Expression.Assign(part, key));
        return part;
    }

    private static Expression Lowered(LambdaExpression selector, ParameterExpression row) =>
        new SmallPowers().Visit(new Substitution(selector.Parameters[0], row).Visit(selector.Body));
}
