using System.Text.Json.Serialization;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A fitted model whose response is Gamma: positive, with a standard deviation in proportion to its mean.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public class GammaFit<TRow> : Fit<TRow>
{
    internal GammaFit(FitParts<TRow> parts)
        : base(parts)
    {
    }

    /// <summary>alpha: responses of expectation mu have variance mu^2 / alpha. 1 / sqrt(alpha) is their coefficient of variation.</summary>
    public Quantity Shape => Scale(ParameterKind.Shape, null, string.Empty, null);

    /// <inheritdoc/>
    public override GammaFit<TRow> Thin(int draws) => (GammaFit<TRow>)base.Thin(draws);
}
