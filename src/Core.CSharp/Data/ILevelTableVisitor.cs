namespace TypedPooling.Data;

/// <summary>Asks a table of levels something that needs the type of its keys.</summary>
internal interface ILevelTableVisitor<TResult>
{
    /// <summary>Answers for one table.</summary>
    TResult Visit<TKey>(LevelIndex<TKey> levels);
}
