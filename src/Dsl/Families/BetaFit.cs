using System.Text.Json.Serialization;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A fitted model whose response lies strictly between 0 and 1: a share, a rate or a score.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public class BetaFit<TRow> : Fit<TRow>
{
    internal BetaFit(FitParts<TRow> parts)
        : base(parts)
    {
    }

    /// <summary>phi: responses of expectation mu have variance mu (1 - mu) / (1 + phi).</summary>
    public Quantity Precision => Scale(ParameterKind.Precision, null, string.Empty, null);

    /// <inheritdoc/>
    public override BetaFit<TRow> Thin(int draws) => (BetaFit<TRow>)base.Thin(draws);
}
