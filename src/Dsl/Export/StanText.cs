namespace TypedPooling.Export;

/// <summary>Pieces of Stan.</summary>
internal static class StanText
{
    public static string IntegerArray(string name, string bounds, string length, StanArraySyntax syntax) =>
        syntax == StanArraySyntax.Keyword ? $"array[{length}] int{bounds} {name};" : $"int{bounds} {name}[{length}];";

    public static string VectorArray(string name, int size, string length, StanArraySyntax syntax) =>
        syntax == StanArraySyntax.Keyword ? $"array[{length}] vector[{size}] {name};" : $"vector[{size}] {name}[{length}];";

    /// <summary>The declaration of a number, or of one for each level, with its bounds.</summary>
    public static string Declare(ProgramNumber number)
    {
        var bounds = new List<string>();
        if (double.IsFinite(number.Lower))
            bounds.Add($"lower={ProgramNumber.Literal(number.Lower)}");
        if (double.IsFinite(number.Upper))
            bounds.Add($"upper={ProgramNumber.Literal(number.Upper)}");
        var text = bounds.Count == 0 ? string.Empty : $"<{string.Join(", ", bounds)}>";
        return number.Count is null ? $"real{text} {number.Sampled};" : $"vector{text}[{number.Count}] {number.Sampled};";
    }

    /// <summary>A column vector of the sds of a factor.</summary>
    public static string Sds(ProgramFactor factor) => $"[{string.Join(", ", factor.Terms.Select(term => term.Sd!.Sampled))}]'";
}
