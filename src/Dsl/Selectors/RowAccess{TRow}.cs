using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TypedPooling.Selectors;

/// <inheritdoc cref="RowAccess"/>
/// <typeparam name="TRow">Type of the rows.</typeparam>
internal sealed class RowAccess<TRow> : RowAccess
{
    /// <inheritdoc/>
    public override Part<T> Getter<T>(MethodInfo getter)
    {
        var get = getter.CreateDelegate<ByRef<TRow, T>>();
        return (ref byte row) => get(ref Unsafe.As<byte, TRow>(ref row));
    }

    /// <inheritdoc/>
    public override Part<object?> Boxed() => (ref byte row) => Unsafe.As<byte, TRow>(ref row);

    /// <inheritdoc/>
    public override Part<object?> Interpreted(Expression node, ParameterExpression row)
    {
        var read = Expression.Lambda<Func<TRow, object?>>(Expression.Convert(node, typeof(object)), row).Compile(preferInterpretation: true);
        return (ref byte at) => read(Unsafe.As<byte, TRow>(ref at));
    }
}
