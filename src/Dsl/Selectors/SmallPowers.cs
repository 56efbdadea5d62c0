using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>Turns <c>Math.Pow</c> with a small whole exponent into products, just before compiling.</summary>
internal sealed class SmallPowers : ExpressionVisitor
{
    /// <inheritdoc/>
    protected override Expression VisitMethodCall(MethodCallExpression node)
    {
        var visited = (MethodCallExpression)base.VisitMethodCall(node);
        if (visited.Method.DeclaringType != typeof(Math) || visited.Method.Name != nameof(Math.Pow) || visited.Arguments[1] is not ConstantExpression { Value: double exponent })
            return visited;
        if (exponent is not (1 or 2 or 3))
            return visited;
        var x = Expression.Variable(typeof(double));
        Expression product = x;
        for (var i = 1; i < exponent; i++)
            product = Expression.Multiply(product, x);
        return Expression.Block([x], Expression.Assign(x, visited.Arguments[0]), product);
    }
}
