namespace TypedPooling.Tests.Conventions;

/// <summary>A name in a file, and where the thing it means is declared.</summary>
/// <param name="Name">The name as written.</param>
/// <param name="IsNamespace">Whether it means a namespace: every folder may name those.</param>
/// <param name="Path">The file.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Folders">Folders of the files that declare what it means; several for a partial type.</param>
internal sealed record SymbolUse(string Name, bool IsNamespace, string Path, int Line, IReadOnlyList<string> Folders)
{
    /// <summary>The folder of the file that holds the name.</summary>
    public string From => BoundSources.Folder(Path);
}
