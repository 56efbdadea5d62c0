using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;
using TypedPooling.Keys;

namespace TypedPooling;

/// <summary>One thing that is wrong with a model or its data.</summary>
/// <param name="Code">What kind of problem it is; stable, for programs.</param>
/// <param name="Sentence">What is wrong, in one sentence.</param>
/// <param name="Remedy">What to do about it, in one sentence.</param>
/// <remarks>As JSON a problem names rows and keys of the caller and never keys of the data that a fit holds: <see cref="Suggestion"/>, and a
/// <see cref="Level"/> that comes from the data, are left out.</remarks>
[JsonConverter(typeof(ReportJsonConverter))]
public sealed record Problem(ProblemCode Code, string Sentence, string Remedy) : IJsonAnswer<Problem>
{
    /// <summary>The term, column or grouping factor concerned; null where the problem is not about one.</summary>
    public string? Term { get; init; }

    /// <summary>Number of the row concerned, the first row being 1; null where the problem is not about one.</summary>
    public long? Row { get; init; }

    /// <summary>The level concerned, as text; null where the problem is not about one.</summary>
    public string? Level { get; init; }

    /// <summary>A sentence that names keys of the data, such as the key that was probably meant; null where there is none. JSON does not hold
    /// it.</summary>
    public string? Suggestion { get; init; }

    /// <summary>True where the level is one of the data, and not one that the caller asked for.</summary>
    internal bool IsLevelOfData { get; init; }

    /// <summary>The problem as one line: code, place, sentence, suggestion, remedy; control characters in names and keys escaped.</summary>
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
        text.Append(' ').Append(Sentence);
        if (Suggestion is not null)
            text.Append(' ').Append(Suggestion);
        return KeyText.Printed(text.Append(' ').Append(Remedy).ToString());
    }

    static Problem IJsonAnswer<Problem>.ReadFrom(JsonElement json) => new(json.Named<ProblemCode>("code"), json.Text("sentence"), json.Text("remedy"))
    {
        Term = json.OptionalText("term"),
        Row = json.OptionalWhole("row"),
        Level = json.OptionalText("level"),
    };

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("code", Code.ToString());
        writer.WriteString("sentence", Sentence);
        writer.WriteString("remedy", Remedy);
        WritePlace(writer);
        writer.WriteEndObject();
    }

    /// <summary>Term, row and level as members of an open object.</summary>
    internal void WritePlace(Utf8JsonWriter writer)
    {
        writer.WriteOptional("term", Term);
        writer.WriteOptional("row", Row);
        if (!IsLevelOfData)
            writer.WriteOptional("level", Level);
    }
}
