using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>A numeric column as an expression over the row.</summary>
/// <param name="Name">The explicit name, or the printed formula.</param>
/// <param name="Formula">The expression as mathematics, for example <c>(Year - 1952) / 5</c>.</param>
/// <param name="Key">Canonical text: equal for two selectors that differ only in the parameter's name, casts, or the closure their constants come
/// from.</param>
/// <param name="Body">The normalised lambda over the row; returns <see cref="double"/>, or a nullable one where the column may be missing.</param>
/// <param name="IsNullable">True where the column may be missing.</param>
internal sealed record ColumnSelector(string Name, string Formula, string Key, LambdaExpression Body, bool IsNullable)
{
    private Binding Binding { get; init; } = Binding.Atom;

    /// <summary>Makes a column of numbers or bools (true = 1, false = 0).</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TValue">A numeric primitive, <see cref="decimal"/>, <see cref="Half"/> or <see cref="bool"/>, or a value option of F# of
    /// these.</typeparam>
    /// <param name="selector">The column as a lambda; where it reads <c>.Value</c> of a null, without a guard of its own, the column is
    /// missing.</param>
    /// <param name="name">The name, or null to take the formula.</param>
    /// <param name="otherwise">The name where there is none and the lambda has no formula; null where that is an error.</param>
    /// <returns>The column.</returns>
    /// <exception cref="ModelException">UnsupportedType or NameNeeded.</exception>
    public static ColumnSelector Numeric<TRow, TValue>(Expression<Func<TRow, TValue>> selector, string? name = null, string? otherwise = null)
        where TValue : struct => Of<TRow>(selector, name, otherwise);

    /// <summary>Makes a column that is missing where the lambda returns null.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TValue">A numeric primitive, <see cref="decimal"/>, <see cref="Half"/> or <see cref="bool"/>.</typeparam>
    /// <param name="selector">The column as a lambda.</param>
    /// <param name="name">The name, or null to take the formula.</param>
    /// <param name="otherwise">The name where there is none and the lambda has no formula; null where that is an error.</param>
    /// <returns>The column.</returns>
    /// <exception cref="ModelException">UnsupportedType or NameNeeded.</exception>
    public static ColumnSelector NumericOrMissing<TRow, TValue>(
        Expression<Func<TRow, TValue?>> selector, string? name = null, string? otherwise = null)
        where TValue : struct => Of<TRow>(selector, name, otherwise);

    /// <summary>The product of two columns of the same rows, named <c>a:b</c>; missing where either is.</summary>
    /// <param name="a">The first column, say a group-level predictor.</param>
    /// <param name="b">The second column, say the predictor whose slope it predicts.</param>
    /// <returns>The product.</returns>
    public static ColumnSelector Product(ColumnSelector a, ColumnSelector b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var row = a.Body.Parameters[0];
        var left = a.Body.Body;
        var right = new Substitution(b.Body.Parameters[0], row).Visit(b.Body.Body);
        var isNullable = a.IsNullable || b.IsNullable;
        if (isNullable)
        {
            left = a.IsNullable ? left : Expression.Convert(left, typeof(double?));
            right = b.IsNullable ? right : Expression.Convert(right, typeof(double?));
        }

        var body = Expression.Lambda(a.IsNullable ? a.Body.Type : b.Body.Type, Expression.Multiply(left, right), row);
        return new ColumnSelector(
            $"{a.Name}:{b.Name}", Times(a.Formula, b.Formula), Times(a.Key, b.Key), body, isNullable)
        { Binding = Binding.Product };

        string Times(string left, string right) =>
            $"{new Formula(left, a.Binding).Within(Binding.Product)} * {new Formula(right, b.Binding).Within(Binding.Power)}";
    }

    private static ColumnSelector Of<TRow>(LambdaExpression selector, string? name, string? otherwise)
    {
        var normal = ExpressionNormalizer.Normalize(selector);
        var printed = SelectorName.Of(normal, name, otherwise);
        var value = FSharpShapes.ToNullable(normal.Body);
        NumericTypes.Check(Nullable.GetUnderlyingType(value.Type) ?? value.Type, printed.Formula.Text);
        var column = MissingValues.ToColumn(value);
        var isNullable = column.Type == typeof(double?);
        var body = Expression.Lambda(isNullable ? typeof(Func<TRow, double?>) : typeof(Func<TRow, double>), column, normal.Parameters);
        return new ColumnSelector(printed.Name, printed.Formula.Text, printed.Key, body, isNullable)
        {
            Binding = printed.Formula.Binding,
        };
    }
}
