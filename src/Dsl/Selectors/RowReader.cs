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
            var level = Expression.Call(index, nameof(LevelIndex<>.GetOrAdd), null, Lowered(keys[k].Body, row));
            statements.Add(Expression.Assign(Expression.ArrayAccess(levels, position), level));
        }

        statements.Add(Expression.Empty());
        return Expression.Lambda<ReadRow<TRow>>(Expression.Block(statements), row, values, levels, indexes);
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
