using System.Text.Json.Serialization;

namespace TypedPooling.Samples.ScoringService;

/// <summary>What to do with a café that the data do not have.</summary>
[JsonConverter(typeof(NewCafesConverter))]
public enum NewCafes
{
    /// <summary>It is a new café: its prediction is as uncertain as cafés differ.</summary>
    Predict,

    /// <summary>The request is refused.</summary>
    Refuse,
}

/// <summary>By name: a number is refused, which could be that of no member.</summary>
public sealed class NewCafesConverter() : JsonStringEnumConverter<NewCafes>(namingPolicy: null, allowIntegerValues: false);
