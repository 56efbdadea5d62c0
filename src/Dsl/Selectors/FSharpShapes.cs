using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>Turns the shapes in which F# lambdas arrive as expression trees, and a few of C#, into plain nodes.</summary>
/// <remarks>
/// Met with FSharp.Core 10: <c>log x</c> is a call of <c>Operators.Log$W</c> with a witness function before its argument; <c>x |> f</c> a call of
/// <c>op_PipeRight</c>; <c>let</c> and members of temporary structs are blocks that assign, or lambdas that are invoked; decimals, dates and strings
/// carry <c>AdditionDynamic</c>, <c>ExplicitDynamic</c>, <c>op_Equality</c> as operator methods. FSharp.Core is recognised by name: the library does
/// not depend on it.
/// </remarks>
internal sealed class FSharpShapes : ExpressionVisitor
{
    private const string Core = "Microsoft.FSharp.Core.";

    /// <summary>A value option as a nullable of its value: value options are structs, so that C# and F# take them for columns that are never
    /// missing.</summary>
    /// <param name="value">A normalised expression of any type.</param>
    /// <returns>The expression itself where it is no value option of a number or bool.</returns>
    public static Expression ToNullable(Expression value)
    {
        if (!value.Type.IsGenericType || value.Type.GetGenericTypeDefinition().FullName != Core + "FSharpValueOption`1")
            return value;
        var known = NamedMember.Of(value, "Value");
        if (!NumericTypes.IsNumber(known.Type) && known.Type != typeof(bool))
            return value;

        // Numbers and bools become a double here: nothing makes a nullable type at run time.
        return Expression.Condition(
            NamedMember.Of(value, "IsSome"),
            Expression.Convert(NumericTypes.ToDouble(known), typeof(double?)),
            Expression.Constant(null, typeof(double?)));
    }

    /// <inheritdoc/>
    protected override Expression VisitBlock(BlockExpression node)
    {
        // let a = e in body: e is pure, so it may take the place of a.
        var statements = node.Expressions;
        var body = statements[^1];
        for (var i = statements.Count - 2; i >= 0; i--)
        {
            if (statements[i] is not BinaryExpression { NodeType: ExpressionType.Assign, Left: ParameterExpression variable } let
                || AssignmentFinder.Assigns(body, variable))
                return base.VisitBlock(node);
            body = new Substitution(variable, let.Right).Visit(body);
        }

        return Visit(body);
    }

    /// <inheritdoc/>
    protected override Expression VisitInvocation(InvocationExpression node) =>
        node.Expression is LambdaExpression lambda ? Inline(lambda, node.Arguments) : base.VisitInvocation(node);

    /// <inheritdoc/>
    protected override Expression VisitMethodCall(MethodCallExpression node)
    {
        // let a = e in body, as FSharp.Core before 10.1 has it: (a => body).Invoke(e).
        if (node.Object is LambdaExpression let)
            return Inline(let, node.Arguments);

        var method = node.Method;
        var owner = method.DeclaringType?.FullName ?? string.Empty;
        if (owner.StartsWith(Core, StringComparison.Ordinal))
        {
            var applied = method.Name switch
            {
                "op_PipeRight" => Apply(node.Arguments[1], node.Arguments[0]),
                "op_PipeLeft" => Apply(node.Arguments[0], node.Arguments[1]),
                "Invoke" when node.Object is not null => Apply(node.Object, node.Arguments[0]),
                _ => null,
            };
            if (applied is not null)
                return applied;

            if (method.Name == "ToNullable" && Mapped(Visit(node.Arguments[0]), node.Type) is { } mapped)
                return mapped;

            // Op$W(witness, ..., argument, ...): the witnesses are functions and come first.
            var witnessed = method.Name.EndsWith("$W", StringComparison.Ordinal);
            var name = witnessed ? method.Name[..^2] : method.Name;
            var arguments = witnessed ? node.Arguments.SkipWhile(a => IsFunction(a.Type)) : node.Arguments;
            if (FSharpOperators.Rewrite(name, [.. Visit(arguments.ToList().AsReadOnly())], node.Type) is { } plain)
                return plain;
        }
        else if (method.IsStatic && node.Arguments.Count > 0 && (owner == "System.Double" || owner == "System.Single"))
        {
            // Double.Pow and the like, of generic mathematics.
            if (FSharpOperators.MathCall(method.Name, [.. Visit(node.Arguments)], node.Type) is { } plain)
                return plain;
        }
        else if (method.DeclaringType == typeof(Convert) && method.Name == nameof(Convert.ToDouble) && node.Arguments is [var number])
        {
            if (number.Type == typeof(bool))
                return Expression.Condition(Visit(number), Expression.Constant(1.0), Expression.Constant(0.0));
            if (NumericTypes.IsNumber(number.Type))
                return Expression.Convert(Visit(number), typeof(double));
        }

        return base.VisitMethodCall(node);
    }

    /// <inheritdoc/>
    protected override Expression VisitUnary(UnaryExpression node)
    {
        if (node.NodeType == ExpressionType.UnaryPlus && node.Method is null)
            return Visit(node.Operand);
        if (node.NodeType is not (ExpressionType.Convert or ExpressionType.ConvertChecked))
            return base.VisitUnary(node);

        var operand = Visit(node.Operand);
        if (operand.Type == node.Type)
            return operand;
        var from = Nullable.GetUnderlyingType(operand.Type);
        if (from is not null && node.Type.IsValueType && Nullable.GetUnderlyingType(node.Type) is null)
        {
            // (double)nullable is nullable.Value.
            var value = NamedMember.Of(operand, nameof(Nullable<>.Value));
            return value.Type == node.Type ? value : Expression.Convert(value, node.Type);
        }

        if (IsCore(node.Method))
        {
            var plain = NumericTypes.IsNumber(from ?? operand.Type) && NumericTypes.IsNumber(Nullable.GetUnderlyingType(node.Type) ?? node.Type);
            return plain ? Expression.Convert(operand, node.Type) : node.Update(operand);
        }

        return node.Update(operand);
    }

    /// <inheritdoc/>
    protected override Expression VisitBinary(BinaryExpression node)
    {
        if (node.NodeType == ExpressionType.Power && node.Type == typeof(double))
            return FSharpOperators.MathCall(nameof(Math.Pow), [Visit(node.Left), Visit(node.Right)], typeof(double)) ?? node;
        if (node.Left is MethodCallExpression { Method.Name: "GetTag", Arguments: [var option] } && IsOption(option.Type)
            && node.Right is ConstantExpression { Value: int tag })
        {
            // match option with None -> ... | Some x -> ... compares a tag, which is 0 for None.
            var isNone = (tag == 0) == (node.NodeType == ExpressionType.Equal);
            var none = Expression.Constant(null, option.Type);
            return isNone ? Expression.ReferenceEqual(Visit(option), none) : Expression.ReferenceNotEqual(Visit(option), none);
        }

        if (!IsCore(node.Method) || !FSharpOperators.HasOwnOperators(node.Left.Type) || !FSharpOperators.HasOwnOperators(node.Right.Type))
            return base.VisitBinary(node);
        return Expression.MakeBinary(node.NodeType, Visit(node.Left), Visit(node.Right));
    }

    private static bool IsCore(System.Reflection.MethodInfo? method) =>
        method?.DeclaringType?.FullName?.StartsWith(Core, StringComparison.Ordinal) == true;

    private static bool IsOption(Type type) => type.IsGenericType && type.GetGenericTypeDefinition().FullName == Core + "FSharpOption`1";

    private static bool IsFunction(Type type) => type.IsGenericType && type.GetGenericTypeDefinition().FullName == Core + "FSharpFunc`2";

    private Expression Inline(LambdaExpression lambda, IReadOnlyList<Expression> arguments)
    {
        var body = lambda.Body;
        for (var i = 0; i < lambda.Parameters.Count; i++)
            body = new Substitution(lambda.Parameters[i], arguments[i]).Visit(body);
        return Visit(body);
    }

    // f x, where f is a lambda turned into an F# function; null where f is anything else.
    private Expression? Apply(Expression function, Expression argument)
    {
        var visited = Visit(function);
        return visited is MethodCallExpression { Method.Name: "ToFSharpFunc", Arguments: [LambdaExpression { Parameters: [var parameter] } lambda] }
            ? Visit(new Substitution(parameter, argument).Visit(lambda.Body))
            : null;
    }

    // Option.toNullable (Option.map f option) is null, or f of the option's value.
    private ConditionalExpression? Mapped(Expression argument, Type type)
    {
        if (argument is not MethodCallExpression { Method.Name: "Map", Arguments: [var function, var option] } || !IsOption(option.Type))
            return null;
        return Apply(function, NamedMember.Of(option, "Value")) is { } value
            ? Expression.Condition(
                Expression.ReferenceNotEqual(option, Expression.Constant(null, option.Type)),
                Expression.Convert(value, type),
                Expression.Constant(null, type))
            : null;
    }

    private sealed class AssignmentFinder(ParameterExpression variable) : ExpressionVisitor
    {
        private bool found;

        public static bool Assigns(Expression body, ParameterExpression variable)
        {
            var finder = new AssignmentFinder(variable);
            finder.Visit(body);
            return finder.found;
        }

        protected override Expression VisitBinary(BinaryExpression node)
        {
            found |= node.NodeType == ExpressionType.Assign && node.Left == variable;
            return base.VisitBinary(node);
        }
    }
}
