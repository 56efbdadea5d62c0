namespace TypedPooling.Tests.Conventions;

/// <summary>A file that may name types of prior.</summary>
/// <param name="Path">The file, relative to the root.</param>
/// <param name="Types">The names of the types.</param>
/// <param name="Reason">Why.</param>
internal sealed record PriorTypeException(string Path, IReadOnlyList<string> Types, string Reason);
