namespace TypedPooling.Selectors;

/// <summary>A part of a selector as a closed delegate: what a node of its tree is in a row.</summary>
/// <typeparam name="TValue">Type that carries the value, see <see cref="Carrier"/>.</typeparam>
/// <param name="row">The variable that holds the row, whatever its type: parts are then made once for all types of rows.</param>
/// <returns>The value; what the selector throws comes out as it is.</returns>
internal delegate TValue Part<out TValue>(ref byte row);
