using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A row of a comparison of models.</summary>
/// <param name="Name">Name of the model; <c>model 1</c> and so on, in the order given, where it has none.</param>
/// <param name="Estimate">Its expected log predictive density.</param>
/// <param name="Difference">elpd less that of the best model: 0 for the best, negative for the others.</param>
/// <param name="DifferenceSe">Standard error of the difference, from the differences observation by observation; 0 for the best.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record ComparedModel(string Name, ElpdEstimate Estimate, double Difference, double DifferenceSe) : IJsonAnswer
{
    /// <summary>The model's weight, from 0 to 1, in the mixture of the models' predictive distributions that predicts the observations best; the
    /// weights of all models add to 1. Source: [Yao2018].</summary>
    /// <remarks>Two models that predict alike share a weight, and a model that adds nothing to better ones has 0. Of samples of rows it is that of
    /// the sample.</remarks>
    public double StackingWeight { get; init; }

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteReal("difference", Difference);
        writer.WriteReal("differenceSe", DifferenceSe);
        writer.WriteReal("stackingWeight", StackingWeight);
        writer.WriteAnswer("estimate", Estimate);
        writer.WriteEndObject();
    }
}
