using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>Makes a column that reads <c>.Value</c> of a nullable or an option missing where that is null, instead of throwing in the middle of the
/// data.</summary>
/// <remarks>A selector that chooses (a condition, a null coalescing) guards itself and is left as written.</remarks>
internal sealed class MissingValues : ExpressionVisitor
{
    private readonly List<Expression> sources = [];
    private bool chooses;

    /// <summary>A column as a double; as a nullable one where it is nullable or reads the value of something nullable without a guard.</summary>
    /// <param name="value">A normalised expression of a numeric type, bool, or a nullable of these.</param>
    /// <returns>The column; null where one of its sources is.</returns>
    public static Expression ToColumn(Expression value)
    {
        var finder = new MissingValues();
        finder.Visit(value);
        var column = NumericTypes.ToDouble(value);
        if (finder.chooses || finder.sources.Count == 0)
            return column;
        var present = finder.sources.Select(IsPresent).Aggregate(Expression.AndAlso);
        var known = column.Type == typeof(double?) ? column : Expression.Convert(column, typeof(double?));
        return Expression.Condition(present, known, Expression.Constant(null, typeof(double?)));
    }

    /// <summary>True for <c>.Value</c> of a nullable, an option or a value option.</summary>
    /// <param name="node">A member access.</param>
    /// <returns>False for other members.</returns>
    public static bool IsValueOfNullable(MemberExpression node) =>
        node.Member.Name == "Value" && node.Expression is { Type.IsGenericType: true } source
        && source.Type.GetGenericTypeDefinition() is var type
            && (type == typeof(Nullable<>) || type.Name is "FSharpOption`1" or "FSharpValueOption`1");

    /// <inheritdoc/>
    protected override Expression VisitMember(MemberExpression node)
    {
        // What is inside first: a.Value.b.Value looks at a before it looks at b.
        var visited = base.VisitMember(node);
        if (IsValueOfNullable(node))
            sources.Add(node.Expression!);
        return visited;
    }

    /// <inheritdoc/>
    protected override Expression VisitConditional(ConditionalExpression node)
    {
        // An indicator, 1 or 0, is not a choice between values.
        chooses |= node is not { IfTrue: ConstantExpression, IfFalse: ConstantExpression };
        return base.VisitConditional(node);
    }

    /// <inheritdoc/>
    protected override Expression VisitBinary(BinaryExpression node)
    {
        chooses |= node.NodeType is ExpressionType.AndAlso or ExpressionType.OrElse or ExpressionType.Coalesce;
        return base.VisitBinary(node);
    }

    /// <inheritdoc/>
    protected override Expression VisitLambda<T>(Expression<T> node)
    {
        chooses = true;
        return node;
    }

    private static Expression IsPresent(Expression source) =>
        !source.Type.IsValueType ? Expression.ReferenceNotEqual(source, Expression.Constant(null, source.Type))
        : NamedMember.Of(source, Nullable.GetUnderlyingType(source.Type) is null ? "IsSome" : nameof(Nullable<>.HasValue));
}
