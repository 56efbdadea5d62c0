using System.Linq.Expressions;

namespace TypedPooling.Queries;

/// <summary>What is asked of the rows of a group.</summary>
internal enum AggregateKind
{
    /// <summary>A sum.</summary>
    Sum,

    /// <summary>A mean.</summary>
    Average,

    /// <summary>The least value.</summary>
    Min,

    /// <summary>The greatest value.</summary>
    Max,

    /// <summary>The number of rows of which a condition holds.</summary>
    Count,
}

/// <summary>A question to a group.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Body">Of what: a nullable double over the row, or a condition where rows are counted.</param>
internal readonly record struct Aggregate(AggregateKind Kind, Expression Body)
{
    public static Aggregate Sum(Expression body) => new(AggregateKind.Sum, QueryColumn.Lifted(body));

    public static Aggregate Average(Expression body) => new(AggregateKind.Average, QueryColumn.Lifted(body));

    public static Aggregate Min(Expression body) => new(AggregateKind.Min, QueryColumn.Lifted(body));

    public static Aggregate Max(Expression body) => new(AggregateKind.Max, QueryColumn.Lifted(body));

    public static Aggregate Count(Expression condition) => new(AggregateKind.Count, condition);
}
