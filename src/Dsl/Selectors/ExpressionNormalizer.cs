using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>Rewrites a selector, from C# or F#, into one canonical tree over the row: plain arithmetic, members, Math calls and constants.</summary>
/// <remarks>
/// Three steps: F# shapes become plain ones (<see cref="FSharpShapes"/>), everything that does not depend on the row becomes a constant
/// (<see cref="ConstantFolder"/>), and the parameter becomes a canonical one. Captured values are therefore read here, once: a variable changed later
/// does not change the model. Unknown calls stay as they are; <see cref="FormulaPrinter"/> reports them.
/// </remarks>
internal static class ExpressionNormalizer
{
    /// <summary>Normalises a selector of one parameter.</summary>
    /// <param name="selector">The lambda as the compiler made it.</param>
    /// <returns>A lambda with the same value for every row.</returns>
    /// <remarks>
    /// Compilers leave the operators of text and decimals, F# those of dates too, for expression trees to find by reflection. Where a trimmed program
    /// has lost them a tree is refused, or compares text by reference: they are kept.
    /// </remarks>
    [DynamicDependency("op_Equality", typeof(string))]
    [DynamicDependency("op_Inequality", typeof(string))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicMethods, typeof(decimal))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicMethods, typeof(DateTime))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicMethods, typeof(DateTimeOffset))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicMethods, typeof(DateOnly))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicMethods, typeof(TimeOnly))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicMethods, typeof(TimeSpan))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicMethods, typeof(Guid))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicMethods, typeof(Half))]
    public static LambdaExpression Normalize(LambdaExpression selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        var row = Expression.Parameter(selector.Parameters[0].Type, "row");
        var body = new Substitution(selector.Parameters[0], row).Visit(selector.Body);
        body = new FSharpShapes().Visit(body);
        body = new ConstantFolder().Visit(body);
        return Expression.Lambda(selector.Type, body, row);
    }
}
