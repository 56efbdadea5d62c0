using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;
using TypedPooling.Keys;
using TypedPooling.Responses;

namespace TypedPooling.Draws;

/// <summary>A row of the parameter table: what one scalar of the posterior is.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Term">Name of the term; empty for sigma and the second parameter of a response.</param>
[JsonConverter(typeof(ReportJsonConverter))]
public sealed record Parameter(ParameterKind Kind, string Term) : IJsonAnswer<Parameter>
{
    /// <summary>Name of the grouping factor; null for population effects, sigma and the second parameter of a response.</summary>
    public string? Factor { get; init; }

    /// <summary>Name of the second term of a correlation; null otherwise.</summary>
    public string? OtherTerm { get; init; }

    /// <summary>Number of the level of a varying effect; null otherwise.</summary>
    public int? Level { get; init; }

    /// <summary>The level of a varying effect as text; null otherwise.</summary>
    public string? LevelText { get; init; }

    /// <summary>True for the second parameter of a response: a shape, degrees of freedom or a precision.</summary>
    public bool IsResponseShape => IsShape(Kind);

    /// <summary>The parameter's name in tables, for example <c>sd(Cafe: Intercept)</c>.</summary>
    public string Name => Kind switch
    {
        ParameterKind.PopulationEffect => Term,
        ParameterKind.Sigma => "sigma",
        ParameterKind.Shape => "shape",
        ParameterKind.DegreesOfFreedom => "degrees of freedom",
        ParameterKind.Precision => "precision",
        ParameterKind.VaryingSd => $"sd({Factor}: {Term})",
        ParameterKind.VaryingCorrelation => $"cor({Factor}: {Term}, {OtherTerm})",
        _ => KeyText.Printed($"{Factor}[{LevelText}, {Term}]"),
    };

    internal static bool IsShape(ParameterKind kind) => kind is ParameterKind.Shape or ParameterKind.DegreesOfFreedom or ParameterKind.Precision;

    /// <summary>The second parameter of a response.</summary>
    /// <param name="shape">What the family says of it.</param>
    internal static Parameter OfShape(ResponseShape shape) => new(
        shape.Kind switch
        {
            ResponseShapeKind.DegreesOfFreedom => ParameterKind.DegreesOfFreedom,
            ResponseShapeKind.Precision => ParameterKind.Precision,
            ResponseShapeKind.Shape => ParameterKind.Shape,
            _ => throw new UnreachableException(),
        },
        string.Empty);

    /// <summary>The parameter's name.</summary>
    public override string ToString() => Name;

    static Parameter IJsonAnswer<Parameter>.ReadFrom(JsonElement json) => new(json.Named<ParameterKind>("kind"), json.Text("term"))
    {
        Factor = json.OptionalText("factor"),
        OtherTerm = json.OptionalText("otherTerm"),
        Level = json.OptionalInt("level"),
        LevelText = json.OptionalText("levelText"),
    };

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteString("kind", Kind.ToString());
        writer.WriteString("term", Term);
        writer.WriteOptional("factor", Factor);
        writer.WriteOptional("otherTerm", OtherTerm);
        writer.WriteOptional("level", Level);
        writer.WriteOptional("levelText", LevelText);
        writer.WriteEndObject();
    }
}
