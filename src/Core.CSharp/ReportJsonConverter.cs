using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Draws;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>Problems, warnings, parameters and log evidence as JSON, by their attributes: <c>JsonSerializer.Serialize(problem)</c>.</summary>
/// <remarks>No reflection: it works in trimmed and native programs. It is public so that contexts of the source generator of System.Text.Json
/// find it. NaN is null, infinities are text. Thread-safe.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ReportJsonConverter : JsonConverterFactory
{
    private static readonly Dictionary<Type, JsonConverter> Converters = new()
    {
        [typeof(FitWarning)] = new JsonAnswerConverter<FitWarning>(),
        [typeof(LogEvidence)] = new JsonAnswerConverter<LogEvidence>(),
        [typeof(Parameter)] = new JsonAnswerConverter<Parameter>(),
        [typeof(Problem)] = new JsonAnswerConverter<Problem>(),
    };

    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeof(IJsonAnswer).IsAssignableFrom(typeToConvert);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        Converters.GetValueOrDefault(typeToConvert) ?? JsonAnswerWriter.Instance;
}
