using System.Diagnostics.CodeAnalysis;

namespace TypedPooling.Keys;

/// <summary>What a trimmed program keeps of the types of keys: their texts are made of their members.</summary>
/// <remarks>Generic code of your own that passes a type parameter on to <c>Group.By</c> carries the same annotation:
/// <c>[DynamicallyAccessedMembers(KeyMembers.Kept)] TKey</c>.</remarks>
public static class KeyMembers
{
    /// <summary>Properties and fields, which are the parts of the text, and the method by which a record is known.</summary>
    /// <remarks>Public methods are not asked for: those of enums would bring warnings into programs whose keys are enums.</remarks>
    public const DynamicallyAccessedMemberTypes Kept = DynamicallyAccessedMemberTypes.PublicProperties
        | DynamicallyAccessedMemberTypes.NonPublicProperties
        | DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields
            | DynamicallyAccessedMemberTypes.NonPublicMethods;

    /// <summary>Why reflection on the type of a key is safe.</summary>
    internal const string Reason =
        "Verbs that take a key keep the members of its type. Where a part of a key is a type of the user's that nothing keeps, its text is the one "
            + "that the type itself gives.";
}
