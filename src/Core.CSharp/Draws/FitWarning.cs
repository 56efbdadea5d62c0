using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling.Draws;

/// <summary>Something a reader of a posterior must know: what, how sure, what to do, as one or two sentences.</summary>
/// <param name="Code">Stable name, for programs.</param>
/// <param name="Message">The sentences.</param>
[JsonConverter(typeof(ReportJsonConverter))]
public sealed record FitWarning(FitWarningCode Code, string Message) : IJsonAnswer<FitWarning>
{
    /// <summary>The sentences.</summary>
    public override string ToString() => Message;

    static FitWarning IJsonAnswer<FitWarning>.ReadFrom(JsonElement json) => new(json.Named<FitWarningCode>("code"), json.Text("message"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("code", Code.ToString());
        writer.WriteString("message", Message);
        writer.WriteEndObject();
    }
}
