using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TypedPooling.Selectors;

/// <summary>Makes a selector of closed delegates, one a node of its tree, where code cannot be compiled at run time: native programs, file-based
/// programs.</summary>
/// <remarks>
/// A million rows take about twice as long as with compiled code, where the interpreter of expressions takes fifteen to thirty times as long.
/// Values are computed by the same operations in the same order, so they agree to the last bit. Nothing is looked up by name: methods and fields come
/// from the tree. Nodes that are rare in selectors (a lambda within, an initialiser, a type test) are left to the interpreter of expressions.
/// </remarks>
/// <param name="row">Access to the rows.</param>
/// <param name="parameter">The row in the tree.</param>
/// <param name="own">A carrier for a type that <see cref="Carriers"/> does not know, or null.</param>
internal sealed class ClosedSelector(RowAccess row, ParameterExpression parameter, Carrier? own = null)
{
    /// <summary>A numeric column.</summary>
    /// <param name="row">Access to the rows.</param>
    /// <param name="column">The column.</param>
    /// <returns>The number, <see cref="ValueFaults.Missing"/> where it is null.</returns>
    public static Part<double> Number(RowAccess row, ColumnSelector column)
    {
        var part = new ClosedSelector(row, column.Body.Parameters[0]).Part(column.Body.Body);
        if (part is Part<double> number)
            return number;
        var maybe = (Part<double?>)part;
        return (ref byte at) => maybe(ref at) ?? ValueFaults.Missing;
    }

    /// <summary>A key.</summary>
    /// <typeparam name="TKey">Type of the key.</typeparam>
    /// <param name="row">Access to the rows.</param>
    /// <param name="parameter">The row in the tree.</param>
    /// <param name="key">The tree.</param>
    /// <returns>The key.</returns>
    public static Part<TKey> Key<TKey>(RowAccess row, ParameterExpression parameter, Expression key)
    {
        var own = Carriers.Of(typeof(TKey)) == Carriers.Box ? new Carrier<TKey>() : null;
        var part = new ClosedSelector(row, parameter, own).Part(key);

        // Objects are of the key's type, since the tree is typed; numbers of an enum have its bits.
        return part as Part<TKey> ?? Unsafe.As<Part<TKey>>(part);
    }

    private Delegate Part(Expression node) => Native(node) ?? CarrierOf(node.Type).Unboxed(row.Interpreted(node, parameter));

    private Carrier CarrierOf(Type type) => own is not null && own.Type == type ? own : Carriers.Of(type);

    private Part<object?> Boxed(Expression node) => CarrierOf(node.Type).Boxed(Part(node), node.Type);

    private Delegate? Native(Expression node) => node switch
    {
        ConstantExpression constant => CarrierOf(node.Type).Constant(constant.Value),
        ParameterExpression => CarrierOf(node.Type) is var carrier && carrier == Carriers.Box ? row.Boxed() : carrier.Row(),
        MemberExpression { Member: PropertyInfo { GetMethod: { } getter } } member => Getter(member.Expression, getter, node.Type),
        MemberExpression { Member: FieldInfo field } member => Field(member.Expression, field),
        UnaryExpression unary => Unary(unary),
        BinaryExpression { Conversion: null } binary => Binary(binary),
        ConditionalExpression choice => CarrierOf(node.Type).Choice((Part<bool>)Part(choice.Test), Part(choice.IfTrue), Part(choice.IfFalse)),
        MethodCallExpression call => Call(call),
        NewExpression { Constructor: { } constructor } made when IsPlain(constructor) =>
            CarrierOf(node.Type).Unboxed(Invocation.Of(constructor, [.. made.Arguments.Select(Boxed)])),
        _ => null,
    };

    private Delegate? Getter(Expression? owner, MethodInfo getter, Type type)
    {
        var carrier = CarrierOf(type);
        if (owner is null)
            return carrier.OfNothing(getter);
        if (Nullable.GetUnderlyingType(owner.Type) is not null)
            return OfNullable(owner, getter, carrier);
        if (!owner.Type.IsValueType || !getter.DeclaringType!.IsValueType)
        {
            var boxed = Boxed(owner);
            return carrier.OfObject(boxed, getter) ?? carrier.Unboxed(Invocation.Of(getter, boxed, []));
        }

        return owner == parameter ? carrier.OfStruct(row, getter)
            : CarrierOf(owner.Type).Member(Part(owner), getter) ?? carrier.Unboxed(Invocation.Of(getter, Boxed(owner), []));
    }

    private Delegate? OfNullable(Expression owner, MethodInfo getter, Carrier carrier)
    {
        var part = Part(owner);
        if (CarrierOf(owner.Type).Nullable is { } nullable)
        {
            return getter.Name switch
            {
                "get_HasValue" => nullable.HasValue(part),
                "get_Value" => nullable.Value(part),
                nameof(Nullable<>.GetValueOrDefault) => nullable.ValueOr(part, null, isLazy: false),
                _ => null,
            };
        }

        var boxed = Boxed(owner);
        return getter.Name switch
        {
            "get_HasValue" => (Part<bool>)((ref byte at) => boxed(ref at) is not null),
            "get_Value" =>
                carrier.Unboxed((ref byte at) => boxed(ref at) ?? throw new InvalidOperationException("A nullable without a value was read.")),
            _ => null,
        };
    }

    private Delegate Field(Expression? owner, FieldInfo field)
    {
        var carrier = CarrierOf(field.FieldType);
        if (owner is null)
            return carrier.Unboxed((ref byte at) => field.GetValue(null));
        var boxed = Boxed(owner);
        return carrier.Unboxed((ref byte at) => field.GetValue(boxed(ref at) ?? throw new NullReferenceException()));
    }

    private Delegate? Call(MethodCallExpression node)
    {
        var method = node.Method;
        if (!IsPlain(method) || method.ReturnType == typeof(void))
            return null;
        if (node.Object is { } target)
        {
            if (node.Arguments.Count == 0)
                return Getter(target, method, node.Type);
            if (Nullable.GetUnderlyingType(target.Type) is null)
                return Invoked(node);
            return node is { Method.Name: nameof(Nullable<>.GetValueOrDefault), Arguments: [var other] }
                && CarrierOf(target.Type).Nullable is { } nullable
                ? nullable.ValueOr(Part(target), Part(other), isLazy: false)
                : null;
        }

        if (SmallPowers.Exponent(node) is { } exponent)
            return Power((Part<double>)Part(node.Arguments[0]), exponent);
        if (Function.Of(method) is { } function)
            return function.Call(method, [.. node.Arguments.Select(Part)]);
        if (node.Arguments.Count == 0)
            return CarrierOf(node.Type).OfNothing(method);
        if (node.Arguments is [{ Type.IsValueType: false } only] && CarrierOf(node.Type).OfObject((Part<object?>)Part(only), method) is { } known)
            return known;
        return Invoked(node);
    }

    private Delegate Invoked(MethodCallExpression node) =>
        CarrierOf(node.Type).Unboxed(Invocation.Of(node.Method, node.Object is null ? null : Boxed(node.Object), [.. node.Arguments.Select(Boxed)]));

    // As SmallPowers multiplies.
    private static Part<double> Power(Part<double> part, int exponent)
    {
        if (exponent == 1)
            return part;
        var isCube = exponent == 3;
        return (ref byte at) =>
        {
            var x = part(ref at);
            return isCube ? x * x * x : x * x;
        };
    }

    private Delegate? Unary(UnaryExpression node)
    {
        if (node.NodeType is not (ExpressionType.Convert or ExpressionType.ConvertChecked
            or ExpressionType.Negate or ExpressionType.NegateChecked or ExpressionType.Not
            or ExpressionType.OnesComplement or ExpressionType.ArrayLength))
        {
            return null;
        }

        var operand = node.Operand;
        if (node.Method is { } method)
            return Operator(method, node, [operand], node.IsLifted);
        if (node.NodeType == ExpressionType.ArrayLength)
        {
            var array = (Part<object?>)Part(operand);
            return (Part<int>)((ref byte at) => ((Array)array(ref at)!).Length);
        }

        return node.NodeType is ExpressionType.Convert or ExpressionType.ConvertChecked
            ? Conversion(node)
            : CarrierOf(operand.Type).Unary(node.NodeType, Part(operand));
    }

    private Delegate? Conversion(UnaryExpression node)
    {
        var (from, to) = (CarrierOf(node.Operand.Type), CarrierOf(node.Type));
        if (node.Operand.Type == node.Type)
            return Part(node.Operand);
        if (!node.Type.IsValueType)
            return node.Type.IsAssignableFrom(node.Operand.Type) ? Boxed(node.Operand) : null;
        if (!node.Operand.Type.IsValueType)
            return to == Carriers.Box ? null : to.Unboxed((Part<object?>)Part(node.Operand));
        if (from == Carriers.Box || to == Carriers.Box)
            return null;
        if (from == to)
            return Part(node.Operand);
        var isChecked = node.NodeType == ExpressionType.ConvertChecked;
        var isNullable = from.Nullable?.Carrier == from;
        if (to.Nullable is not { } nullable || nullable.Carrier != to || isNullable)
            return from.Converted(Part(node.Operand), to, isChecked);
        var value = nullable.Underlying == from ? Part(node.Operand) : from.Converted(Part(node.Operand), nullable.Underlying, isChecked);
        return value is null ? null : nullable.Wrapped(value);
    }

    private Delegate? Binary(BinaryExpression node)
    {
        if (node.NodeType == ExpressionType.Coalesce)
            return Coalescing(node);
        if (node.NodeType == ExpressionType.ArrayIndex)
            return node.Right.Type == typeof(int) ? CarrierOf(node.Type).Element((Part<object?>)Part(node.Left), (Part<int>)Part(node.Right)) : null;
        if (node.Method is { } method)
        {
            var isLogical = node.NodeType is ExpressionType.AndAlso or ExpressionType.OrElse;
            return isLogical || (node.IsLiftedToNull && method.ReturnType == typeof(bool))
                ? null
                : Operator(method, node, [node.Left, node.Right], node.IsLifted);
        }

        var carrier = CarrierOf(node.Left.Type);
        return carrier == CarrierOf(node.Right.Type) ? carrier.Binary(node, Part(node.Left), Part(node.Right)) : null;
    }

    private Delegate? Coalescing(BinaryExpression node)
    {
        var (left, right) = (node.Left, node.Right);
        if (CarrierOf(left.Type).Nullable is { } nullable)
        {
            return right.Type == left.Type ? nullable.Or(Part(left), Part(right))
                : right.Type == Nullable.GetUnderlyingType(left.Type) ? nullable.ValueOr(Part(left), Part(right), isLazy: true)
                : null;
        }

        var (first, second) = (Boxed(left), Boxed(right));
        return CarrierOf(node.Type).Unboxed((ref byte at) => first(ref at) ?? second(ref at));
    }

    // An operator or a conversion that a method makes.
    private Delegate? Operator(MethodInfo method, Expression node, Expression[] operands, bool isLifted)
    {
        if (isLifted)
            return Function.Of(method) is { } lifted ? lifted.Lifted(method, node.NodeType, Array.ConvertAll(operands, Part)) : null;
        if (!IsPlain(method) || node.Type != method.ReturnType)
            return null;
        if (Function.Of(method) is { } function)
            return function.Call(method, Array.ConvertAll(operands, Part));
        if (method.DeclaringType != typeof(string) || operands.Length != 2)
            return CarrierOf(node.Type).Unboxed(Invocation.Of(method, null, Array.ConvertAll(operands, Boxed)));
        var (first, second) = ((Part<object?>)Part(operands[0]), (Part<object?>)Part(operands[1]));
        return node.NodeType switch
        {
            ExpressionType.Equal => (Part<bool>)((ref byte at) => (string?)first(ref at) == (string?)second(ref at)),
            ExpressionType.NotEqual => (Part<bool>)((ref byte at) => (string?)first(ref at) != (string?)second(ref at)),
            _ => (Part<object?>)((ref byte at) => string.Concat(first(ref at), second(ref at))),
        };
    }

    private static bool IsPlain(MethodBase method) => !Array.Exists(method.GetParameters(), parameter => parameter.ParameterType.IsByRef);
}
