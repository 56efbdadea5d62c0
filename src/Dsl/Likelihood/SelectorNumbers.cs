using System.Linq.Expressions;

namespace TypedPooling.Likelihood;

/// <summary>Numbers selectors so that two have one number if and only if they are the same function of a row: the same normalised tree with the same
/// captured values. Used by one thread.</summary>
internal sealed class SelectorNumbers
{
    private readonly List<(string Key, object?[] Values)> known = [];

    /// <summary>The number of a selector.</summary>
    /// <param name="key">Its canonical text.</param>
    /// <param name="body">Its normalised tree.</param>
    public int Of(string key, LambdaExpression body)
    {
        var captured = new CapturedValues();
        captured.Visit(body);
        object?[] values = [.. captured.Values];
        var at = known.FindIndex(one => one.Key == key && one.Values.SequenceEqual(values));
        if (at >= 0)
            return at;
        known.Add((key, values));
        return known.Count - 1;
    }

    private sealed class CapturedValues : ExpressionVisitor
    {
        public List<object?> Values { get; } = [];

        protected override Expression VisitConstant(ConstantExpression node)
        {
            Values.Add(node.Value);
            return node;
        }
    }
}
