using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>Replaces one variable by an expression.</summary>
internal sealed class Substitution(ParameterExpression variable, Expression value) : ExpressionVisitor
{
    /// <inheritdoc/>
    protected override Expression VisitParameter(ParameterExpression node) => node == variable ? value : node;
}
