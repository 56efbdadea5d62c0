using System.Runtime.CompilerServices;
using TypedPooling.Data;

namespace TypedPooling.Selectors;

/// <summary>All columns and keys of a model as one delegate.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
internal sealed class RowReader<TRow>
{
    private readonly Func<IReadOnlyList<ColumnSelector>, IReadOnlyList<KeySelector>, ReadRow<TRow>> readerOf;

    /// <summary>Compiles the columns and keys, or closes them where code cannot be compiled at run time; costs some milliseconds, once a
    /// model.</summary>
    /// <param name="columns">The numeric columns: predictors, response, weights, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    public RowReader(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys)
        : this(
            columns,
            keys,
            RuntimeFeature.IsDynamicCodeSupported ? Fused : ByDelegates,
            RuntimeFeature.IsDynamicCodeSupported ? ByInterpreter : ByDelegates)
    {
    }

    // readerOf: makes a reader of few selectors for the few rows that are read again.
    private RowReader(
        IReadOnlyList<ColumnSelector> columns,
        IReadOnlyList<KeySelector> keys,
        Func<IReadOnlyList<ColumnSelector>, IReadOnlyList<KeySelector>, ReadRow<TRow>> make,
        Func<IReadOnlyList<ColumnSelector>, IReadOnlyList<KeySelector>, ReadRow<TRow>> readerOf)
    {
        Columns = columns;
        Keys = keys;
        Read = make(columns, keys);
        this.readerOf = readerOf;
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
    public static RowReader<TRow> Compiled(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys) =>
        new(columns, keys, Fused, ByInterpreter);

    /// <summary>A reader by closed delegates, see <see cref="ClosedSelector"/>.</summary>
    /// <param name="columns">The numeric columns, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    /// <returns>The reader.</returns>
    public static RowReader<TRow> Closed(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys) =>
        new(columns, keys, ByDelegates, ByDelegates);

    /// <summary>A reader by the interpreter of expressions, to compare with.</summary>
    /// <param name="columns">The numeric columns, in the order of the values.</param>
    /// <param name="keys">The keys, in the order of the levels.</param>
    /// <returns>The reader.</returns>
    public static RowReader<TRow> Interpreted(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys) =>
        new(columns, keys, ByInterpreter, ByInterpreter);

    /// <summary>Reads a row, and names it and the selector where one throws. Thread-safe as <see cref="Read"/> is.</summary>
    /// <param name="row">The row.</param>
    /// <param name="number">Its number, the first being 1.</param>
    /// <param name="values">As <see cref="ReadRow{TRow}"/> has it, like the others.</param>
    /// <param name="levels">The numbers of the levels.</param>
    /// <param name="indexes">The level indexes.</param>
    /// <exception cref="ModelException">A selector threw; a cancellation passes.</exception>
    public void ReadNumbered(TRow row, long number, double[] values, int[] levels, LevelTable[] indexes)
    {
        // Costs nothing until something is thrown.
        try
        {
            Read(row, values, levels, indexes);
        }
        catch (Exception thrown) when (thrown is not OperationCanceledException)
        {
            throw Blamed(row, number, thrown);
        }
    }

    /// <summary>Empty indexes for the keys.</summary>
    /// <returns>One a key, in order.</returns>
    public LevelTable[] NewIndexes() => [.. Keys.Select(key => key.NewIndex())];

    /// <summary>What is wrong with a column in a row, read again; slow, for wording an error. <see cref="ValueFaults.Of"/> tells it from a value
    /// already read.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">Number of the column.</param>
    /// <returns>The fault, or <see cref="ValueFault.None"/>.</returns>
    public ValueFault Diagnose(TRow row, int column)
    {
        var value = new double[1];
        readerOf([Columns[column]], [])(row, value, [], []);
        return ValueFaults.Of(value[0]);
    }

    // Each selector is read again by itself. Where none throws a second time, the row is told alone.
    private ModelException Blamed(TRow row, long number, Exception thrown)
    {
        var name = Columns.FirstOrDefault(column => Throws([column], []))?.Name ?? Keys.FirstOrDefault(key => Throws([], [key]))?.Name;
        return new(
            new Problem(
                ProblemCode.SelectorThrew,
                $"{(name is null ? "A selector" : $"The selector of '{name}'")} threw {thrown.GetType().Name}: {thrown.Message.TrimEnd('.')}.",
                "Let the selector handle such rows, or leave them out; the inner exception says where it was thrown.")
            { Term = name, Row = number },
            thrown);

        bool Throws(ColumnSelector[] columns, KeySelector[] keys)
        {
            try
            {
                readerOf(columns, keys)(row, new double[1], new int[1], [.. keys.Select(key => key.NewIndex())]);
                return false;
            }
            catch (Exception)
            {
                return true;
            }
        }
    }

    private static ReadRow<TRow> Fused(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys) =>
        FusedSelectors<TRow>.Fuse(columns, keys).Compile();

    private static ReadRow<TRow> ByInterpreter(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys) =>
        FusedSelectors<TRow>.Fuse(columns, keys).Compile(preferInterpretation: true);

    private static ReadRow<TRow> ByDelegates(IReadOnlyList<ColumnSelector> columns, IReadOnlyList<KeySelector> keys)
    {
        var access = new RowAccess<TRow>();
        var numbers = columns.Select(column => ClosedSelector.Number(access, column)).ToArray();
        var levelsOf = keys.Select(key => key.Close(access)).ToArray();
        return Read;

        void Read(TRow row, double[] values, int[] levels, LevelTable[] indexes)
        {
            ref var at = ref Unsafe.As<TRow, byte>(ref row);
            for (var i = 0; i < numbers.Length; i++)
                values[i] = numbers[i](ref at);
            for (var key = 0; key < levelsOf.Length; key++)
                levels[key] = levelsOf[key](ref at, indexes[key]);
        }
    }
}
