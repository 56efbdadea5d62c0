using TypedPooling.Data;

namespace TypedPooling.Selectors;

/// <summary>Reads a key from a row and numbers it.</summary>
/// <param name="row">The variable that holds the row, see <see cref="Part{TValue}"/>.</param>
/// <param name="index">The level index of the key; a new key is added to it.</param>
/// <returns>Number of the level, -1 where the key is null.</returns>
internal delegate int LevelPart(ref byte row, LevelTable index);
