using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>Members of nullables, tuples and options that the normalised tree reads and the selector need not name.</summary>
internal static class NamedMember
{
    /// <summary>A property or a field of a nullable, of a tuple, of an option.</summary>
    /// <param name="owner">The object.</param>
    /// <param name="name">Name of the member.</param>
    /// <returns>The member.</returns>
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(Nullable<>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(Tuple<,>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicFields, typeof(ValueTuple<,>))]
    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2026",
        Justification = "Members of nullables and pairs are kept by the dependencies; a trimmed F# program keeps FSharp.Core whole, see "
            + "docs/expression-trees.md.")]
    public static MemberExpression Of(Expression owner, string name) => Expression.PropertyOrField(owner, name);
}
