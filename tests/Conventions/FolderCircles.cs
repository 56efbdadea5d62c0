namespace TypedPooling.Tests.Conventions;

/// <summary>
/// Finds circles between the folders of an assembly. A folder stands above another if one of its files uses something that only files of the other
/// declare; files outside folders may use all. A circle is a largest set of folders each of which stands above every other, directly or through
/// folders of the set.
/// </summary>
internal static class FolderCircles
{
    /// <summary>Every circle with one example for each step of it, and what keeps the sources from being checked.</summary>
    /// <param name="assembly">The assembly's name.</param>
    /// <param name="files">Its files, paths relative to its project.</param>
    public static IReadOnlyList<string> Of(string assembly, IEnumerable<SourceFile> files)
    {
        var sources = new BoundSources(assembly, files);
        var steps = sources.Uses()
            .Where(use => !use.IsNamespace && !use.Folders.Contains(use.From))
            .SelectMany(use => use.Folders, (use, to) => (use.From, To: to, Use: use))
            .Where(step => step.To.Length > 0)
            .GroupBy(step => (step.From, step.To), step => step.Use)
            .ToDictionary(step => step.Key, step => step.ToList());

        var below = Below(steps.Keys);
        var circles = below.Keys
            .Where(folder => below[folder].Contains(folder))
            .GroupBy(folder => string.Join(
                ", ", below.Keys.Where(other => below[folder].Contains(other) && below[other].Contains(folder)).Order(StringComparer.Ordinal)))
            .OrderBy(circle => circle.Key, StringComparer.Ordinal);
        return [.. sources.Faults, .. circles.Select(circle => Sentence(circle.Key, [.. circle], steps))];
    }

    // Folders that can be reached by steps downwards, by folder.
    private static Dictionary<string, HashSet<string>> Below(IEnumerable<(string From, string To)> steps)
    {
        var direct = steps.ToLookup(step => step.From, step => step.To);
        var below = new Dictionary<string, HashSet<string>>();
        foreach (var from in direct.Select(step => step.Key))
        {
            below[from] = [];
            var waiting = new Stack<string>(direct[from]);
            while (waiting.TryPop(out var folder))
            {
                if (below[from].Add(folder))
                {
                    foreach (var next in direct[folder])
                        waiting.Push(next);
                }
            }
        }

        return below;
    }

    private static string Sentence(string name, HashSet<string> folders, Dictionary<(string From, string To), List<SymbolUse>> steps) => string.Join(
        Environment.NewLine,
        steps
            .Where(step => folders.Contains(step.Key.From) && folders.Contains(step.Key.To))
            .OrderBy(step => step.Key.From, StringComparer.Ordinal)
            .ThenBy(step => step.Key.To, StringComparer.Ordinal)
            .Select(
                step =>
                    $"  {step.Key.From} uses {step.Key.To} ({step.Value.Count}): {step.Value[0].Name} in {step.Value[0].Path}({step.Value[0].Line})")
            .Prepend($"A circle of {name}:"));
}
