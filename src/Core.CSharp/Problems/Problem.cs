using System.Globalization;
using System.Text;
using TypedPooling.Keys;

namespace TypedPooling;

/// <summary>One thing that is wrong with a model or its data.</summary>
/// <param name="Code">What kind of problem it is; stable, for programs.</param>
/// <param name="Sentence">What is wrong, in one sentence.</param>
/// <param name="Remedy">What to do about it, in one sentence.</param>
public sealed record Problem(ProblemCode Code, string Sentence, string Remedy)
{
    /// <summary>The term, column or grouping factor concerned; null where the problem is not about one.</summary>
    public string? Term { get; init; }

    /// <summary>Number of the row concerned, the first row being 1; null where the problem is not about one.</summary>
    public long? Row { get; init; }

    /// <summary>The level concerned, as text; null where the problem is not about one.</summary>
    public string? Level { get; init; }

    /// <summary>The problem as one line: code, place, sentence, remedy; control characters in names and keys escaped.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append('[').Append(Code).Append(']');
        var place = new List<string>();
        if (Term is not null)
            place.Add(Term);
        if (Row is { } row)
            place.Add(string.Create(CultureInfo.InvariantCulture, $"row {row}"));
        if (Level is not null)
            place.Add($"level '{Level}'");
        if (place.Count > 0)
            text.Append(' ').AppendJoin(", ", place).Append(':');
        return KeyText.Printed(text.Append(' ').Append(Sentence).Append(' ').Append(Remedy).ToString());
    }
}
