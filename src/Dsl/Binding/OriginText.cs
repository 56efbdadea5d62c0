namespace TypedPooling.Binding;

/// <summary>How rows became data, in words.</summary>
internal static class OriginText
{
    /// <summary>What follows the sizes of the data; empty where rows were read.</summary>
    public static string Of(DataOrigin origin) => origin switch
    {
        DataOrigin.Rows => string.Empty,
        DataOrigin.Queries => ", summed by the database",
        _ => ", in part summed by the database",
    };
}
