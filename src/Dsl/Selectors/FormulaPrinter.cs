using System.Globalization;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;

namespace TypedPooling.Selectors;

/// <summary>Prints a normalised selector as mathematics: <c>(Year - 1952) / 5</c>, <c>log(Price)</c>, <c>X^2</c>.</summary>
/// <remarks>
/// The text is canonical: casts that keep the value, <c>.Value</c> and the parameter are left out, so it also serves as the key of a column. What
/// cannot be printed as mathematics is written with its full name, so that keys stay apart, and noted in <see cref="Opaque"/>.
/// </remarks>
internal sealed class FormulaPrinter
{
    private static readonly ConditionalWeakTable<object, object> Identities = [];
    private static long identityCount;

    private readonly ParameterExpression row;
    private readonly Dictionary<ParameterExpression, string> inner = [];

    private FormulaPrinter(ParameterExpression row) => this.row = row;

    /// <summary>The first part that has no mathematical notation, in words; null where there is none.</summary>
    public string? Opaque { get; private set; }

    /// <summary>Prints a normalised selector.</summary>
    /// <param name="selector">The lambda, from <see cref="ExpressionNormalizer"/>.</param>
    /// <param name="opaque">The first part that has no mathematical notation; null where there is none.</param>
    /// <returns>The text and its binding.</returns>
    public static Formula Print(LambdaExpression selector, out string? opaque)
    {
        var printer = new FormulaPrinter(selector.Parameters[0]);
        var formula = printer.Print(selector.Body);
        opaque = printer.Opaque;
        return formula;
    }

    private Formula Print(Expression node) => node switch
    {
        ParameterExpression parameter =>
            Atom(parameter == row ? "value" : inner.TryGetValue(parameter, out var known) ? known : inner[parameter] = $"p{inner.Count}"),
        ConstantExpression constant => Constant(constant),
        MemberExpression member => Member(member),
        UnaryExpression unary => Unary(unary),
        BinaryExpression binary => Binary(binary),
        ConditionalExpression choice => Choice(choice),
        MethodCallExpression call => Call(call),
        NewExpression made => Atom((IsTuple(made.Type) || IsAnonymous(made.Type) ? string.Empty : made.Type.Name) + Arguments(made.Arguments)),
        LambdaExpression lambda => Atom($"({string.Join(", ", lambda.Parameters.Select(p => Print(p).Text))} => {Print(lambda.Body).Text})"),
        NewArrayExpression array => Atom($"[{string.Join(", ", array.Expressions.Select(e => Print(e).Text))}]"),
        InvocationExpression call => Unknown("a call of a captured function", Print(call.Expression).Text + Arguments(call.Arguments)),
        TypeBinaryExpression test =>
            Unknown($"a test for {test.TypeOperand.Name}", $"({Print(test.Expression).Text} is {test.TypeOperand.FullName})"),

        // Only the same node is the same: two that merely look alike must not be taken for one column.
        _ => Unknown($"a {node.NodeType} expression", $"{node.NodeType}#{Identity(node)}"),
    };

    private static Formula Atom(string text) => new(text, Binding.Atom);

    private Formula Unknown(string what, string text)
    {
        Opaque ??= what;
        return Atom(text);
    }

    private Formula Constant(ConstantExpression constant) => constant.Value switch
    {
        null => Atom("null"),
        bool value => Atom(value ? "true" : "false"),
        char value => Atom($"'{value}'"),
        string value => Atom($"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""),
        Enum value => Atom($"{value.GetType().Name}.{value}"),
        DateTime value =>
            Atom(value.ToString(value.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)),
        DateTimeOffset value => Atom(value.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture)),
        DateOnly value => Atom(value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        TimeSpan or TimeOnly or Guid => Atom(((IFormattable)constant.Value).ToString(null, CultureInfo.InvariantCulture)),
        decimal value => Number(value.ToString("0.############################", CultureInfo.InvariantCulture)),
        IFormattable value when NumericTypes.IsNumber(value.GetType()) => Number(value.ToString(null, CultureInfo.InvariantCulture)),
        var value => Unknown($"a captured {value.GetType().Name}", $"{value.GetType().FullName}#{Identity(value)}"),
    };

    private static object Identity(object value) => Identities.GetValue(value, static _ => Interlocked.Increment(ref identityCount));

    private static Formula Number(string text) => new(text, text.StartsWith('-') ? Binding.Product : Binding.Atom);

    private Formula Member(MemberExpression member)
    {
        var name = Quoted(member.Member.Name);
        if (member.Expression is null)
            return Unknown($"{member.Member.DeclaringType?.Name}.{member.Member.Name}", $"{member.Member.DeclaringType?.FullName}.{name}");
        if (MissingValues.IsValueOfNullable(member))
            return Print(member.Expression);
        return IsRow(member.Expression) ? Atom(name) : Atom($"{Print(member.Expression).Within(Binding.Atom)}.{name}");
    }

    // The row itself, seen as one of its base types or interfaces.
    private bool IsRow(Expression node) =>
        node == row || (node is UnaryExpression { NodeType: ExpressionType.Convert, Method: null } cast && IsRow(cast.Operand));

    private Formula Unary(UnaryExpression unary)
    {
        var operand = Print(unary.Operand);
        switch (unary.NodeType)
        {
            case ExpressionType.Convert or ExpressionType.ConvertChecked:
                return Conversion(unary, operand);
            case ExpressionType.Negate or ExpressionType.NegateChecked:
                return new("-" + operand.Within(Binding.Power), Binding.Product);
            case ExpressionType.Not when (Nullable.GetUnderlyingType(unary.Type) ?? unary.Type) == typeof(bool):
                return Negation(operand);
            case ExpressionType.Quote:
                return operand;
            case ExpressionType.ArrayLength:
                return Atom($"{operand.Within(Binding.Atom)}.Length");
            default:
                return Unknown($"a {unary.NodeType} expression", $"{unary.NodeType}:{unary.Type.FullName}({operand.Text})");
        }
    }

    private Formula Conversion(UnaryExpression cast, Formula operand)
    {
        var from = Nullable.GetUnderlyingType(cast.Operand.Type) ?? cast.Operand.Type;
        var to = Nullable.GetUnderlyingType(cast.Type) ?? cast.Type;
        if (cast.Method is not null && !(NumericTypes.IsNumber(from) && NumericTypes.IsNumber(to)))
            return Unknown($"a conversion from {from.Name} to {to.Name}", $"{to.FullName}({operand.Text})");
        if (NumericTypes.IsWidening(from, to))
            return operand;
        return Atom($"{(to == typeof(int) && !NumericTypes.IsInteger(from) ? "trunc" : to.Name)}({operand.Text})");
    }

    private static Formula Negation(Formula operand) => new("not " + operand.Within(Binding.Atom), Binding.Not);

    private Formula Binary(BinaryExpression binary)
    {
        var left = Print(binary.Left);
        var right = Print(binary.Right);
        var isBool = binary.Type == typeof(bool) || binary.Type == typeof(bool?);
        switch (binary.NodeType)
        {
            case ExpressionType.ArrayIndex:
                return Atom($"{left.Within(Binding.Atom)}[{right.Text}]");
            case ExpressionType.Divide when NumericTypes.IsInteger(Nullable.GetUnderlyingType(binary.Type) ?? binary.Type):
                return Atom($"trunc({Infix(left, "/", right, Binding.Product).Text})");
            case ExpressionType.Coalesce:
                return Infix(left, "??", right, Binding.Coalesce);
        }

        (string? Symbol, Binding Binding) operation = binary.NodeType switch
        {
            ExpressionType.Add or ExpressionType.AddChecked => ("+", Binding.Sum),
            ExpressionType.Subtract or ExpressionType.SubtractChecked => ("-", Binding.Sum),
            ExpressionType.Multiply or ExpressionType.MultiplyChecked => ("*", Binding.Product),
            ExpressionType.Divide => ("/", Binding.Product),
            ExpressionType.Modulo => ("%", Binding.Product),
            ExpressionType.Equal => ("==", Binding.Comparison),
            ExpressionType.NotEqual => ("!=", Binding.Comparison),
            ExpressionType.LessThan => ("<", Binding.Comparison),
            ExpressionType.LessThanOrEqual => ("<=", Binding.Comparison),
            ExpressionType.GreaterThan => (">", Binding.Comparison),
            ExpressionType.GreaterThanOrEqual => (">=", Binding.Comparison),
            ExpressionType.AndAlso => ("and", Binding.And),
            ExpressionType.OrElse => ("or", Binding.Or),
            ExpressionType.And => isBool ? ("and", Binding.And) : ("&", Binding.Bits),
            ExpressionType.Or => isBool ? ("or", Binding.Or) : ("|", Binding.Bits),
            ExpressionType.ExclusiveOr => isBool ? ("!=", Binding.Comparison) : ("xor", Binding.Bits),
            ExpressionType.LeftShift => ("<<", Binding.Bits),
            ExpressionType.RightShift => (">>", Binding.Bits),
            _ => (null, Binding.Atom),
        };
        return operation.Symbol is { } symbol
            ? Infix(left, symbol, right, operation.Binding)
            : Unknown($"a {binary.NodeType} expression", $"{binary.NodeType}({left.Text}, {right.Text})");
    }

    private static Formula Infix(Formula left, string symbol, Formula right, Binding binding)
    {
        // Operators of one binding group to the left; a comparison does not group at all.
        var before = left.Within(binding == Binding.Comparison ? Binding.Bits : binding);
        var after = right.Within(binding + 1);
        if (after.StartsWith('-'))
            after = $"({after})";
        return new($"{before} {symbol} {after}", binding);
    }

    private Formula Choice(ConditionalExpression choice)
    {
        var test = Print(choice.Test);
        if (IsNumber(choice.IfTrue, 1) && IsNumber(choice.IfFalse, 0))
            return test;
        if (IsNumber(choice.IfTrue, 0) && IsNumber(choice.IfFalse, 1))
            return Negation(test);
        return Atom($"if({test.Text}, {Print(choice.IfTrue).Text}, {Print(choice.IfFalse).Text})");
    }

    private static bool IsNumber(Expression node, int number) =>
        node is ConstantExpression { Value: { } value } && NumericTypes.IsNumber(value.GetType()) && value is not Half
            && Convert.ToDouble(value, CultureInfo.InvariantCulture) == number;

    private Formula Call(MethodCallExpression call)
    {
        var method = call.Method;
        var owner = method.DeclaringType;
        if (owner == typeof(Math) || owner == typeof(MathF))
        {
            if (method.Name == nameof(Math.Pow))
            {
                var exponent = Print(call.Arguments[1]);
                return new($"{Print(call.Arguments[0]).Within(Binding.Atom)}^{exponent.Within(Binding.Atom)}", Binding.Power);
            }

            return Atom(MathName(method.Name) + Arguments(call.Arguments));
        }

        if (owner?.FullName is "Microsoft.FSharp.Core.OptionModule" or "Microsoft.FSharp.Core.ValueOption")
        {
            if (method.Name is "ToNullable" or "ToObj" or "GetValue")
                return Print(call.Arguments[0]);
            if (method.Name == "DefaultValue")
                return Infix(Print(call.Arguments[1]), "??", Print(call.Arguments[0]), Binding.Coalesce);
            if (method.Name is "IsSome" or "IsNone")
                return Infix(Print(call.Arguments[0]), method.Name == "IsSome" ? "!=" : "==", Atom("null"), Binding.Comparison);
        }

        if (owner?.FullName == "Microsoft.FSharp.Core.Operators" && method.Name == "ToString")
            return Atom("string" + Arguments(call.Arguments));
        if ((owner == typeof(ValueTuple) || owner == typeof(Tuple)) && method.Name == nameof(Tuple.Create))
            return Atom(Arguments(call.Arguments));
        if (call.Object is { } target && method.Name == "get_Item")
            return Atom($"{Print(target).Within(Binding.Atom)}[{string.Join(", ", call.Arguments.Select(a => Print(a).Text))}]");
        if (call.Object is { } value && owner is not null && IsKnown(call.Object.Type))
            return Atom($"{Print(value).Within(Binding.Atom)}.{method.Name}{Arguments(call.Arguments)}");
        if (call.Object is null && owner == typeof(string))
            return Atom($"{method.Name}{Arguments(call.Arguments)}");

        var signature = $"{owner?.FullName}.{method}";
        var arguments = call.Object is null ? call.Arguments.AsEnumerable() : call.Arguments.Prepend(call.Object);
        return Unknown($"a call of {method.Name}", $"{{{signature}}}{Arguments(arguments)}");
    }

    private string Arguments(IEnumerable<Expression> arguments) => $"({string.Join(", ", arguments.Select(a => Print(a).Text))})";

    private static string MathName(string name) => name switch
    {
        nameof(Math.Ceiling) => "ceil",
        nameof(Math.Truncate) => "trunc",
        _ => name.ToLowerInvariant(),
    };

    // Types whose methods are pure and read well.
    private static bool IsKnown(Type type) =>
        FSharpOperators.HasOwnOperators(type) || (Nullable.GetUnderlyingType(type) is { } underlying && IsKnown(underlying));

    private static bool IsTuple(Type type) => type.IsAssignableTo(typeof(ITuple)) && type.Namespace == nameof(System);

    private static bool IsAnonymous(Type type) => type.Name.StartsWith("<>", StringComparison.Ordinal);

    // F# names may hold anything: quoted, they cannot be taken for a formula.
    private static string Quoted(string name) => name.All(c => char.IsLetterOrDigit(c) || c == '_') ? name : $"`{name}`";
}
