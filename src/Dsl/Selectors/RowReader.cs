using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using TypedPooling.Data;

namespace TypedPooling.Selectors;

/// <summary>All columns and keys of a model as one delegate.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
internal sealed class RowReader<TRow>
{
    private readonly Func<TRow, int, double> readAgain;

    /// <summary>Compiles the columns and keys, or closes them where code cannot be compiled at run time; costs some milliseconds, once a model.</summary>
    /// <param name="columns">The numeric columns: predictors, response, weights, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    public RowReader(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys)
        : this(columns, keys, isCompiled: RuntimeFeature.IsDynamicCodeSupported)
    {
    }

    private RowReader(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys, bool isCompiled)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(keys);
        Columns = columns;
        Keys = keys;
        if (isCompiled)
        {
            Read = FusedSelectors<TRow>.Compile(columns, keys);
            readAgain = Interpreted();
            return;
        }

        var row = new RowAccess<TRow>();
        var numbers = columns.Select(column => ClosedSelector.Number(row, column)).ToArray();
        var levelsOf = keys.Select(key => key.Close(row)).ToArray();
        readAgain = (at, column) => numbers[column](ref Unsafe.As<TRow, byte>(ref at));
        Read = (at, values, levels, indexes) =>
        {
            ref var slot = ref Unsafe.As<TRow, byte>(ref at);
            for (var i = 0; i < numbers.Length; i++)
                values[i] = numbers[i](ref slot);
            for (var k = 0; k < levelsOf.Length; k++)
                levels[k] = levelsOf[k](ref slot, indexes[k]);
        };
    }

    /// <summary>The numeric columns, in the order of the values.</summary>
    public IReadOnlyList<ColumnSelector> Columns { get; }

    /// <summary>The keys, in the order of the levels.</summary>
    public IReadOnlyList<KeySelector> Keys { get; }

    /// <summary>Reads a row. Thread-safe as long as the arrays and indexes are not shared. What a selector throws comes out as it is.</summary>
    public ReadRow<TRow> Read { get; }

    /// <summary>A reader by compiled code.</summary>
    /// <param name="columns">The numeric columns, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    /// <returns>The reader; where code cannot be compiled, the runtime interprets it.</returns>
    public static RowReader<TRow> Compiled(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys) => new(columns, keys, isCompiled: true);

    /// <summary>A reader by closed delegates, see <see cref="ClosedSelector"/>.</summary>
    /// <param name="columns">The numeric columns, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    /// <returns>The reader.</returns>
    public static RowReader<TRow> Closed(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys) => new(columns, keys, isCompiled: false);

    /// <summary>Empty indexes for the keys.</summary>
    /// <returns>One a key, in order.</returns>
    public LevelTable[] NewIndexes() => [.. Keys.Select(key => key.NewIndex())];

    /// <summary>What is wrong with a column in a row, read again; slow, for wording an error. <see cref="ValueFaults.Of"/> tells it from a value already read.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">Number of the column.</param>
    /// <returns>The fault, or <see cref="ValueFault.None"/>.</returns>
    public ValueFault Diagnose(TRow row, int column) => ValueFaults.Of(readAgain(row, column));

    // A column alone, interpreted where it is asked for: compiling it would cost more than the few rows that are read again.
    private Func<TRow, int, double> Interpreted()
    {
        var known = new Func<TRow, double>?[Columns.Count];
        return (at, column) =>
        {
            var row = Expression.Parameter(typeof(TRow), "row");
            known[column] ??= Expression.Lambda<Func<TRow, double>>(FusedSelectors<TRow>.Number(Columns[column], row), row).Compile(preferInterpretation: true);
            return known[column]!(at);
        };
    }
}
