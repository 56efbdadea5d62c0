using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>Which types make a numeric column, and how they become a double.</summary>
internal static class NumericTypes
{
    private const string WantsNumber = "Select a number, a bool, or a nullable of these.";

    /// <summary>True for the integers of 8 to 64 bits, <see cref="float"/>, <see cref="double"/>, <see cref="Half"/> and
    /// <see cref="decimal"/>.</summary>
    /// <param name="type">Any type.</param>
    /// <returns>False for everything else, bools, chars and enums among it.</returns>
    public static bool IsNumber(Type type) =>
        type == typeof(Half) || (!type.IsEnum && Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Decimal);

    /// <summary>True for the integers of 8 to 64 bits.</summary>
    /// <param name="type">Any type.</param>
    /// <returns>False for everything else.</returns>
    public static bool IsInteger(Type type) => !type.IsEnum && Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64;

    /// <summary>Checks the type of a numeric column.</summary>
    /// <param name="type">The type, without its Nullable.</param>
    /// <param name="formula">The column as printed, for the message.</param>
    /// <exception cref="ModelException">UnsupportedType, with the remedy for that type.</exception>
    public static void Check(Type type, string formula)
    {
        if (IsNumber(type) || type == typeof(bool))
            return;
        var remedy = type switch
        {
            { IsEnum: true } => "Use Categorical for an enum, which gives each level an effect against a reference level.",
            _ when type == typeof(char) || type == typeof(Guid) => "Use Categorical, or make it the key of a grouping factor.",
            _ when type == typeof(DateTime) || type == typeof(DateTimeOffset) =>
                $"Subtract an origin and take the days: ({formula} - origin).TotalDays.",
            _ when type == typeof(DateOnly) => $"Subtract an origin in days: {formula}.DayNumber - origin.DayNumber.",
            _ when type == typeof(TimeSpan) || type == typeof(TimeOnly) =>
                $"Take a number from it, such as {formula}.{(type == typeof(TimeSpan) ? "TotalDays" : "Hour")}.",
            _ => WantsNumber,
        };
        throw new ModelException(
            new Problem(ProblemCode.UnsupportedType, $"A column of type {type.Name} is not numeric.", remedy) { Term = formula });
    }

    /// <summary>The expression as a double, or as a nullable double where it is nullable; true becomes 1, false 0.</summary>
    /// <param name="value">An expression of a type that <see cref="Check"/> accepts, or a nullable of one.</param>
    /// <returns>The expression itself where it is a double already.</returns>
    public static Expression ToDouble(Expression value)
    {
        var underlying = Nullable.GetUnderlyingType(value.Type);
        var target = underlying is null ? typeof(double) : typeof(double?);
        if (value.Type == target)
            return value;
        if (value.Type == typeof(bool))
            return Expression.Condition(value, Expression.Constant(1.0), Expression.Constant(0.0));
        if (underlying != typeof(bool))
            return Expression.Convert(value, target);
        var known = ToDouble(NamedMember.Of(value, nameof(Nullable<>.Value)));
        return Expression.Condition(
            NamedMember.Of(value, nameof(Nullable<>.HasValue)), Expression.Convert(known, target), Expression.Constant(null, target));
    }

    /// <summary>True where a conversion keeps the value (rounding of a large integer or a decimal aside), so that printing leaves it out.</summary>
    /// <param name="from">Type before; a Nullable counts as its underlying type, an enum as its number.</param>
    /// <param name="to">Type after; likewise.</param>
    /// <returns>False where digits are cut off or the value may wrap around.</returns>
    public static bool IsWidening(Type from, Type to)
    {
        from = Plain(from);
        to = Plain(to);
        if (from == to || !from.IsValueType || !to.IsValueType || to == typeof(double))
            return true;
        if (to == typeof(float))
            return from != typeof(double) && from != typeof(decimal);
        if (to == typeof(decimal))
            return true;
        return (IsInteger(from) || from == typeof(char)) && IsInteger(to) && Size(to) >= Size(from)
            && !(Size(to) == Size(from) && IsSigned(from) != IsSigned(to))
            && !(IsSigned(from) && !IsSigned(to));
    }

    private static Type Plain(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? Enum.GetUnderlyingType(type) : type;
    }

    private static int Size(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.SByte or TypeCode.Byte => 1,
        TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Char => 2,
        TypeCode.Int32 or TypeCode.UInt32 => 4,
        _ => 8,
    };

    private static bool IsSigned(Type type) => Type.GetTypeCode(type) is TypeCode.SByte or TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64;
}
