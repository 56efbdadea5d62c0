using System.Text.Json.Serialization;

namespace TypedPooling;

/// <summary>A fitted model whose response is a number of successes.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public class BinomialFit<TRow> : Fit<TRow>
{
    internal BinomialFit(FitParts<TRow> parts)
        : base(parts)
    {
    }

    /// <inheritdoc/>
    public override BinomialFit<TRow> Thin(int draws) => (BinomialFit<TRow>)base.Thin(draws);
}
