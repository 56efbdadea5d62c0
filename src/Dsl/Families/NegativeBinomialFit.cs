using System.Text.Json.Serialization;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A fitted model whose response is a count of events that varies more than Poisson counts do.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public class NegativeBinomialFit<TRow> : Fit<TRow>
{
    internal NegativeBinomialFit(FitParts<TRow> parts)
        : base(parts)
    {
    }

    /// <summary>phi: counts of expectation mu have variance mu + mu^2 / phi; the larger, the nearer to Poisson counts. 1 / sqrt(phi) is the sd of the
    /// factor by which rates vary.</summary>
    public Quantity Shape => Scale(ParameterKind.Shape, null, string.Empty, null);

    /// <inheritdoc/>
    public override NegativeBinomialFit<TRow> Thin(int draws) => (NegativeBinomialFit<TRow>)base.Thin(draws);
}
