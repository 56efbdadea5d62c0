using System.Text.Json.Serialization;

namespace TypedPooling.Samples.ScoringService;

/// <summary>The bodies of the service, written and read by code that the compiler generates: no reflection.</summary>
[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CafeResponse))]
[JsonSerializable(typeof(FitResponse))]
[JsonSerializable(typeof(ModelException))]
[JsonSerializable(typeof(RefitResponse))]
[JsonSerializable(typeof(RowsRequest))]
[JsonSerializable(typeof(ScoreRequest))]
[JsonSerializable(typeof(ScoreResponse))]
public sealed partial class ServiceJson : JsonSerializerContext;
