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
        : this(columns, keys, RuntimeFeature.IsDynamicCodeSupported ? (Fused(columns, keys, isInterpreted: false), Alone(columns)) : ByDelegates(columns, keys))
    {
    }

    private RowReader(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys, (ReadRow<TRow> Read, Func<TRow, int, double> ReadAgain) how)
    {
        Columns = columns;
        Keys = keys;
        Read = how.Read;
        readAgain = how.ReadAgain;
    }

    /// <summary>The numeric columns, in the order of the values.</summary>
    public IReadOnlyList<ColumnSelector> Columns { get; }

    /// <summary>The keys, in the order of the levels.</summary>
    public IReadOnlyList<KeySelector> Keys { get; }

    /// <summary>Reads a row. Thread-safe as long as the arrays and indexes are not shared. What a selector throws comes out as it is.</summary>
    public ReadRow<TRow> Read { get; }

    /// <summary>A reader by compiled code, which is the default where code can be compiled.</summary>
    /// <param name="columns">The numeric columns, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    /// <returns>The reader.</returns>
    public static RowReader<TRow> Compiled(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys) => new(columns, keys, (Fused(columns, keys, isInterpreted: false), Alone(columns)));

    /// <summary>A reader by closed delegates, see <see cref="ClosedSelector"/>.</summary>
    /// <param name="columns">The numeric columns, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    /// <returns>The reader.</returns>
    public static RowReader<TRow> Closed(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys) => new(columns, keys, ByDelegates(columns, keys));

    /// <summary>A reader by the interpreter of expressions, to compare with.</summary>
    /// <param name="columns">The numeric columns, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    /// <returns>The reader.</returns>
    public static RowReader<TRow> Interpreted(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys) => new(columns, keys, (Fused(columns, keys, isInterpreted: true), Alone(columns)));

    /// <summary>Empty indexes for the keys.</summary>
    /// <returns>One a key, in order.</returns>
    public LevelTable[] NewIndexes() => [.. Keys.Select(key => key.NewIndex())];

    /// <summary>What is wrong with a column in a row, read again; slow, for wording an error. <see cref="ValueFaults.Of"/> tells it from a value already read.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">Number of the column.</param>
    /// <returns>The fault, or <see cref="ValueFault.None"/>.</returns>
    public ValueFault Diagnose(TRow row, int column) => ValueFaults.Of(readAgain(row, column));

    private static ReadRow<TRow> Fused(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys, bool isInterpreted) =>
        FusedSelectors<TRow>.Fuse(columns, keys).Compile(isInterpreted);

    // A column alone, interpreted where it is asked for: compiling it would cost more than the few rows that are read again.
    private static Func<TRow, int, double> Alone(IReadOnlyList<ColumnSelector> columns)
    {
        var known = new Func<TRow, double>?[columns.Count];
        return (at, column) =>
        {
            var row = Expression.Parameter(typeof(TRow), "row");
            known[column] ??= Expression.Lambda<Func<TRow, double>>(FusedSelectors<TRow>.Number(columns[column], row), row).Compile(preferInterpretation: true);
            return known[column]!(at);
        };
    }

    private static (ReadRow<TRow> Read, Func<TRow, int, double> ReadAgain) ByDelegates(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys)
    {
        var access = new RowAccess<TRow>();
        var numbers = columns.Select(column => ClosedSelector.Number(access, column)).ToArray();
        var levelsOf = keys.Select(key => key.Close(access)).ToArray();
        return (Read, (row, column) => numbers[column](ref Unsafe.As<TRow, byte>(ref row)));

        void Read(TRow row, double[] values, int[] levels, LevelTable[] indexes)
        {
            ref var at = ref Unsafe.As<TRow, byte>(ref row);
            for (var i = 0; i < numbers.Length; i++)
                values[i] = numbers[i](ref at);
            for (var k = 0; k < levelsOf.Length; k++)
                levels[k] = levelsOf[k](ref at, indexes[k]);
        }
    }
}
