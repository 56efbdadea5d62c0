using System.Linq.Expressions;
using TypedPooling.Selectors;

namespace TypedPooling.Queries;

/// <summary>Numeric columns as trees that LINQ providers translate.</summary>
internal static class QueryColumn
{
    private static readonly Expression Greatest = Expression.Constant(double.MaxValue, typeof(double?));
    private static readonly Expression Least = Expression.Constant(-double.MaxValue, typeof(double?));

    /// <summary>A column over a row: a double, nullable where the column is.</summary>
    /// <param name="column">The column.</param>
    /// <param name="row">The row.</param>
    public static Expression Of(ColumnSelector column, ParameterExpression row) =>
        new ProductsOfOne().Visit(new WrittenOutPowers().Visit(new Substitution(column.Body.Parameters[0], row).Visit(column.Body.Body)));

    /// <summary>A double as a nullable one: what SQL makes of a number may be NULL, whatever its type says.</summary>
    public static Expression Lifted(Expression number) => number.Type == typeof(double?) ? number : Expression.Convert(number, typeof(double?));

    /// <summary>A double that is not nullable.</summary>
    public static Expression Known(Expression number) => number.Type == typeof(double) ? number : Expression.Convert(number, typeof(double));

    /// <summary>A number that travels as a parameter, which keeps all its digits: databases read few literals to the last of them.</summary>
    public static Expression Parameter(double value) => Parameter<double?>(value);

    /// <inheritdoc cref="Parameter(double)"/>
    public static Expression Parameter<T>(T constant)
    {
        Expression<Func<T>> captured = () => constant;
        return captured.Body;
    }

    /// <summary>Holds where a number is neither missing nor infinite nor NaN.</summary>
    public static Expression IsFinite(Expression number) => Expression.AndAlso(
        Expression.GreaterThanOrEqual(Lifted(number), Least), Expression.LessThanOrEqual(Lifted(number), Greatest));

    /// <summary>Holds where a number is infinite or NaN, which databases take for the greatest number or for unequal to itself.</summary>
    public static Expression IsNotFinite(Expression number)
    {
        var lifted = Lifted(number);
        return Expression.OrElse(
            Expression.OrElse(Expression.GreaterThan(lifted, Greatest), Expression.LessThan(lifted, Least)), Expression.NotEqual(lifted, lifted));
    }

    /// <summary>Holds where a value is not null; null where it cannot be.</summary>
    public static Expression? IsPresent(Expression value) =>
        value.Type.IsValueType && Nullable.GetUnderlyingType(value.Type) is null
            ? null
            : Expression.NotEqual(value, Expression.Constant(null, value.Type));

    // A column that is cast to double is multiplied by 1. A provider may give what stands beside a column the type of the column, whatever the cast
    // says: linq2db 6 sends 1.5 beside a column of int as 2. A product has no column's type.
    private sealed class ProductsOfOne : ExpressionVisitor
    {
        protected override Expression VisitUnary(UnaryExpression node)
        {
            var visited = base.VisitUnary(node);
            return visited.NodeType == ExpressionType.Convert && IsDouble(node.Type) && !IsDouble(node.Operand.Type)
                ? Expression.Multiply(visited, Expression.Constant(1.0, visited.Type))
                : visited;
        }

        private static bool IsDouble(Type type) => type == typeof(double) || type == typeof(double?);
    }

    // x * x for Math.Pow(x, 2), as rows are read.
    private sealed class WrittenOutPowers : ExpressionVisitor
    {
        protected override Expression VisitMethodCall(MethodCallExpression node)
        {
            var visited = (MethodCallExpression)base.VisitMethodCall(node);
            if (SmallPowers.Exponent(visited) is not { } exponent)
                return visited;
            var product = visited.Arguments[0];
            for (var i = 1; i < exponent; i++)
                product = Expression.Multiply(product, visited.Arguments[0]);
            return product;
        }
    }
}
