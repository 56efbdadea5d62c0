namespace TypedPooling.Tests.Conventions;

/// <summary>A file of the repository.</summary>
/// <param name="Path">Relative to the root (or to what the reader says), with slashes.</param>
/// <param name="Text">Its text.</param>
internal sealed record SourceFile(string Path, string Text);
