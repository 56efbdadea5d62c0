using System.Xml.Linq;

namespace TypedPooling.Tests.Conventions;

/// <summary>The XML documentation of an assembly's types.</summary>
internal static class DocumentationFile
{
    /// <summary>Types whose documentation does not have a word.</summary>
    /// <param name="types">Types.</param>
    /// <param name="documentation">The XML documentation of their assembly.</param>
    /// <param name="word">The word, or a part of one; case does not matter.</param>
    public static IEnumerable<string> Lacking(IEnumerable<Type> types, XDocument documentation, string word)
    {
        var texts = documentation.Descendants("member").ToDictionary(member => (string)member.Attribute("name")!, member => member.Value);
        return types.Where(type => !texts.GetValueOrDefault($"T:{type.FullName}", string.Empty).Contains(word, StringComparison.OrdinalIgnoreCase))
            .Select(type => $"The documentation of {type.FullName} does not say '{word}'.");
    }
}
