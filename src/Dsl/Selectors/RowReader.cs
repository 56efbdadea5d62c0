using TypedPooling.Data;

namespace TypedPooling.Selectors;

/// <summary>All columns and keys of a model, compiled into one delegate.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
internal sealed class RowReader<TRow>
{
    /// <summary>Compiles the columns and keys; costs some milliseconds, once a model.</summary>
    /// <param name="columns">The numeric columns: predictors, response, weights, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    public RowReader(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys)
    {
        Columns = columns;
        Keys = keys;
        throw new NotImplementedException();
    }

    /// <summary>The numeric columns, in the order of the values.</summary>
    public IReadOnlyList<ColumnSelector> Columns { get; }

    /// <summary>The keys, in the order of the levels.</summary>
    public IReadOnlyList<KeySelector> Keys { get; }

    /// <summary>Reads a row. Thread-safe as long as the arrays and indexes are not shared.</summary>
    public ReadRow<TRow> Read { get; }

    /// <summary>Empty indexes for the keys.</summary>
    /// <returns>One a key, in order.</returns>
    public LevelTable[] NewIndexes() => [.. Keys.Select(key => key.NewIndex())];

    /// <summary>What is wrong with a column in a row; slow, for wording an error.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">Number of the column.</param>
    /// <returns>The fault, or <see cref="ValueFault.None"/>.</returns>
    public ValueFault Diagnose(TRow row, int column) => throw new NotImplementedException();
}
