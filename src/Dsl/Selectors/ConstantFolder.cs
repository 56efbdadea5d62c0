using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;

namespace TypedPooling.Selectors;

/// <summary>Evaluates, once, every part of a selector that does not depend on the row: captured variables, static members, arithmetic on
/// constants.</summary>
/// <remarks>Clocks, random numbers and new identities are not evaluated: they stay calls, and the selector is then opaque. What throws when evaluated
/// stays as well.</remarks>
internal sealed class ConstantFolder : ExpressionVisitor
{
    private static readonly HashSet<string> NotConstant =
    [
        "System.DateTime.Now",
        "System.DateTime.UtcNow",
        "System.DateTime.Today",
        "System.DateTimeOffset.Now",
        "System.DateTimeOffset.UtcNow",
        "System.Guid.NewGuid",
        "System.Guid.CreateVersion7", "System.Environment.TickCount", "System.Environment.TickCount64",
    ];

    private static readonly HashSet<string> NotConstantTypes =
        ["System.Random", "System.TimeProvider", "System.Diagnostics.Stopwatch", "System.Security.Cryptography.RandomNumberGenerator"];

    /// <inheritdoc/>
    protected override Expression VisitMember(MemberExpression node)
    {
        var visited = (MemberExpression)base.VisitMember(node);
        return visited.Expression is null or ConstantExpression && IsConstant(node.Member) ? Fold(visited) : visited;
    }

    /// <inheritdoc/>
    protected override Expression VisitUnary(UnaryExpression node)
    {
        var visited = base.VisitUnary(node);
        return visited is UnaryExpression { NodeType: not (ExpressionType.Quote or ExpressionType.Throw), Operand: ConstantExpression }
            ? Fold(visited)
            : visited;
    }

    /// <inheritdoc/>
    protected override Expression VisitBinary(BinaryExpression node)
    {
        var visited = base.VisitBinary(node);
        if (visited is not BinaryExpression binary || binary.NodeType == ExpressionType.Assign)
            return visited;
        if (binary is { Left: ConstantExpression, Right: ConstantExpression })
            return Fold(binary);
        return Named(binary, binary.Left, binary.Right, false) ?? Named(binary, binary.Right, binary.Left, true) ?? binary;
    }

    /// <inheritdoc/>
    protected override Expression VisitConditional(ConditionalExpression node)
    {
        var visited = base.VisitConditional(node);
        return visited is ConditionalExpression { Test: ConstantExpression { Value: bool test } } choice
            ? test ? choice.IfTrue : choice.IfFalse
            : visited;
    }

    /// <inheritdoc/>
    protected override Expression VisitMethodCall(MethodCallExpression node)
    {
        var visited = (MethodCallExpression)base.VisitMethodCall(node);
        var constant = visited.Object is null or ConstantExpression && visited.Arguments.All(a => a is ConstantExpression)
            && visited.Type != typeof(void);
        return constant && IsConstant(node.Method) ? Fold(visited) : visited;
    }

    /// <inheritdoc/>
    protected override Expression VisitNew(NewExpression node)
    {
        var visited = (NewExpression)base.VisitNew(node);
        return node.Type.IsValueType && visited.Arguments.All(a => a is ConstantExpression) ? Fold(visited) : visited;
    }

    /// <inheritdoc/>
    protected override Expression VisitMemberInit(MemberInitExpression node) =>
        node.Update(Unfolded(node.NewExpression), Visit(node.Bindings, VisitMemberBinding));

    /// <inheritdoc/>
    protected override Expression VisitListInit(ListInitExpression node) =>
        node.Update(Unfolded(node.NewExpression), Visit(node.Initializers, VisitElementInit));

    // Object and collection initialisers need their New node to stay one.
    private NewExpression Unfolded(NewExpression node) => node.Update(Visit(node.Arguments));

    private static bool IsConstant(MemberInfo member)
    {
        var type = member.DeclaringType?.FullName ?? string.Empty;
        return !NotConstantTypes.Contains(type) && !NotConstant.Contains(type + "." + member.Name);
    }

    private static Expression Fold(Expression node)
    {
        if (node.Type.IsByRefLike)
            return node;
        try
        {
            return Expression.Constant(Evaluate(node), node.Type);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return node;
        }
    }

    // Reflection for the usual shapes: starting the interpreter of expressions costs far more.
    private static object? Evaluate(Expression node) => node switch
    {
        MemberExpression { Member: FieldInfo field } member => field.GetValue(Value(member.Expression)),
        MemberExpression { Member: PropertyInfo property } member => property.GetValue(Value(member.Expression)),
        MethodCallExpression call => call.Method.Invoke(Value(call.Object), [.. call.Arguments.Select(Value)]),
        NewExpression { Constructor: { } constructor } made => constructor.Invoke([.. made.Arguments.Select(Value)]),
        UnaryExpression { NodeType: ExpressionType.Convert, Method: null, Operand: ConstantExpression { Value: int number } }
            when node.Type == typeof(double) => (double)number,
        UnaryExpression { NodeType: ExpressionType.Convert, Operand: ConstantExpression { Value: { } value } }
            when Nullable.GetUnderlyingType(node.Type) == value.GetType() => value,
        _ => Expression.Lambda<Func<object?>>(Expression.Convert(node, typeof(object))).Compile(preferInterpretation: true)(),
    };

    private static object? Value(Expression? constant) => (constant as ConstantExpression)?.Value;

    // C# compares enums and chars as integers, F# does not: (int)v.Colour == 1 becomes v.Colour == Colour.Blue.
    private static BinaryExpression? Named(BinaryExpression node, Expression converted, Expression constant, bool swapped)
    {
        if (node.Method is not null || converted is not UnaryExpression { NodeType: ExpressionType.Convert } cast)
            return null;
        if (constant is not ConstantExpression { Value: { } value } || constant.Type != cast.Type || !IsComparison(node.NodeType))
            return null;
        var type = cast.Operand.Type;
        object? named = type.IsEnum && Enum.GetUnderlyingType(type) == value.GetType() ? Enum.ToObject(type, value)
            : type == typeof(char) && value is int code and >= 0 and <= char.MaxValue ? Convert.ToChar(code, CultureInfo.InvariantCulture)
            : null;
        if (named is null || (type.IsEnum && node.NodeType is not (ExpressionType.Equal or ExpressionType.NotEqual)))
            return null;
        var right = Expression.Constant(named, type);
        return swapped ? Expression.MakeBinary(node.NodeType, right, cast.Operand) : Expression.MakeBinary(node.NodeType, cast.Operand, right);
    }

    private static bool IsComparison(ExpressionType type) => type is ExpressionType.Equal or ExpressionType.NotEqual or ExpressionType.LessThan
        or ExpressionType.LessThanOrEqual or ExpressionType.GreaterThan or ExpressionType.GreaterThanOrEqual;
}
