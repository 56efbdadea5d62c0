namespace TypedPooling.Tests.Conventions;

/// <summary>Finds engines that know other engines. Every folder of the inference project that is not shared is an engine; files outside folders (the
/// catalogue) may name them all.</summary>
internal static class EngineIsolation
{
    /// <summary>Folders of the inference project that engines share.</summary>
    public static IReadOnlySet<string> SharedFolders { get; } = new HashSet<string> { "Hierarchy", "Numerics", "Posteriors", "Sampling", "Scales" };

    /// <summary>The engines' folders.</summary>
    /// <param name="files">Files of the inference project, paths relative to it.</param>
    public static IReadOnlyList<string> EngineFolders(IEnumerable<SourceFile> files) =>
        [.. files.Select(f => Part(f.Path)).Where(IsEngine).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Uses of an engine from a folder other than its own, and errors of binding.</summary>
    /// <param name="files">Files of the inference project, paths relative to it.</param>
    public static IReadOnlyList<string> Violations(IEnumerable<SourceFile> files)
    {
        var sources = new BoundSources("TypedPooling.Inference", files);
        return [.. sources.Faults, .. sources.Uses().Select(Violation).OfType<string>()];
    }

    // A namespace belongs to an engine where only that engine's folder declares it; it counts by its name.
    private static string? Violation(SymbolUse use)
    {
        var parts = use.Folders.Select(folder => Part(folder + "/")).Distinct().ToList();
        return parts is [var only] && only != Part(use.Path) && IsEngine(only)
            ? $"{use.Path}({use.Line}) uses {use.Name} of the engine {only}."
            : null;
    }

    private static bool IsEngine(string part) => part.Length > 0 && !SharedFolders.Contains(part);

    // The first folder of a path: an engine may have folders of its own.
    private static string Part(string path) => path.Contains('/') ? path[..path.IndexOf('/')] : "";
}
