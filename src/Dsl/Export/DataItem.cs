namespace TypedPooling.Export;

/// <summary>A variable of the data of a program: how it is declared, and what it holds. One home for both, so that they agree.</summary>
/// <param name="Name">Its name in the program.</param>
/// <param name="Type">Its type.</param>
/// <param name="Comment">What it is.</param>
/// <param name="Read">Its values: one number, one for each row or level, or a matrix row after row.</param>
internal sealed record DataItem(string Name, DataType Type, string Comment, Func<ProgramValues, double[]> Read);

/// <summary>The type of a variable of the data.</summary>
/// <param name="IsInteger">Whether it holds whole numbers.</param>
/// <param name="Bounds">The bounds that Stan checks, <c>&lt;lower=0&gt;</c>; empty where there are none.</param>
/// <param name="Length">Its length, or its rows; null for one number.</param>
/// <param name="Width">Its columns; null where it is no matrix.</param>
internal sealed record DataType(bool IsInteger, string Bounds, string? Length, string? Width)
{
    /// <summary>The name of the number of rows.</summary>
    public const string RowCount = "N";

    public static DataType Count { get; } = new(true, "<lower=0>", null, null);

    public static DataType Real { get; } = new(false, string.Empty, null, null);

    public static DataType Rows { get; } = new(false, string.Empty, RowCount, null);

    /// <summary>True where there is a value, or a row of a matrix, for each row of the data.</summary>
    public bool IsByRow => Length == RowCount;

    public static DataType Vector(string length) => new(false, string.Empty, length, null);

    /// <summary>The declaration in Stan, without comment.</summary>
    public string Declare(string name, StanArraySyntax syntax) => (IsInteger, Length, Width) switch
    {
        (true, null, _) => $"int{Bounds} {name};",
        (true, _, _) => StanText.IntegerArray(name, Bounds, Length, syntax),
        (false, null, _) => $"real{Bounds} {name};",
        (false, _, null) => $"vector{Bounds}[{Length}] {name};",
        (false, _, _) => $"matrix{Bounds}[{Length}, {Width}] {name};",
    };
}
