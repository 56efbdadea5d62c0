using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>Turns <c>Math.Pow</c> with a small whole exponent into products, just before compiling.</summary>
internal sealed class SmallPowers : ExpressionVisitor
{
    /// <summary>The exponent of a power that is a product.</summary>
    /// <param name="node">Any call.</param>
    /// <returns>1, 2 or 3; null for every other call.</returns>
    public static int? Exponent(MethodCallExpression node) =>
        node.Method.DeclaringType == typeof(Math) && node.Method.Name == nameof(Math.Pow)
            && node.Arguments[1] is ConstantExpression { Value: double exponent } && exponent is (1 or 2 or 3)
            ? (int)exponent
            : null;

    /// <inheritdoc/>
    protected override Expression VisitMethodCall(MethodCallExpression node)
    {
        var visited = (MethodCallExpression)base.VisitMethodCall(node);
        if (Exponent(visited) is not { } exponent)
            return visited;
        var x = Expression.Variable(typeof(double));
        Expression product = x;
        for (var i = 1; i < exponent; i++)
            product = Expression.Multiply(product, x);
        return Expression.Block([x], Expression.Assign(x, visited.Arguments[0]), product);
    }
}
