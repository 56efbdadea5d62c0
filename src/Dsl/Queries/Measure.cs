using System.Linq.Expressions;

namespace TypedPooling.Queries;

/// <summary>A column, an indicator or the response whose products are summed.</summary>
/// <param name="Body">The number over the row.</param>
/// <param name="Pivot">What is taken off it in the query.</param>
/// <param name="Constants">For each cell its value where it is the same in all rows of the cell; null where it varies.</param>
internal sealed record Measure(Expression Body, double Pivot, double?[] Constants);
