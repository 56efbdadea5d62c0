using System.Reflection;

namespace TypedPooling.Keys;

/// <summary>How the text of a key of parts is laid out. Immutable.</summary>
/// <param name="Opening">What stands before the first part.</param>
/// <param name="Members">The members that are the parts, in the order of the text.</param>
/// <param name="Separator">What stands between two.</param>
/// <param name="Closing">What stands behind the last.</param>
/// <param name="HasNames">True where each part has its name before it.</param>
internal sealed record KeyLayout(string Opening, MemberInfo[] Members, string Separator, string Closing, bool HasNames)
{
    /// <summary>The cases of a union, which has no members of its own; empty elsewhere.</summary>
    public KeyCase[] Cases { get; init; } = [];
}

/// <summary>A case of a union.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Fields">Types of its fields, in order.</param>
/// <param name="Make">Makes the case of its fields.</param>
internal sealed record KeyCase(string Name, Type[] Fields, Func<object?[], object?> Make);
