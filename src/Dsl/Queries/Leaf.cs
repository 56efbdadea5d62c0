using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;

namespace TypedPooling.Queries;

/// <summary>What a query groups by, as a chain that a LINQ provider makes: a value, then the rest.</summary>
internal interface IQueryKey
{
    /// <summary>Writes the values of the chain.</summary>
    /// <param name="leaves">Overwritten from <paramref name="at"/> on.</param>
    /// <param name="at">Where the first value goes.</param>
    void CopyTo(object?[] leaves, int at);
}

/// <summary>A value of a chain with more behind it. Immutable.</summary>
internal sealed class Leaf<T, TRest>(T value, TRest rest) : IQueryKey
    where TRest : IQueryKey
{
    public T Value { get; } = value;

    public TRest Rest { get; } = rest;

    public void CopyTo(object?[] leaves, int at)
    {
        leaves[at] = Value;
        Rest.CopyTo(leaves, at + 1);
    }

    public override bool Equals(object? obj) =>
        obj is Leaf<T, TRest> other && EqualityComparer<T>.Default.Equals(Value, other.Value) && Rest.Equals(other.Rest);

    public override int GetHashCode() => HashCode.Combine(Value, Rest);
}

/// <summary>The last value of a chain. Immutable.</summary>
internal sealed class Leaf<T>(T value) : IQueryKey
{
    public T Value { get; } = value;

    public void CopyTo(object?[] leaves, int at) => leaves[at] = Value;

    public override bool Equals(object? obj) => obj is Leaf<T> other && EqualityComparer<T>.Default.Equals(Value, other.Value);

    public override int GetHashCode() => HashCode.Combine(Value);
}

/// <summary>Chains in expression trees.</summary>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal static class Leaf
{
    /// <summary>The tree that makes a chain, with its members named, as an anonymous type has them: providers follow members to their
    /// values.</summary>
    /// <param name="leaves">The values, at least one.</param>
    /// <param name="first">Which of them is the first.</param>
    public static NewExpression Chain(IReadOnlyList<Expression> leaves, int first = 0)
    {
        var leaf = leaves[first];
        if (first == leaves.Count - 1)
            return New(typeof(Leaf<>).MakeGenericType(leaf.Type), [leaf]);
        var rest = Chain(leaves, first + 1);
        return New(typeof(Leaf<,>).MakeGenericType(leaf.Type, rest.Type), [leaf, rest]);
    }

    /// <summary>The tree that reads a value of a chain.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="number">Number of the value, from 0.</param>
    public static Expression Value(Expression chain, int number)
    {
        for (var i = 0; i < number; i++)
            chain = Expression.Property(chain, "Rest");
        return Expression.Property(chain, "Value");
    }

    /// <summary>The tree that makes an object by its only constructor, whose parameters are its properties.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="arguments">The properties.</param>
    public static NewExpression New(Type type, IReadOnlyList<Expression> arguments)
    {
        var constructor = type.GetConstructors()[0];
        return Expression.New(
            constructor,
            arguments,
            constructor.GetParameters().Select(parameter => type.GetProperty(char.ToUpperInvariant(parameter.Name![0]) + parameter.Name[1..])!));
    }
}
