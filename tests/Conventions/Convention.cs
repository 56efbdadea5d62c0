using System.Reflection;
using Microsoft.CodeAnalysis;
using Xunit;

namespace TypedPooling.Tests.Conventions;

/// <summary>What the convention tests share: the shipped assemblies and one way to fail.</summary>
internal static class Convention
{
    /// <summary>The shipped assemblies, each allowed to reference only those before it.</summary>
    public static IReadOnlyList<string> Layers { get; } = ["TypedPooling.Core", "TypedPooling.Inference", "TypedPooling"];

    /// <summary>The shipped assemblies, loaded.</summary>
    public static IReadOnlyList<Assembly> Assemblies { get; } = [.. Layers.Select(Assembly.Load)];

    /// <summary>Every type the shipped assemblies declare that a person wrote.</summary>
    public static IEnumerable<Type> WrittenTypes => Assemblies.SelectMany(a => a.GetTypes()).Where(IsWritten);

    /// <summary>Every type of the shipped assemblies that users see.</summary>
    public static IEnumerable<Type> PublicTypes => WrittenTypes.Where(IsVisible);

    /// <summary>The assemblies a program in this process can be compiled against.</summary>
    public static IReadOnlyList<MetadataReference> References(params IReadOnlyCollection<string> without) =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(path => !without.Contains(Path.GetFileNameWithoutExtension(path)))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Fails with every violation, one a line.</summary>
    public static void Holds(IEnumerable<string> violations)
    {
        var found = violations.ToList();
        if (found.Count > 0)
            Assert.Fail(string.Join(Environment.NewLine, found.Prepend($"{found.Count} violation(s):")));
    }

    /// <summary>Visible outside its assembly: public or protected, and so are the types around it.</summary>
    public static bool IsVisible(Type type) =>
        type.IsNested ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!) : type.IsPublic;

    private static bool IsWritten(Type type) =>
        !type.Name.Contains('<') && type.Namespace?.StartsWith("TypedPooling", StringComparison.Ordinal) == true
        && (type.DeclaringType is null || IsWritten(type.DeclaringType));
}
