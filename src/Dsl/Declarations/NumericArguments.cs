using TypedPooling.Selectors;

namespace TypedPooling.Declarations;

/// <summary>Checks of columns whose values must be more than true or false.</summary>
internal static class NumericArguments
{
    /// <summary>A bool in such a place is nearly always a slip; who means numbers can say so.</summary>
    /// <param name="column">The column.</param>
    /// <param name="role">What it is, before its name.</param>
    /// <param name="ofModel">What follows its name, with a space before it; possibly empty.</param>
    public static void RefuseBool<TValue>(ColumnSelector column, string role, string ofModel)
    {
        if (typeof(TValue) == typeof(bool))
        {
            throw new ModelException(new Problem(
                ProblemCode.UnsupportedType,
                $"The {role} '{column.Name}'{ofModel} is true or false, not a number.",
                "If you mean numbers, write a lambda that returns 1.0 or 0.0.")
            { Term = column.Name });
        }
    }
}
