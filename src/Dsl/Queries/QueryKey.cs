using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using TypedPooling.Selectors;

namespace TypedPooling.Queries;

/// <summary>A key as the values that a query groups by, and made from them again. A composite key (an anonymous type, a tuple, the pair of a nested
/// factor) is grouped by its parts.</summary>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal sealed class QueryKey
{
    private static readonly HashSet<Type> Scalars =
        [typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Guid), typeof(decimal)];

    private readonly Func<object?[], object?>? make;

    private QueryKey(KeySelector selector, int[] required, int[] leaves, Func<object?[], object?>? make)
    {
        Selector = selector;
        Required = required;
        Leaves = leaves;
        this.make = make;
    }

    public KeySelector Selector { get; }

    /// <summary>Numbers of the values, among all that are grouped by, which make the key missing where they are null.</summary>
    public int[] Required { get; }

    /// <summary>Numbers of all values that the key is made from, ascending.</summary>
    public int[] Leaves { get; }

    /// <summary>Takes a key apart.</summary>
    /// <param name="selector">The key.</param>
    /// <param name="row">The row.</param>
    /// <param name="leaves">All that is grouped by; new values are added.</param>
    public static QueryKey Of(KeySelector selector, ParameterExpression row, List<Expression> leaves)
    {
        var body = new Substitution(selector.Body.Parameters[0], row).Visit(selector.Body.Body);
        List<int> required = [];
        var pair = body;
        for (var depth = selector.Depth; depth > 0; depth--)
        {
            Require(((NewExpression)pair).Arguments[1]);
            pair = ((NewExpression)pair).Arguments[0];
        }

        Require(pair);
        var parts = new Parts(row, leaves);
        var rebuilt = parts.Visit(body)!;
        Func<object?[], object?>? make = null;
        if (IsComposite(body))
        {
            make = Expression.Lambda<Func<object?[], object?>>(Expression.Convert(rebuilt, typeof(object)), parts.Values)
                .Compile(preferInterpretation: !RuntimeFeature.IsDynamicCodeSupported);
        }

        return new(selector, [.. required], [.. parts.Numbers.Union(required).Order()], make);

        void Require(Expression part)
        {
            if (!IsComposite(part))
                required.Add(Parts.Number(part, row, leaves));
        }
    }

    /// <summary>The key of a group; null where it is missing.</summary>
    /// <param name="leaves">The values of the group.</param>
    public object? Of(object?[] leaves)
    {
        foreach (var leaf in Required)
        {
            if (leaves[leaf] is null)
                return null;
        }

        return make is null ? leaves[Required[0]] : make(leaves);
    }

    private static bool IsComposite(Expression key) =>
        !Scalars.Contains(key.Type)
        && (key is NewExpression { Arguments.Count: > 0 } or MemberInitExpression
            || (key is MethodCallExpression { Object: null, Method.Name: "Create" } call
                && (call.Method.DeclaringType == typeof(ValueTuple) || call.Method.DeclaringType == typeof(Tuple))));

    // Replaces what is read from the row by the values of a group.
    [RequiresDynamicCode(QueryReason.Text)]
    [RequiresUnreferencedCode(QueryReason.Text)]
    private sealed class Parts(ParameterExpression row, List<Expression> leaves) : ExpressionVisitor
    {
        public List<int> Numbers { get; } = [];

        public ParameterExpression Values { get; } = Expression.Parameter(typeof(object[]), "values");

        // SQL may make a NULL of what cannot be null in C#. Leaves are the same where their formulas are: those name captured objects one by one.
        public static int Number(Expression leaf, ParameterExpression row, List<Expression> leaves)
        {
            if (leaf.Type.IsValueType && Nullable.GetUnderlyingType(leaf.Type) is null)
                leaf = Expression.Convert(leaf, typeof(Nullable<>).MakeGenericType(leaf.Type));
            var text = Formula(leaf);
            var number = leaves.FindIndex(other => other.Type == leaf.Type && Formula(other) == text);
            if (number >= 0)
                return number;
            leaves.Add(leaf);
            return leaves.Count - 1;

            string Formula(Expression tree) => FormulaPrinter.Print(Expression.Lambda(tree, row), out _).Text;
        }

        public override Expression? Visit(Expression? node)
        {
            if (node is null or ConstantExpression || IsComposite(node))
                return base.Visit(node);
            var number = Number(node, row, leaves);
            Numbers.Add(number);
            return Expression.Convert(Expression.ArrayIndex(Values, Expression.Constant(number)), node.Type);
        }

        protected override Expression VisitNew(NewExpression node) => node.Update(Visit(node.Arguments));

        protected override Expression VisitMethodCall(MethodCallExpression node) => node.Update(null, Visit(node.Arguments));

        protected override Expression VisitMemberInit(MemberInitExpression node) =>
            node.Update((NewExpression)VisitNew(node.NewExpression), Visit(node.Bindings, VisitMemberBinding));
    }
}
