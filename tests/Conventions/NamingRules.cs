using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace TypedPooling.Tests.Conventions;

/// <summary>The rules of naming and shape that types and their visible members keep.</summary>
internal static class NamingRules
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly HashSet<string> BannedWords = ["Manager", "Managers", "Helper", "Helpers", "Util", "Utils", "Utilities", "Base", "Impl"];

    // Keywords, then the names F# reserves for later, then those it keeps from OCaml.
    private static readonly HashSet<string> FSharpKeywords =
    [
        .. ("abstract and as assert base begin class default delegate do done downcast downto elif else end exception extern false finally fixed "
            + "for fun function "
            + "global if in inherit inline interface internal lazy let match member module mutable namespace new null of open or override private "
            + "public rec return "
            + "select static struct then to true try type upcast use val void when while with yield "
            + "break checked component const constraint continue event external include mixin parallel process protected pure sealed tailcall "
            + "trait virtual "
            + "asr land lor lsl lsr mod sig").Split(' '),
    ];

    /// <summary>Types whose name has a word that says nothing.</summary>
    public static IEnumerable<string> BannedNames(IEnumerable<Type> types) =>
        from type in types
        from word in Regex.Matches(type.Name.Split('`')[0], "[A-Z][a-z0-9]*").Select(m => m.Value)
        where BannedWords.Contains(word)
        select $"{type.FullName}: '{word}' says nothing in a type's name.";

    /// <summary>Public names that F# users would have to write in double backticks.</summary>
    public static IEnumerable<string> FSharpKeywordNames(IEnumerable<Type> types)
    {
        foreach (var type in types)
        {
            foreach (var member in type.GetMembers(Declared).Where(IsVisible))
            {
                if (FSharpKeywords.Contains(member.Name))
                    yield return $"{type.FullName}.{member.Name}: the name is a keyword of F#.";
                foreach (var parameter in Parameters(member).Where(p => p.Name is not null && FSharpKeywords.Contains(p.Name)))
                    yield return $"{type.FullName}.{member.Name}: its parameter '{parameter.Name}' is named by a keyword of F#.";
            }
        }
    }

    /// <summary>Visible methods with out or ref parameters. Deconstruct, which the compiler adds to positional records, is let through.</summary>
    public static IEnumerable<string> ByReferenceParameters(IEnumerable<Type> types) =>
        from type in types
        from member in type.GetMembers(Declared)
        where IsVisible(member) && !member.IsDefined(typeof(CompilerGeneratedAttribute))
        from parameter in Parameters(member)
        where parameter.ParameterType.IsByRef && !parameter.IsIn
        select $"{type.FullName}.{member.Name}: its parameter '{parameter.Name}' is out or ref.";

    /// <summary>Classes that anybody could derive from by accident: neither sealed nor abstract, with a visible constructor.</summary>
    public static IEnumerable<string> Unsealed(IEnumerable<Type> types) =>
        types.Where(t => t.IsClass && !t.IsSealed && !t.IsAbstract && t.GetConstructors(Declared).Any(IsVisible))
            .Select(t => $"{t.FullName} is not sealed, abstract or static.");

    private static ParameterInfo[] Parameters(MemberInfo member) => member switch
    {
        MethodBase method => method.GetParameters(),
        PropertyInfo property => property.GetIndexParameters(),
        Type { BaseType: { } parent } type when parent == typeof(MulticastDelegate) => type.GetMethod("Invoke")!.GetParameters(),
        _ => [],
    };

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        EventInfo happening => IsVisible(happening.AddMethod!),
        Type type => Convention.IsVisible(type),
        _ => false,
    };
}
