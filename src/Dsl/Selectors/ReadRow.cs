using TypedPooling.Data;

namespace TypedPooling.Selectors;

/// <summary>Reads all numbers and all keys of a row in one call.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <param name="row">The row.</param>
/// <param name="values">Overwritten: element i is column i; <see cref="ValueFaults.Missing"/> where the column is null. Length: number of columns or
/// more.</param>
/// <param name="levels">Overwritten: element k is the number of key k's level, -1 where the key is null. Length: number of keys or more.</param>
/// <param name="indexes">The level indexes, from <see cref="RowReader{TRow}.NewIndexes"/>; new keys are added to them. Length: number of
/// keys.</param>
internal delegate void ReadRow<TRow>(TRow row, double[] values, int[] levels, LevelTable[] indexes);
