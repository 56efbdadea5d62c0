using System.Linq.Expressions;
using TypedPooling.Data;

namespace TypedPooling.Selectors;

/// <summary>All columns and keys of a model, compiled into one delegate.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
internal sealed class RowReader<TRow>
{
    private readonly Func<TRow, double>?[] slow;

    /// <summary>Compiles the columns and keys; costs some milliseconds, once a model.</summary>
    /// <param name="columns">The numeric columns: predictors, response, weights, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    public RowReader(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(keys);
        Columns = columns;
        Keys = keys;
        slow = new Func<TRow, double>?[columns.Count];
        Read = Fuse(columns, keys).Compile();
    }

    /// <summary>The numeric columns, in the order of the values.</summary>
    public IReadOnlyList<ColumnSelector> Columns { get; }

    /// <summary>The keys, in the order of the levels.</summary>
    public IReadOnlyList<KeySelector> Keys { get; }

    /// <summary>Reads a row. Thread-safe as long as the arrays and indexes are not shared. What a selector throws comes out as it is.</summary>
    public ReadRow<TRow> Read { get; }

    /// <summary>Empty indexes for the keys.</summary>
    /// <returns>One a key, in order.</returns>
    public LevelTable[] NewIndexes() => [.. Keys.Select(key => key.NewIndex())];

    /// <summary>What is wrong with a column in a row, read again; slow, for wording an error. <see cref="ValueFaults.Of"/> tells it from a value already read.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">Number of the column.</param>
    /// <returns>The fault, or <see cref="ValueFault.None"/>.</returns>
    public ValueFault Diagnose(TRow row, int column)
    {
        var parameter = Expression.Parameter(typeof(TRow), "row");
        slow[column] ??= Expression.Lambda<Func<TRow, double>>(Number(Columns[column], parameter), parameter).Compile(preferInterpretation: true);
        return ValueFaults.Of(slow[column]!(row));
    }

    private static Expression<ReadRow<TRow>> Fuse(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys)
    {
        var row = Expression.Parameter(typeof(TRow), "row");
        var values = Expression.Parameter(typeof(double[]), "values");
        var levels = Expression.Parameter(typeof(int[]), "levels");
        var indexes = Expression.Parameter(typeof(LevelTable[]), "indexes");
        var statements = new List<Expression>();
        for (var i = 0; i < columns.Count; i++)
            statements.Add(Expression.Assign(Expression.ArrayAccess(values, Expression.Constant(i)), Number(columns[i], row)));
        for (var k = 0; k < keys.Count; k++)
        {
            var position = Expression.Constant(k);
            var index = Expression.Convert(Expression.ArrayIndex(indexes, position), typeof(LevelIndex<>).MakeGenericType(keys[k].KeyType));
            statements.Add(Expression.Assign(Expression.ArrayAccess(levels, position), Level(index, Lowered(keys[k].Body, row), keys[k].Depth)));
        }

        statements.Add(Expression.Empty());
        return Expression.Lambda<ReadRow<TRow>>(Expression.Block(statements), row, values, levels, indexes);
    }

    // The number of a key. The parts of a nested one are read first: -1, as for a null key, where one of them is null.
    private static Expression Level(Expression index, Expression key, int depth)
    {
        if (depth == 0)
            return Expression.Call(index, nameof(LevelIndex<>.GetOrAdd), null, key);
        var parts = new List<ParameterExpression>();
        var statements = new List<Expression>();
        var level = Expression.Call(index, nameof(LevelIndex<>.GetOrAdd), null, Parts(key, depth, parts, statements));
        var missing = parts.Where(part => !part.Type.IsValueType || Nullable.GetUnderlyingType(part.Type) is not null)
            .Select(part => part.Type.IsValueType ? (Expression)Expression.Not(Expression.Property(part, nameof(Nullable<>.HasValue))) : Expression.ReferenceEqual(part, Expression.Constant(null)))
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

    // A column as a double, ValueFaults.Missing where it is null.
    private static Expression Number(ColumnSelector column, ParameterExpression row)
    {
        var body = Lowered(column.Body, row);
        if (body.Type == typeof(double))
            return body;
        var read = Expression.Variable(typeof(double?));
        return Expression.Block(
            [read],
            Expression.Assign(read, body),
            Expression.Condition(
                Expression.Property(read, nameof(Nullable<>.HasValue)),
                Expression.Call(read, nameof(Nullable<>.GetValueOrDefault), null),
                Expression.Constant(ValueFaults.Missing)));
    }

    private static Expression Lowered(LambdaExpression selector, ParameterExpression row) =>
        new SmallPowers().Visit(new Substitution(selector.Parameters[0], row).Visit(selector.Body));
}
