using System.Linq.Expressions;
using System.Reflection;

namespace TypedPooling.Selectors;

/// <summary>The little that closed selectors must know of the type of the rows.</summary>
internal abstract class RowAccess
{
    /// <summary>A method without arguments of a row that is a struct.</summary>
    /// <typeparam name="T">What it returns, an enum as its number.</typeparam>
    /// <param name="getter">The method.</param>
    /// <returns>The part.</returns>
    public abstract Part<T> Getter<T>(MethodInfo getter);

    /// <summary>The row as an object.</summary>
    /// <returns>The part.</returns>
    public abstract Part<object?> Boxed();

    /// <summary>Any part of a selector, by the interpreter of expressions: correct and slow.</summary>
    /// <param name="node">The part.</param>
    /// <param name="row">The parameter of the selector.</param>
    /// <returns>The part, boxed.</returns>
    public abstract Part<object?> Interpreted(Expression node, ParameterExpression row);
}
